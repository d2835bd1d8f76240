//! What `generate` did, in sentences on standard error.

use std::path::Path;

use delta_publish::Options;
use delta_publish::report::{Generated, SignatureFate, TypeGenerated, Unserved};
use repomd::files::{REPODATA, REPOMD};

use super::super::{reduced, signature};
use crate::args::Generate;
use crate::config::Target;
use crate::{messages, number};

/// The sentences, as far as they are wanted; last what was done, and what comes next.
pub(super) fn print(done: &Generated, target: &Target, history: &Path, args: &Generate) {
    let prefix = target.prefix();
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    reduced::warn(&done.reduced, &prefix, history);
    let is_later = target.settings.signing.is_later();
    signature::report(done.signature, &target.path, args.dry_run, args.report.quiet, is_later);
    if args.report.quiet {
        return;
    }
    for note in &done.notes {
        messages::note(format_args!("{prefix}{note}"));
    }
    if args.details.verbose {
        print_journal(done);
    }
    print_collected(done, args);
    let is_beyond = |of_type: &TypeGenerated| of_type.unserved == Some(Unserved::BeyondBudget);
    if done.types.iter().any(is_beyond)
        && let Some(text) = done.journal.as_ref().and_then(|journal| journal.beyond_budget)
    {
        messages::note(format_args!("{prefix}{}", beyond_budget(text, target, args)));
        messages::hint(format_args!("to serve them, run this again with `--budget {}`", enough(text)));
    }
    messages::say(format_args!("{prefix}{}", last_sentences(done, target, history, args)));
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
    let files = number::count(done.collected.len(), "delta file");
    messages::say(format_args!("{verb} {files} that no recent repomd.xml names"));
    if args.details.verbose {
        done.collected.iter().for_each(|file| messages::say(format_args!("{verb} `{file}`")));
    }
}

/// What was done, and what comes next.
fn last_sentences(done: &Generated, target: &Target, history: &Path, args: &Generate) -> String {
    let repomd = target.path.join(REPODATA).join(REPOMD);
    let repomd = repomd.display();
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
            next(done, ".")
        )
    } else if served > 0 {
        format!("Nothing changed: {} {} deltas", number::count(served, "type"), have(served))
    } else {
        format!("`{repomd}` lists no deltas{}", next(done, ""))
    };
    if args.dry_run { format!("Dry run, nothing was written: {did}") } else { did }
}

/// When there will be deltas, where there are none; after sentences that end in `end`.
fn next(done: &Generated, end: &str) -> String {
    let is_all = |why: Unserved| {
        let mut types = done.types.iter().filter(|of_type| of_type.skipped.is_none()).peekable();
        types.peek().is_some() && types.all(|of_type| of_type.unserved == Some(why))
    };
    if is_all(Unserved::NotAskedFor) {
        return ": neither journal nor deltas are asked for (`--no-journal`, `--no-deltas`)".to_owned();
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
