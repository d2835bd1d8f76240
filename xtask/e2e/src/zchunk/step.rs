//! A client of zchunk files goes from one publish to the next: by `update --exact`, and by
//! zchunk's own `zckdl`, from the same server.

use crate::cache::{report, without_proxies};
use crate::records::{self, Record};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::web::{Request, Server, Wire};
use xtask_common::{paths, process};

/// What types of zchunk files end with.
pub(crate) const TWIN: &str = "_zck";

/// Where repomd.xml is on a server.
const REPOMD: &str = "repodata/repomd.xml";

/// The client.
pub(crate) struct Client<'a> {
    /// The program under test.
    pub(crate) program: &'a Path,
    /// Starts a program of the system in which `zckdl` is.
    pub(crate) command: &'a dyn Fn(&str) -> Command,
    /// Where it keeps its files; not there before the first step.
    pub(crate) directory: PathBuf,
    /// Where `zckdl` leaves what it downloads.
    pub(crate) scratch: PathBuf,
    /// Paths of its files in the repository, by type.
    pub(crate) files: BTreeMap<String, String>,
}

/// How one file came.
pub(crate) struct Way {
    pub(crate) kind: String,
    /// As `update` calls it: `journal`, `full` and so on.
    pub(crate) path: String,
    pub(crate) reason: String,
    pub(crate) recipe: String,
    /// The size of the file.
    pub(crate) full: u64,
    pub(crate) ours: Wire,
    /// By `zckdl`.
    pub(crate) theirs: Wire,
}

/// How all came.
pub(crate) struct Step {
    pub(crate) ways: Vec<Way>,
    /// What `update` took besides, which is repomd.xml and its signature.
    pub(crate) ours: Wire,
    /// repomd.xml, without which nobody knows what to ask `zckdl` for.
    pub(crate) theirs: Wire,
    /// What the repository has.
    pub(crate) records: Vec<Record>,
    /// What `update` said.
    pub(crate) warnings: Vec<String>,
}

impl Step {
    /// Everything that either way took: ours, theirs.
    pub(crate) fn sums(&self) -> (Wire, Wire) {
        let mut sums = (self.ours, self.theirs);
        for way in &self.ways {
            sums.0 += way.ours;
            sums.1 += way.theirs;
        }
        sums
    }
}

impl Client<'_> {
    /// Fetches what `root`, which the server has, publishes now. Fails unless all zchunk files
    /// are the publisher's by both ways.
    pub(crate) fn step(&mut self, server: &Server, root: &Path) -> Result<Step> {
        let records = records::read(root)?;
        let twins: Vec<&Record> = records.iter().filter(|one| one.kind.ends_with(TWIN)).collect();
        ensure!(!twins.is_empty(), "`{}` has no zchunk file", root.display());
        server.log()?;
        server.get(&format!("/{REPOMD}"))?;
        for twin in &twins {
            self.zckdl(twin, server, root).with_context(|| format!("zckdl, {}", twin.kind))?;
        }
        let mut theirs = ByType::new(server)?;

        let types: Vec<&str> = twins.iter().map(|twin| twin.kind.as_str()).collect();
        let mut update = Command::new(self.program);
        update.args(["update", "--json", "--exact", "--types", &types.join(",")]);
        without_proxies(&mut update);
        let said = report(update.arg(server.url()).arg(&self.directory))?;
        ensure!(said["exact"] == true, "the copy is not exact: {said:#}");
        let mut ours = ByType::new(server)?;

        let reported = said["types"].as_array().context("the report has no types")?;
        let mut ways = Vec::new();
        for twin in &twins {
            same(&root.join(&twin.href), &self.directory.join(&twin.href))?;
            let one = reported.iter().find(|one| one["type"] == *twin.kind);
            let one = one.with_context(|| format!("the report has no {}: {said:#}", twin.kind))?;
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            ways.push(Way {
                kind: twin.kind.clone(),
                path: text("path"),
                reason: text("reason"),
                recipe: text("recipe"),
                full: one["bytes_full"].as_u64().context("no bytes_full")?,
                ours: ours.take(&twin.kind),
                theirs: theirs.take(&twin.kind),
            });
        }
        self.files = twins.iter().map(|twin| (twin.kind.clone(), twin.href.clone())).collect();
        let warnings = said["warnings"].as_array().context("the report has no warnings")?;
        let warnings = warnings.iter().map(ToString::to_string).collect();
        Ok(Step { ways, ours: ours.rest(), theirs: theirs.rest(), records, warnings })
    }

    /// Downloads a file of which the client has an older one, unless it has it already.
    fn zckdl(&self, twin: &Record, server: &Server, root: &Path) -> Result<()> {
        let Some(old) = self.files.get(&twin.kind).filter(|old| **old != twin.href) else { return Ok(()) };
        paths::make_empty(&self.scratch)?;
        let mut command = (self.command)("sh");
        command.args(["-euc", r#"cd "$1" && exec zckdl --quiet --source "$2" "$3""#, "zckdl"]);
        command.arg(&self.scratch).arg(self.directory.join(old)).arg(server.url() + &twin.href);
        without_proxies(&mut command);
        process::run(&mut command)?;
        let name = Path::new(&twin.href).file_name().context("a path without a name")?;
        same(&root.join(&twin.href), &self.scratch.join(name))
    }
}

/// Fails unless two files are the same.
fn same(one: &Path, two: &Path) -> Result<()> {
    process::run(Command::new("cmp").arg(one).arg(two)).map(drop)
}

/// What a server was asked for.
struct ByType(Vec<Request>);

impl ByType {
    /// Since the server was last asked.
    fn new(server: &Server) -> Result<Self> {
        Ok(Self(server.log()?))
    }

    /// Takes what was for files of a type, or of the one whose twin it is.
    fn take(&mut self, kind: &str) -> Wire {
        let start = format!("{}.", kind.trim_end_matches(TWIN));
        let has_type = |request: &mut Request| {
            let name = request.path().rsplit(['/', '-']).next().unwrap_or_default();
            name.starts_with(&start)
        };
        sum(self.0.extract_if(.., has_type))
    }

    /// What was not taken.
    fn rest(self) -> Wire {
        sum(self.0)
    }
}

fn sum(requests: impl IntoIterator<Item = Request>) -> Wire {
    requests.into_iter().fold(Wire::default(), |mut sum, request| {
        sum += request.wire;
        sum
    })
}
