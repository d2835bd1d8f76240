//! What `generate` did, in sentences on standard error.

use std::path::Path;

use delta_publish::Options;
use delta_publish::report::{Generated, SignatureFate, TypeGenerated, Unserved};
use repomd::files::{REPODATA, REPOMD};

use super::super::{reduced, signature};
use crate::args::Generate;
use crate::config::Target;
use crate::{hints, messages, number};

/// The sentences, as far as they are wanted; last what was done, and what comes next.
pub(super) fn print(done: &Generated, target: &Target, history: &Path, args: &Generate) {
    let prefix = target.prefix();
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    if let Some(older) = &done.older {
        messages::warning(format_args!("{prefix}{older}"));
        messages::hint(hints::of_older(&target.path, history));
    }
    reduced::warn(&done.reduced, &prefix, history);
    let is_later = target.settings.signing.is_later();
    signature::report(done.signature, &target.path, args.dry_run, args.report.quiet, is_later);
    print_beyond_budget(done, target, args);
    if args.report.quiet {
        return;
    }
    for note in &done.notes {
        messages::note(format_args!("{prefix}{note}"));
    }
    if args.details.verbose {
        print_journal(done);
    }
    if is_only_primary_without(done) {
        messages::note(format_args!(
            "{prefix}only `primary` has no delta, as after packages were copied without their times"
        ));
        messages::hint(
            "if they were, keep the times by `cp -p` or `rsync -t`: clients then download less of `primary`",
        );
    }
    print_collected(done, args);
    messages::say(format_args!("{prefix}{}", last_sentences(done, target, history, args)));
}

/// That nobody is served because of the budget; also with `--quiet`.
fn print_beyond_budget(done: &Generated, target: &Target, args: &Generate) {
    let is_beyond = |of_type: &TypeGenerated| of_type.unserved == Some(Unserved::BeyondBudget);
    if done.types.iter().any(is_beyond)
        && let Some(text) = done.journal.as_ref().and_then(|journal| journal.beyond_budget)
    {
        messages::warning(format_args!("{}{}", target.prefix(), beyond_budget(text, target, args)));
        messages::hint(format_args!("to serve them, run this again with `--budget {}`", enough(text)));
    }
}

/// Whether there are deltas of format 1 of the other types that `createrepo_c` always writes, and of new content of
/// primary there is none: only primary has the times of files.
fn is_only_primary_without(done: &Generated) -> bool {
    let of_type = |name: &str| done.types.iter().find(|of_type| of_type.data_type == name);
    let has_delta = |of_type: &TypeGenerated| of_type.deltas.iter().any(|delta| delta.file.is_some());
    let primary = of_type("primary");
    primary.is_some_and(|primary| primary.recorded && primary.generations > 1 && !has_delta(primary))
        && ["filelists", "other"].into_iter().all(|name| of_type(name).is_some_and(has_delta))
}

fn beyond_budget(text: u64, target: &Target, args: &Generate) -> String {
    format!(
        "this publish changes about {}, and `--budget` is {}: clients of past publishes download full files",
        number::bytes(text),
        number::bytes(target.settings.options(args.dry_run).budget)
    )
}

/// A budget within which so much text is encoded, as the option takes it.
fn enough(text: u64) -> String {
    let megabytes = Options::budget_for_journal(text).div_ceil(1 << 20).saturating_add(1);
    format!("{megabytes}M")
}

fn print_journal(done: &Generated) {
    let Some(journal) = &done.journal else { return };
    messages::say(format_args!(
        "journal of {}: {} encoded ({} of text, {}), {} reused",
        number::count(journal.runs, "run"),
        number::count(journal.steps_encoded, "step"),
        number::bytes(journal.text_bytes),
        number::count(journal.anchors_encoded, "anchor"),
        journal.steps_reused,
    ));
}

