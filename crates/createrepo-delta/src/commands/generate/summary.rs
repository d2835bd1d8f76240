//! What `generate` did, in sentences on standard error.

use std::path::Path;

use delta_publish::report::{Generated, SignatureFate, TypeGenerated};
use repomd::files::{REPODATA, REPOMD};

use super::super::{reduced, signature};
use crate::args::Generate;
use crate::config::Target;
use crate::{messages, number};

/// The sentences, as far as they are wanted.
pub(super) fn print(done: &Generated, target: &Target, history: &Path, args: &Generate) {
    let prefix = target.prefix();
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    reduced::warn(&done.reduced, &prefix, history);
    if !args.report.quiet {
        for note in &done.notes {
            messages::note(format_args!("{prefix}{note}"));
        }
        if args.details.verbose {
            print_journal(done);
        }
        print_collected(done, args);
        messages::note(format_args!("{prefix}{}", last_sentence(done, &target.path, history, args)));
    }
    let is_later = target.settings.signing.is_later();
    signature::report(done.signature, &target.path, args.dry_run, args.report.quiet, is_later);
}

fn print_journal(done: &Generated) {
    let Some(journal) = &done.journal else { return };
    messages::note(format_args!(
        "journal of {}: {} encoded ({} of text, {}), {} reused; a client of all types reads {} to {}",
        number::count(journal.runs, "run"),
        number::count(journal.steps_encoded, "step"),
        number::bytes(journal.text_bytes),
        number::count(journal.anchors_encoded, "anchor"),
        journal.steps_reused,
        number::bytes(journal.reads.iter().min().copied().unwrap_or_default()),
        number::bytes(journal.reads.iter().max().copied().unwrap_or_default()),
    ));
}

fn print_collected(done: &Generated, args: &Generate) {
    if done.collected.is_empty() {
        return;
    }
    let verb = if args.dry_run { "would delete" } else { "deleted" };
    let files = number::count(done.collected.len(), "delta file");
    messages::note(format_args!("{verb} {files} that no recent repomd.xml names"));
    if args.details.verbose {
        done.collected.iter().for_each(|file| messages::note(format_args!("{verb} `{file}`")));
    }
}

/// The last sentence: what was done, and what comes next.
fn last_sentence(done: &Generated, repo: &Path, history: &Path, args: &Generate) -> String {
    let repomd = repo.join(REPODATA).join(REPOMD);
    let repomd = repomd.display();
    let listed = done.types.iter().filter(|of_type| is_listed(of_type)).count();
    let is = |does: &str, would: &str| if args.dry_run { format!("would {would}") } else { does.to_owned() };
    let did = if done.history_created && listed == 0 && !done.changed {
        let types = number::count(done.types.iter().filter(|t| t.skipped.is_none()).count(), "type");
        format!(
            "{} the first publish ({types}) in `{}`; deltas come with the next publishes",
            is("remembered", "remember"),
            history.display()
        )
    } else if !done.changed && !done.reduced.is_empty() {
        format!("`{repomd}` {} as it is", is("stays", "stay"))
    } else if !done.changed && listed > 0 {
        format!("`{repomd}` is up to date: {} deltas", have(listed))
    } else if !done.changed {
        format!("`{repomd}` is up to date: it lists no deltas")
    } else if listed == 0 {
        let next = if done.signature == SignatureFate::Signed || args.dry_run { "" } else { "; sign it now" };
        format!("`{repomd}` {} no deltas any more{next}", is("lists", "list"))
    } else {
        let next = if done.signature == SignatureFate::Signed { "" } else { "; sign it now" };
        let next = if args.dry_run { "" } else { next };
        format!("`{repomd}` {}: {} deltas{next}", is("is new", "be new"), have(listed))
    };
    if args.dry_run { format!("dry run: nothing was written; {did}") } else { did }
}

fn is_listed(of_type: &TypeGenerated) -> bool {
    of_type.journal.is_some() || of_type.deltas.iter().any(|delta| delta.file.is_some())
}

/// `1 type has`, `3 types have`.
fn have(types: usize) -> String {
    let verb = if types == 1 { "has" } else { "have" };
    format!("{} {verb}", number::count(types, "type"))
}
