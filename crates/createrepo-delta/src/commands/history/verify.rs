//! `createrepo-delta history verify`.

use history::{Error, History, SetAside};
use serde::Serialize;

use super::KEEP_ALL;
use crate::args::Check;
use crate::exit::Status;
use crate::hints::{self, word};
use crate::progress::Bars;
use crate::table::Table;
use crate::{messages, number, output};

/// What `--json` prints.
#[derive(Serialize)]
struct Checked {
    types: Vec<OfType>,
    /// What is wrong with the record of published states.
    ledger: Vec<String>,
    /// The name under which it is kept, where it was set aside just now.
    ledger_set_aside: Option<String>,
}

#[derive(Serialize)]
struct OfType {
    #[serde(rename = "type")]
    data_type: String,
    generations: usize,
    damage: Vec<String>,
    set_aside: Vec<Aside>,
    /// Whether the history on disk is whole again; the exit status says so to
    /// programs.
    #[serde(skip)]
    forgotten: bool,
    /// What helps where nothing of the type can be read.
    #[serde(skip)]
    hint: Option<String>,
}

/// A file that was set aside, now or earlier.
#[derive(Serialize)]
struct Aside {
    name: String,
    size: u64,
}

pub(super) fn run(args: &Check) -> anyhow::Result<Status> {
    let mut history = History::read(&args.dir)?;
    if args.repair {
        history = History::open(&args.dir)?;
    }
    let ledger = delta_publish::ledger::check(&args.dir)?;
    let aside = if args.repair { delta_publish::ledger::repair(&history)? } else { None };
    let mut checked = Checked { types: Vec::new(), ledger, ledger_set_aside: aside };
    let bars = Bars::new(args.report.quiet);
    for data_type in history.types()? {
        bars.began_alone(&data_type, "checking");
        let found = check(&history, &data_type, args.repair);
        bars.end(&data_type);
        checked.types.push(match found {
            // What cannot be read now may be whole: nothing of it is forgotten.
            Err(error @ Error::File(_)) => unreadable(data_type, &error),
            other => other?,
        });
    }
    bars.clear();
    let printed = output::result(&args.report, &checked, || table(&checked).render());
    let status = conclude(&checked, args);
    printed.map(|()| status)
}

fn table(checked: &Checked) -> Table {
    let columns = ["TYPE", ">WHOLE GENERATIONS", ">DAMAGE"];
    let mut table = Table::new(&columns);
    for of_type in &checked.types {
        let (generations, damage) = (of_type.generations.to_string(), of_type.damage.len().to_string());
        table.row([of_type.data_type.clone(), generations, damage]);
    }
    table
}

fn check(history: &History, data_type: &str, repair: bool) -> Result<OfType, Error> {
    let mut track = history.track(data_type)?;
    track.verify()?;
    let mut forgotten = false;
    if repair {
        track.commit(&KEEP_ALL)?;
        forgotten = history.track(data_type)?.damage().is_empty();
    }
    let aside = |SetAside { name, len, .. }| Aside { name, size: len };
    Ok(OfType {
        data_type: data_type.to_owned(),
        generations: track.generations().len(),
        damage: track.damage().iter().map(ToString::to_string).collect(),
        set_aside: track.set_aside()?.into_iter().map(aside).collect(),
        forgotten,
        hint: None,
    })
}

fn unreadable(data_type: String, error: &Error) -> OfType {
    let damage = vec![format!("type `{data_type}` cannot be checked: {error}")];
    let hint = hints::of_history(error);
    OfType { data_type, generations: 0, damage, set_aside: Vec::new(), forgotten: false, hint }
}

fn conclude(checked: &Checked, args: &Check) -> Status {
    let dir = args.dir.display();
    let damaged: Vec<&OfType> = checked.types.iter().filter(|of_type| !of_type.damage.is_empty()).collect();
    let damage = || damaged.iter().flat_map(|of_type| &of_type.damage).chain(&checked.ledger);
    if damage().next().is_none() {
        if !args.report.quiet {
            messages::say(format_args!("`{dir}` is whole"));
            print_set_aside(checked, args);
        }
        return Status::Success;
    }
    if (args.repair || checked.ledger.is_empty()) && damaged.iter().all(|of_type| of_type.forgotten) {
        damage().for_each(messages::warning);
        messages::warning(format_args!("forgot what was damaged in `{dir}`"));
        return Status::Success;
    }
    damage().for_each(messages::problem);
    messages::problem(format_args!("`{dir}` is damaged in {}", number::count(damage().count(), "place")));
    let mut helping = damaged.iter().filter_map(|of_type| of_type.hint.as_ref()).peekable();
    if helping.peek().is_some() {
        helping.for_each(messages::hint);
    } else if args.repair {
        messages::hint("files that cannot be read are left as they are: mend that, and run this again");
    } else {
        messages::hint(format_args!(
            "`createrepo-delta history verify --repair {}` forgets what is damaged, and sets its files aside",
            word(&args.dir)
        ));
    }
    Status::Broken
}

/// Tells what was set aside after earlier damage, and is there still.
fn print_set_aside(checked: &Checked, args: &Check) {
    for of_type in checked.types.iter().filter(|of_type| !of_type.set_aside.is_empty()) {
        let files = number::count(of_type.set_aside.len(), "file");
        let bytes = number::bytes(of_type.set_aside.iter().map(|file| file.size).sum());
        let pattern = args.dir.join(&of_type.data_type).join("aside-*");
        messages::say(format_args!(
            "{files} of `{}` ({bytes}) were set aside after earlier damage and may be deleted: `{}`",
            of_type.data_type,
            pattern.display()
        ));
    }
}
