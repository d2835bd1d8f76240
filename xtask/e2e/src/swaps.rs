//! repodata/ is replaced by somebody else while the program works on it.
//!
//! The program is stopped at many moments, meanwhile repodata/ becomes another
//! state of the repository, as `createrepo_c` or a mirror's rsync does it, and then
//! the program goes on. It must end with 0 or 75, whatever it found missing, and
//! the repository must be whole. `verify` may end with 3, too: of the other state the
//! history published nothing, and repomd.xml lists none of what it published.

use crate::bench::Bench;
use crate::records;
use crate::repository::{PLAIN, Repository};
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use xtask_common::{paths, process};

/// How many moments are tried for each command and way.
const MOMENTS: u32 = 60;
/// How often a parser of our own looks whether the repository is whole, besides
/// `verify`.
const LOOKS: u32 = 10;

const COMMANDS: [&str; 3] = ["generate", "strip", "verify"];

/// How repodata/ becomes another state.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// As `createrepo_c` ends: the old directory away, the new one in its place, the
    /// old one deleted.
    Swap,
    /// As rsync does it: new files, then repomd.xml, then old files deleted.
    InPlace,
}

/// What all races start from.
struct Course<'a> {
    bench: &'a Bench<'a>,
    /// repodata/ as the program finds it, by command.
    states: BTreeMap<&'static str, PathBuf>,
    /// The history that belongs to them.
    history: PathBuf,
    /// The other state's repodata/.
    other: PathBuf,
}

/// Every command, with both ways.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let course = Course::new(bench)?;
    for way in [Way::Swap, Way::InPlace] {
        for command in COMMANDS {
            course.races(command, way).with_context(|| format!("{command}, {way:?}"))?;
        }
    }
    Ok(())
}

impl<'a> Course<'a> {
    fn new(bench: &'a Bench<'a>) -> Result<Self> {
        let [first, second, third, fourth] = bench.first()?;
        let repository = Repository::new(bench, &PLAIN, "repo")?;
        for generation in [first, second] {
            repository.create(generation)?;
            repository.generate()?;
        }
        repository.ensure_deltas()?;
        let with_deltas = repository.keep(2)?;
        repository.create(third)?;
        let without = repository.keep(3)?;
        let other = Repository::new(bench, &PLAIN, "other")?;
        other.create(fourth)?;
        let states = BTreeMap::from([
            ("generate", without.join("repodata")),
            ("strip", with_deltas.join("repodata")),
            ("verify", with_deltas.join("repodata")),
        ]);
        Ok(Self {
            bench,
            states,
            history: repository.history().to_path_buf(),
            other: other.root.join("repodata"),
        })
    }

    /// A run for each moment of the time that an undisturbed one takes.
    fn races(&self, name: &str, way: Way) -> Result<()> {
        let mut command = self.set_up(name)?;
        let start = Instant::now();
        process::expect(&mut command, 0)?;
        let step = start.elapsed() / (MOMENTS - MOMENTS / 6);
        let mut statuses = BTreeMap::new();
        for moment in 0..MOMENTS {
            let mut command = self.set_up(name)?;
            let expected: &[i32] = if name == "verify" { &[0, 3, 75] } else { &[0, 75] };
            let status = self.race(&mut command, step * moment, way, expected)?;
            *statuses.entry(status).or_insert(0) += 1;
            let root = self.root();
            process::expect(self.bench.program().arg("verify").arg(&root), 0)
                .with_context(|| format!("moment {moment}: the repository is broken, status {status}"))?;
            if moment % (MOMENTS / LOOKS) == 0 {
                records::read(&root).with_context(|| format!("moment {moment}"))?;
            }
        }
        ensure!(statuses.contains_key(&75), "nothing was replaced under the program: {statuses:?}");
        self.bench.ok(format!("{name}, {way:?}: statuses and how often: {statuses:?}, always whole"));
        Ok(())
    }

    fn root(&self) -> PathBuf {
        self.bench.work.join("race")
    }

    /// Puts everything back to the start; the command to run then.
    fn set_up(&self, name: &str) -> Result<Command> {
        let root = self.root();
        let history = self.bench.work.join("race.history");
        for directory in [&root, &history] {
            paths::make_empty(directory)?;
        }
        let state = self.states.get(name).context("there is no state for the command")?;
        paths::copy_flat(state, &root.join("repodata"))?;
        paths::copy_flat(&self.other, &self.incoming())?;
        process::run(Command::new("cp").arg("-a").arg(self.history.join(".")).arg(&history))?;
        let mut command = self.bench.program();
        command.args([name, "--quiet", "--history"]).arg(history).arg(root);
        Ok(command)
    }

    /// A copy of the other state, which takes the place of repodata/.
    fn incoming(&self) -> PathBuf {
        self.bench.work.join("incoming")
    }

    /// Starts the command, and replaces repodata/ at the moment; the exit status, one of those expected.
    fn race(&self, command: &mut Command, moment: Duration, way: Way, expected: &[i32]) -> Result<i32> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let pid = child.id().to_string();
        thread::sleep(moment);
        // It may have ended: then nobody is to be stopped, and it is not waited for yet.
        process::run(Command::new("kill").args(["-STOP", &pid]))?;
        let replaced = self.replace(way);
        process::run(Command::new("kill").args(["-CONT", &pid]))?;
        let output = child.wait_with_output()?;
        replaced?;
        match output.status.code() {
            Some(status) if expected.contains(&status) => Ok(status),
            _ => bail!(
                "after {moment:?}: {}, expected one of {expected:?}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    fn replace(&self, way: Way) -> Result<()> {
        let repodata = self.root().join("repodata");
        match way {
            Way::Swap => {
                let old = self.bench.work.join("race.old");
                fs::rename(&repodata, &old)?;
                fs::rename(self.incoming(), &repodata)?;
                fs::remove_dir_all(old)?;
            }
            Way::InPlace => {
                let old = names(&repodata)?;
                let new = names(&self.incoming())?;
                let moved = |name: &String| fs::rename(self.incoming().join(name), repodata.join(name));
                new.iter().filter(|name| *name != "repomd.xml").try_for_each(moved)?;
                moved(&"repomd.xml".to_owned())?;
                let gone = old.iter().filter(|name| !new.contains(name));
                gone.map(|name| repodata.join(name)).try_for_each(fs::remove_file)?;
            }
        }
        Ok(())
    }
}

fn names(directory: &Path) -> Result<Vec<String>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}
