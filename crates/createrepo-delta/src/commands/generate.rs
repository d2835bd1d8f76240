//! `createrepo-delta generate`.

use std::path::PathBuf;

use delta_publish::{DeltaGenerated, Generated, Options, TypeGenerated, Windows};

use super::signature;
use crate::args::Generate;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::table::{Align, Table};
use crate::{messages, output, places, size, time};

pub(super) fn run(args: &Generate) -> anyhow::Result<Status> {
    let history = history(args)?;
    places::refuse_history_inside(&args.repo, &history)?;
    let done = delta_publish::generate(&args.repo, &history, &options(args))?;
    for warning in &done.warnings {
        messages::warning(warning);
    }
    if args.report.json {
        output::json(&done)?;
    } else if !args.report.quiet {
        output::text(&table(&done, args).render())?;
    }
    if !args.report.quiet {
        tell(&done, args);
    }
    signature::tell(done.signature, &args.repo, args.dry_run, args.report.quiet);
    Ok(Status::Done)
}

fn history(args: &Generate) -> Result<PathBuf, Refusal> {
    args.history.clone().ok_or_else(|| {
        Refusal::usage("no history is given, so there is nothing to make deltas from").hint(
            "name the directory in which past generations are remembered, outside the repository: \
             `--history /var/lib/createrepo-delta/NAME`",
        )
    })
}

fn options(args: &Generate) -> Options {
    let mut options = Options::default();
    if let Some(types) = &args.types {
        options.types.clone_from(types);
    }
    if let Some(sizes) = &args.sizes {
        options.windows = Windows::Thresholds(sizes.clone());
    } else if let Windows::Cheapest { most, half_life } = &mut options.windows {
        *most = args.windows.unwrap_or(*most);
        *half_life = args.half_life;
    }
    if let Some(max_size) = args.max_size {
        options.max_size = max_size;
    }
    if let Some(keep_states) = args.keep_states {
        options.keep_states = keep_states;
    }
    options.retention = args.keep.retention();
    options.signing = args.signing.signing();
    options.dry_run = args.dry_run;
    options
}

/// One row per delta, or one for a type that has none.
fn table(done: &Generated, args: &Generate) -> Table {
    let mut columns = vec![
        ("TYPE", Align::Left),
        ("FULL", Align::Right),
        ("DELTA", Align::Right),
        ("SHARE", Align::Right),
        ("SERVES", Align::Right),
        ("SINCE (UTC)", Align::Left),
        ("STATE", Align::Left),
    ];
    if args.details.verbose {
        columns.extend([("LITERALS", Align::Right), ("FILE", Align::Left)]);
    }
    let mut table = Table::new(&columns);
    for of_type in &done.types {
        let mut first = [of_type.data_type.clone(), full(of_type)];
        if of_type.deltas.is_empty() {
            let [name, full] = first.clone();
            let none = ["-", "-", "-", "-"].map(str::to_owned);
            table.row([name, full].into_iter().chain(none).chain([why_none(of_type)]));
        }
        for delta in &of_type.deltas {
            let mut cells = vec![
                size::human(delta.size),
                size::percent(delta.size, of_type.full_size),
                size::count(delta.generations, "generation"),
                time::utc(delta.timestamp),
                state(delta, args.dry_run).to_owned(),
            ];
            if args.details.verbose {
                cells.push(size::human(delta.literal_bytes));
                cells.extend(delta.file.clone());
            }
            table.row(std::mem::take(&mut first).into_iter().chain(cells));
        }
    }
    table
}

fn full(of_type: &TypeGenerated) -> String {
    if of_type.skipped.is_some() { "-".to_owned() } else { size::human(of_type.full_size) }
}

fn why_none(of_type: &TypeGenerated) -> String {
    match &of_type.skipped {
        Some(why) => format!("left alone: {why}"),
        None if of_type.generations <= 1 => "first generation".to_owned(),
        None => "no older generation to serve".to_owned(),
    }
}

fn state(delta: &DeltaGenerated, dry_run: bool) -> &'static str {
    match (dry_run, &delta.file, delta.written) {
        (true, ..) => "estimated",
        (false, None, _) => "too large",
        (false, Some(_), true) => "new",
        (false, Some(_), false) => "in place",
    }
}

fn tell(done: &Generated, args: &Generate) {
    if !done.collected.is_empty() {
        let files = size::count(done.collected.len(), "delta file");
        messages::note(format_args!("deleted {files} that no recent repomd.xml names"));
        if args.details.verbose {
            done.collected.iter().for_each(|file| messages::note(format_args!("deleted `{file}`")));
        }
    }
    let repomd = args.repo.join("repodata/repomd.xml");
    let repomd = repomd.display();
    messages::note(match (args.dry_run, done.changed) {
        (true, true) => format!("dry run: nothing was written; `{repomd}` would change"),
        (true, false) => format!("dry run: nothing was written; `{repomd}` would stay as it is"),
        (false, true) => format!("`{repomd}` lists the deltas"),
        (false, false) => format!("`{repomd}` is up to date"),
    });
}
