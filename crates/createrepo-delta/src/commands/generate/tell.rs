//! What `generate` did, in sentences on standard error.

use std::path::Path;

use delta_publish::report::{Generated, SignatureFate, TypeGenerated};
use repomd::files::{REPODATA, REPOMD};

use super::super::{reduced, signature};
use crate::args::Generate;
use crate::{messages, size};

/// Which repository it was done for.
pub(super) struct Subject<'s> {
    /// Its name, where it is one of several.
    pub(super) name: Option<&'s str>,
    /// The directory that holds repodata/.
    pub(super) repo: &'s Path,
    /// Its history.
    pub(super) history: &'s Path,
    /// Whether the caller signs next.
    pub(super) signs_later: bool,
}

/// The sentences, as far as they are wanted.
pub(super) fn tell(done: &Generated, subject: &Subject<'_>, args: &Generate) {
    let prefix = subject.name.map(|name| format!("{name}: ")).unwrap_or_default();
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    reduced::tell(&done.reduced, &prefix, subject.history);
    if !args.report.quiet {
        for note in &done.notes {
            messages::note(format_args!("{prefix}{note}"));
        }
        if args.details.verbose {
            tell_journals(done);
        }
        tell_collected(done, args);
        messages::note(format_args!("{prefix}{}", what_was_done(done, subject, args)));
    }
    signature::tell(done.signature, subject.repo, args.dry_run, args.report.quiet, subject.signs_later);
}

fn tell_journals(done: &Generated) {
    for (data_type, journal) in done.types.iter().filter_map(|t| Some((&t.data_type, t.journal.as_ref()?))) {
        messages::note(format_args!(
            "`{data_type}`: journal of {}: {} encoded ({} of text, {}), {} reused; a client reads {} to {}",
            size::count(journal.runs, "run"),
            size::count(journal.steps_encoded, "step"),
            size::human(journal.text_bytes),
            size::count(journal.anchors_encoded, "anchor"),
            journal.steps_reused,
            size::human(journal.reads.iter().min().copied().unwrap_or_default()),
            size::human(journal.reads.iter().max().copied().unwrap_or_default()),
        ));
    }
}

fn tell_collected(done: &Generated, args: &Generate) {
    if done.collected.is_empty() {
        return;
    }
    let verb = if args.dry_run { "would delete" } else { "deleted" };
    let files = size::count(done.collected.len(), "delta file");
    messages::note(format_args!("{verb} {files} that no recent repomd.xml names"));
    if args.details.verbose {
        done.collected.iter().for_each(|file| messages::note(format_args!("{verb} `{file}`")));
    }
}

/// The last sentence: what was done, and what comes next.
fn what_was_done(done: &Generated, subject: &Subject<'_>, args: &Generate) -> String {
    let repomd = subject.repo.join(REPODATA).join(REPOMD);
    let repomd = repomd.display();
    let listed = done.types.iter().filter(|of_type| is_listed(of_type)).count();
    let is = |does: &str, would: &str| if args.dry_run { format!("would {would}") } else { does.to_owned() };
    let did = if done.history_created && listed == 0 {
        let types = size::count(done.types.iter().filter(|t| t.skipped.is_none()).count(), "type");
        format!(
            "{} the first publish ({types}) in `{}`; deltas come with the next publishes",
            is("remembered", "remember"),
            subject.history.display()
        )
    } else if !done.changed && !done.reduced.is_empty() {
        format!("`{repomd}` {} as it is", is("stays", "stay"))
    } else if !done.changed && listed > 0 {
        format!("`{repomd}` is up to date: {} deltas", have(listed))
    } else if !done.changed {
        format!("`{repomd}` is up to date: it lists no deltas")
    } else if listed == 0 {
        format!("`{repomd}` {} no deltas any more", is("lists", "list"))
    } else {
        let next = if done.signature == SignatureFate::Signed { "" } else { "; sign it now" };
        let next = if args.dry_run { "" } else { next };
        format!("`{repomd}` {}: {} deltas{next}", is("is new", "be new"), have(listed))
    };
    if args.dry_run { format!("dry run: nothing was written; {did}") } else { did }
}

fn is_listed(of_type: &TypeGenerated) -> bool {
    let journal = of_type.journal.as_ref().and_then(|journal| journal.file.as_ref());
    journal.is_some() || of_type.deltas.iter().any(|delta| delta.file.is_some())
}

/// `1 type has`, `3 types have`.
fn have(types: usize) -> String {
    let verb = if types == 1 { "has" } else { "have" };
    format!("{} {verb}", size::count(types, "type"))
}
