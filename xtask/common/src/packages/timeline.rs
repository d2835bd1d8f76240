//! What happens to the packages from generation to generation.

use super::calendar::{DAY, START};
use super::catalogue::{CATALOGUE, Entry};
use crate::random::Random;
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

/// Two generations are this many seconds apart.
const STEP: u64 = 6 * 3600 + 127;

/// One change between two generations.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The package appears.
    Add(&'static str),
    /// A new version with a changelog entry.
    Update(&'static str),
    /// The same version built again: only times and checksums change.
    Rebuild(&'static str),
    /// The same file with a new modification time.
    Touch(&'static str),
    /// The package disappears.
    Remove(&'static str),
    /// The same file under a second name.
    Twin(&'static str),
    /// The file moves into a directory.
    Move(&'static str, &'static str),
    /// The file that was there before the last update comes back.
    RollBack(&'static str),
}

/// Packages that are not there from the start.
const LATE: &[&str] = &["hazelnut", "python3-thimble", "thimble", "willowbark"];

/// What happens before generation 1, 2, 3 and so on.
const EVENTS: &[(&str, &[Event])] = {
    use Event::{Add, Move, Rebuild, Remove, RollBack, Touch, Twin, Update};
    &[
        (
            "two packages added, three updated",
            &[
                Add("thimble"),
                Add("python3-thimble"),
                Update("brambleshell"),
                Update("emberlog"),
                Update("libquartz"),
            ],
        ),
        (
            "four updated, two rebuilt",
            &[
                Update("amberfold"),
                Update("juniperdb"),
                Update("juniperdb-doc"),
                Update("meadowlark-maps"),
                Rebuild("quartzctl"),
                Rebuild("libquartz-devel"),
            ],
        ),
        ("nothing changed, metadata made again", &[]),
        (
            "two removed, three updated",
            &[
                Remove("candlewick"),
                Remove("saltmarsh"),
                Update("brambleshell"),
                Update("dappleview-themes"),
                Update("python3-juniper"),
            ],
        ),
        (
            "fourteen rebuilt, nothing else",
            &[
                Rebuild("libamberfold"),
                Rebuild("libamberfold-devel"),
                Rebuild("libjuniper"),
                Rebuild("libjuniper-devel"),
                Rebuild("libmossgraph"),
                Rebuild("libmossgraph-devel"),
                Rebuild("libquartz"),
                Rebuild("libquartz-devel"),
                Rebuild("libtinrelay"),
                Rebuild("libtinrelay-devel"),
                Rebuild("python3-amberfold"),
                Rebuild("python3-fernpath"),
                Rebuild("python3-juniper"),
                Rebuild("python3-mossgraph"),
            ],
        ),
        ("one package under two file names, one updated", &[Twin("libmossgraph-devel"), Update("ironweed")]),
        (
            "one moved into a directory, two updated",
            &[Move("gravelpit", "media"), Update("pebblesync"), Update("vellumpress")],
        ),
        (
            "two added, three updated",
            &[
                Add("hazelnut"),
                Add("willowbark"),
                Update("harborctl"),
                Update("libtinrelay"),
                Update("tinrelay"),
            ],
        ),
        (
            "ten files with a new modification time",
            &[
                Touch("amberfold-doc"),
                Touch("coppermine-fonts"),
                Touch("driftwood"),
                Touch("emberlog-doc"),
                Touch("flintlock"),
                Touch("kelpforest"),
                Touch("marshlight"),
                Touch("nettlework"),
                Touch("rookery"),
                Touch("weathervane"),
            ],
        ),
        ("one rolled back, one removed", &[RollBack("harborctl"), Remove("cinderblock")]),
        (
            "four updated, one added again",
            &[
                Add("candlewick"),
                Update("brambleshell"),
                Update("fernpath"),
                Update("python3-fernpath"),
                Update("umberpaint"),
            ],
        ),
        (
            "three updated, one moved back",
            &[Update("emberlog"), Update("lanternfish"), Update("quillfeather"), Move("gravelpit", "")],
        ),
    ]
};

/// One entry of a package's changelog.
#[derive(Clone, Debug)]
pub struct Release {
    /// The upstream version.
    pub version: String,
    /// Seconds since 1970.
    pub time: u64,
}

/// One build of a package: everything that its file is made from.
#[derive(Clone, Debug)]
pub struct Build {
    /// The package.
    pub entry: Entry,
    /// The packaging release number.
    pub release: usize,
    /// When it was built, seconds since 1970.
    pub built: u64,
    /// All versions so far, oldest first; never empty.
    pub releases: Vec<Release>,
}

impl Build {
    /// The version that this build has.
    pub fn version(&self) -> &str {
        self.releases.last().map_or("0", |last| &last.version)
    }

    /// The usual file name.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.demo.noarch.rpm", self.entry.name, self.version(), self.release)
    }
}

/// One file of the repository.
#[derive(Clone, Debug)]
pub struct Placed {
    /// What is in it.
    pub build: Build,
    /// Its path in the repository.
    pub path: String,
    /// Its modification time.
    pub modified: u64,
}

/// The repository at one time.
#[derive(Clone, Debug)]
pub struct Generation {
    /// 0, 1, 2 and so on.
    pub number: usize,
    /// When its metadata is made, seconds since 1970.
    pub time: u64,
    /// What happened since the one before.
    pub what: &'static str,
    /// Its files.
    pub files: Vec<Placed>,
}

#[derive(Clone, Debug)]
struct State {
    build: Build,
    before: Option<Build>,
    modified: u64,
    directory: &'static str,
    twin: bool,
}

/// All generations, oldest first.
pub fn generations() -> Result<Vec<Generation>> {
    let mut states = BTreeMap::new();
    for entry in CATALOGUE {
        if !LATE.contains(&entry.name) {
            states.insert(entry.name, first(*entry, START));
        }
    }
    let mut all = vec![snapshot(0, "the first generation", &states)];
    for (index, (what, events)) in EVENTS.iter().enumerate() {
        let time = all[index].time + STEP;
        for event in *events {
            apply(&mut states, *event, time).with_context(|| format!("{event:?}"))?;
        }
        all.push(Generation { time, ..snapshot(index + 1, what, &states) });
    }
    Ok(all)
}

fn first(entry: Entry, time: u64) -> State {
    let mut random = Random::from_text(&format!("past {}", entry.name));
    let (major, mut minor) = (random.remainder(6), random.remainder(12));
    let mut releases = Vec::new();
    let count = 2 + random.remainder(9);
    for age in (0..count as u64).rev() {
        minor += 1 + random.remainder(2);
        let patch = random.remainder(5);
        releases.push(Release {
            version: format!("{major}.{minor}.{patch}"),
            time: time - (age * 23 + 2) * DAY - random.remainder(80_000) as u64,
        });
    }
    let built = releases.last().map_or(time, |last| last.time);
    State {
        build: Build { entry, release: 1, built, releases },
        before: None,
        modified: built + 611,
        directory: "",
        twin: false,
    }
}

fn apply(states: &mut BTreeMap<&str, State>, event: Event, time: u64) -> Result<()> {
    let built = time - 1800;
    if let Event::Add(name) = event {
        let entry = super::catalogue::find(name).context("it is not in the catalogue")?;
        states.insert(entry.name, first(entry, time));
        return Ok(());
    }
    let (Event::Add(name)
    | Event::Update(name)
    | Event::Rebuild(name)
    | Event::Touch(name)
    | Event::Remove(name)
    | Event::Twin(name)
    | Event::Move(name, _)
    | Event::RollBack(name)) = event;
    let state = states.get_mut(name).context("it is not there")?;
    match event {
        Event::Add(_) => {}
        Event::Update(_) => {
            state.before = Some(state.build.clone());
            state.build.releases.push(Release { version: next_version(state.build.version()), time: built });
            state.build.built = built;
            state.modified = built + 240;
        }
        Event::Rebuild(_) => {
            state.build.built = built;
            state.modified = built + 240;
        }
        Event::Touch(_) => state.modified = time - 60,
        Event::Remove(_) => {
            states.remove(name);
        }
        Event::Twin(_) => state.twin = true,
        Event::Move(_, directory) => state.directory = directory,
        Event::RollBack(_) => {
            state.build = state.before.take().context("there is nothing before it")?;
            state.modified = state.build.built + 611;
        }
    }
    Ok(())
}

fn next_version(version: &str) -> String {
    let (rest, last) = version.rsplit_once('.').unwrap_or((version, "0"));
    format!("{rest}.{}", last.parse::<u32>().unwrap_or(0) + 1)
}

fn snapshot(number: usize, what: &'static str, states: &BTreeMap<&str, State>) -> Generation {
    let mut files = Vec::new();
    for state in states.values() {
        let name = state.build.file_name();
        let directory = match state.directory {
            "" => "Packages".to_owned(),
            inner => format!("Packages/{inner}"),
        };
        files.push(Placed {
            build: state.build.clone(),
            path: format!("{directory}/{name}"),
            modified: state.modified,
        });
        if state.twin {
            files.push(Placed {
                build: state.build.clone(),
                path: format!("{directory}/compat-{name}"),
                modified: state.modified,
            });
        }
    }
    Generation { number, time: START, what, files }
}