fn print_collected(done: &Generated, args: &Generate) {
    if done.collected.is_empty() {
        return;
    }
    let verb = if args.dry_run { "would delete" } else { "deleted" };
    let files = number::files(&done.collected);
    messages::say(format_args!("{verb} {files} that no recent repomd.xml names"));
    if args.details.verbose {
        done.collected.iter().for_each(|file| messages::say(format_args!("{verb} `{file}`")));
    }
}

/// What was done, and what comes next.
fn last_sentences(done: &Generated, target: &Target, history: &Path, args: &Generate) -> String {
    let repomd = target.path.join(REPODATA).join(REPOMD);
    let repomd = repomd.display();
    let options = target.settings.options(args.dry_run);
    let served = done.types.iter().filter(|of_type| is_listed(of_type)).count();
    let is = |does: &str, would: &str| if args.dry_run { format!("would {would}") } else { does.to_owned() };
    let is_signed_by_others = target.settings.signing.is_later();
    let was_signed = matches!(done.signature, SignatureFate::Removed | SignatureFate::Missing);
    let sign = if was_signed && !args.dry_run && !is_signed_by_others {
        format!(". Sign `{repomd}` now.")
    } else {
        String::new()
    };
    let did = if !done.changed && !done.reduced.is_empty() {
        format!("`{repomd}` {} as it is", is("stays", "stay"))
    } else if done.changed && served > 0 {
        format!("{} {} deltas{sign}", number::count(served, "type"), is(have(served), "have"))
    } else if done.changed {
        format!("`{repomd}` {} no deltas any more{sign}", is("lists", "list"))
    } else if done.history_created {
        let types = done.types.iter().filter(|of_type| of_type.skipped.is_none()).count();
        let types = number::count(types, "type");
        let history = history.display();
        format!(
            "{} the first publish ({types}) in `{history}`{}",
            is("Remembered", "remember"),
            next(done, &options, ".")
        )
    } else if let Some(files) = made_again(done) {
        format!(
            "`{repomd}` {} as it is; {} {files}, missing or damaged before",
            is("stays", "stay"),
            is("made", "make")
        )
    } else if served > 0 {
        format!("Nothing changed: {} {} deltas", number::count(served, "type"), have(served))
    } else {
        format!("`{repomd}` lists no deltas{}", next(done, &options, ""))
    };
    if args.dry_run { format!("Dry run, nothing was written: {did}") } else { did }
}

/// The files that a repomd.xml which stays as it is named already, and that were made; nothing where there are none.
fn made_again(done: &Generated) -> Option<String> {
    let types = done.types.iter().filter(|of_type| of_type.shared_with.is_none());
    let deltas = types.flat_map(|of_type| &of_type.deltas).filter(|delta| delta.written);
    let journal = done.journal.iter().filter(|journal| journal.written);
    let files = deltas.map(|delta| &delta.file).chain(journal.map(|journal| &journal.file));
    let files: Vec<String> = files.filter_map(Clone::clone).collect();
    (!files.is_empty()).then(|| number::files(&files))
}

/// When there will be deltas, where there are none; after sentences that end in `end`.
fn next(done: &Generated, options: &Options, end: &str) -> String {
    let is_all = |why: Unserved| {
        let mut types = done.types.iter().filter(|of_type| of_type.skipped.is_none()).peekable();
        types.peek().is_some() && types.all(|of_type| of_type.unserved == Some(why))
    };
    if is_all(Unserved::NotAskedFor) {
        return ": neither journal nor deltas are asked for (`--no-journal`, `--no-deltas`)".to_owned();
    }
    let keep = options.retention.generations;
    if is_all(Unserved::FirstPublish) && keep < 2 {
        return format!(
            "{end}\nNo deltas, now and later: `--keep {keep}` remembers the current publish alone."
        );
    }
    if is_all(Unserved::FirstPublish) {
        return format!("{end}\nNo deltas yet: the next run that finds a change lists them.");
    }
    String::new()
}

fn is_listed(of_type: &TypeGenerated) -> bool {
    of_type.journal.is_some() || of_type.deltas.iter().any(|delta| delta.file.is_some())
}

fn have(types: usize) -> &'static str {
    if types == 1 { "has" } else { "have" }
}
