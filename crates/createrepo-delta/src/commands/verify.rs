//! `createrepo-delta verify`.

use delta_publish::Verified;

use crate::args::Verify;
use crate::exit::Status;
use crate::table::{Align, Table};
use crate::{messages, output, size};

pub(super) fn run(args: &Verify) -> anyhow::Result<Status> {
    let found = delta_publish::verify(&args.repo, args.history.as_deref())?;
    if args.report.json {
        output::json(&found)?;
    } else if !args.report.quiet {
        let mut table = Table::new(&[
            ("TYPE", Align::Left),
            ("DELTAS", Align::Right),
            ("PROVEN", Align::Right),
            ("PROVEN BY JOURNAL", Align::Right),
        ]);
        let known = |number: usize| args.history.as_ref().map_or("-".to_owned(), |_| number.to_string());
        for of_type in &found.types {
            table.row([
                of_type.data_type.clone(),
                of_type.deltas.to_string(),
                known(of_type.proven),
                known(of_type.journal_proven),
            ]);
        }
        output::text(&table.render())?;
    }
    found.problems.iter().for_each(messages::problem);
    found.history_problems.iter().for_each(messages::warning);
    for file in &found.unnamed {
        messages::warning(format_args!("no state that is remembered names `{file}`; `generate` deletes it"));
    }
    conclude(&found, args);
    Ok(Status::of_verified(&found))
}

fn conclude(found: &Verified, args: &Verify) {
    let repo = args.repo.display();
    if !found.problems.is_empty() {
        let problems = size::count(found.problems.len(), "problem");
        messages::problem(format_args!("`{repo}` has {problems}"));
        messages::hint(
            "`createrepo-delta generate` makes damaged deltas again; damaged metadata is for `createrepo_c`",
        );
    } else if !found.history_problems.is_empty() {
        messages::warning(format_args!("`{repo}` is whole, but its history is not"));
    } else if !args.report.quiet {
        messages::note(format_args!("`{repo}` is whole"));
    }
}
