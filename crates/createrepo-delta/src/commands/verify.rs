//! `createrepo-delta verify`, of one repository or of those of a configuration file.

use std::path::PathBuf;

use delta_publish::options::VerifyOptions;
use delta_publish::report::{SignatureFound, Verified};

use super::many::How;
use crate::args::Verify;
use crate::config::Target;
use crate::exit::Status;
use crate::settings::Settings;
use crate::table::{Table, or_dash};
use crate::{hints, messages, number};

pub(super) fn run(args: &Verify) -> anyhow::Result<Status> {
    let targets = args.repositories.targets(args.history.as_deref(), Settings::default(), false)?;
    let how = How::new(&args.repositories, &args.report, "verified");
    let verify = |target: &Target| {
        let options =
            VerifyOptions::default().with_keyring(keyring_of(args, target)).with_jobs(how.jobs(target));
        Ok(delta_publish::verify(&target.path, target.history.as_deref(), &options)?)
    };
    how.run(&targets, verify, |target, found, is_first| {
        let table = || table(found, target.history.is_some()).render();
        let printed = how.print(target, found, is_first, table);
        print_messages(found, target, keyring_of(args, target).is_some(), args.report.quiet);
        printed.map(|()| Status::of_verified(found))
    })
}

fn table(found: &Verified, with_history: bool) -> Table {
    let mut table = Table::new(&["TYPE", ">DELTAS", ">PROVEN", ">PROVEN BY JOURNAL"]);
    let known = |number: usize| or_dash(with_history.then(|| number.to_string()));
    for of_type in &found.types {
        table.row([
            of_type.data_type.clone(),
            of_type.deltas.to_string(),
            known(of_type.proven),
            known(of_type.journal_proven),
        ]);
    }
    table
}

/// The keys that may have signed.
fn keyring_of(args: &Verify, target: &Target) -> Option<PathBuf> {
    args.keyring.clone().or_else(|| target.settings.signing.keyring_file())
}

fn print_messages(found: &Verified, target: &Target, is_by_keyring: bool, quiet: bool) {
    let (prefix, repo) = (target.prefix(), &target.path);
    for problem in &found.problems {
        messages::problem(format_args!("{prefix}{problem}"));
    }
    if found.signature == SignatureFound::Stale && !is_by_keyring {
        messages::note(format_args!("{prefix}`--keyring` has the signature verified, which is what counts"));
    }
    for problem in &found.history_problems {
        messages::warning(format_args!("{prefix}{problem}"));
    }
    if let Some(history) = target.history.as_ref().filter(|_| !found.history_problems.is_empty()) {
        messages::hint(hints::of_history_problems(history));
    }
    if let (Some(older), Some(history)) = (&found.older, &target.history) {
        messages::warning(format_args!("{prefix}{older}"));
        messages::hint(hints::of_older(repo, history));
    }
    for reduction in &found.reduced {
        messages::warning(format_args!("{prefix}{}", reduction.message));
        messages::hint(hints::of_unlisted(repo, target.history.as_deref()));
    }
    if !quiet {
        for left in &found.left_alone {
            messages::note(format_args!("{prefix}not verified: {left}"));
        }
    }
    for file in &found.unnamed {
        messages::warning(format_args!(
            "{prefix}no state that is remembered names `{file}`; `generate` deletes it, at the latest after `--keep-states` publishes"
        ));
    }
    let shown = repo.display();
    let whole = whole(found);
    if !found.problems.is_empty() {
        let problems = number::count(found.problems.len(), "problem");
        messages::problem(format_args!("{prefix}`{shown}` has {problems}"));
        hints::of_problems(repo, target.history.as_deref(), found).iter().for_each(messages::hint);
    } else if !found.history_problems.is_empty() {
        messages::warning(format_args!("{prefix}`{shown}` is {whole}, but its history is not"));
    } else if !found.reduced.is_empty() {
        messages::warning(format_args!(
            "{prefix}`{shown}` is {whole}, but serves fewer deltas than were published"
        ));
    } else if !quiet {
        messages::say(format_args!("{prefix}`{shown}` is {whole}"));
    }
}

/// That it is whole, and whether anybody signed it.
fn whole(found: &Verified) -> String {
    match (found.signature, &found.signed_by) {
        (SignatureFound::Good, Some(fingerprint)) => format!("whole, signed by {fingerprint}"),
        (SignatureFound::Unverified, _) => {
            "whole; it has a signature, which was not verified: `--keyring` does that".to_owned()
        }
        _ => "whole".to_owned(),
    }
}
