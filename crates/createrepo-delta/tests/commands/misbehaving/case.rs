//! A repository behind the server, a cache, and what is true of both.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use codec::{Digest, Expect, OpenReader};
use repomd::{Checksum, Record, Repomd};
use serde_json::Value;

use crate::server::{Reply, Server};
use crate::support::{Bench, Ran, TYPES, open, program, run};

/// Pauses and time-outs that make tests quick.
const QUICK: [&str; 4] = ["--retries", "1", "--connect-timeout", "2s"];

/// Every way of not giving a file that says so, with what the message has.
fn refusals() -> Vec<(&'static str, Reply, &'static str)> {
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());
    vec![
        ("404", Reply::Status(404), "expected status 200, found 404 Not Found"),
        ("403", Reply::Status(403), "expected status 200, found 403 Forbidden"),
        ("500", Reply::Status(500), "expected status 200, found 500 Internal Server Error"),
        ("truncated", Reply::Truncated(20), "found an end after 20"),
        ("silent", Reply::Silent, "within 2 s"),
        ("stalled", Reply::Stall(20), "expected data within 2 s, found none"),
        ("hung up", Reply::HangUp, "the server closed the connection without an answer"),
        ("loop", Reply::Redirect(302, "?again".into()), "expected at most 5 redirects"),
        ("file:", Reply::Redirect(302, "file:///etc/passwd".into()), "expected scheme http or https"),
        ("ftp:", Reply::Redirect(301, "ftp://127.0.0.1/x".into()), "expected scheme http or https"),
        (
            "transfer encoding",
            raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\nxxxx\r\n0\r\n\r\n"),
            "found transfer encoding `gzip`",
        ),
        ("not HTTP", raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "cannot fetch"),
    ]
}

/// Tries each of the refusals, some at the same time: most of them wait.
pub(crate) fn try_refusals(attempt: impl Fn(&'static str, Reply, &'static str) + Sync) {
    let waiting = Mutex::new(refusals());
    let next = || waiting.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((name, reply, says)) = next() {
                    attempt(name, reply, says);
                }
            });
        }
    });
}

/// Whether a refusal is worth a second attempt.
pub(crate) fn is_transient(name: &str) -> bool {
    matches!(name, "500" | "truncated" | "silent" | "stalled" | "hung up")
}

/// The parts of a test.
pub(crate) struct Case {
    pub(crate) bench: Bench,
    pub(crate) server: Server,
    /// repomd.xml of each version as it was published.
    published: BTreeMap<u64, Vec<u8>>,
}

impl Case {
    /// Version 1 is published, and nothing is held.
    pub(crate) fn new() -> Self {
        let bench = Bench::new();
        let server = Server::start(&bench.repo());
        let mut case = Self { bench, server, published: BTreeMap::new() };
        case.publish(1);
        case
    }

    /// Version 1 is held, and version 2 is published with deltas.
    pub(crate) fn behind() -> Self {
        let mut case = Self::new();
        case.update(&[]).expect(0);
        case.publish(2);
        case.server.take_paths();
        case
    }

    /// Publishes a version, with deltas from those before.
    pub(crate) fn publish(&mut self, version: u64) {
        self.bench.publish(version);
        self.note(version);
    }

    /// The repomd.xml that is there now is that of this version.
    pub(crate) fn note(&mut self, version: u64) {
        self.published.insert(version, fs::read(self.bench.repomd()).unwrap());
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.bench.path("cache")
    }

    /// The command, patient for two seconds.
    pub(crate) fn command(&self, options: &[&str]) -> Command {
        self.patient("2s", options)
    }

    /// The command, with this time-out.
    pub(crate) fn patient(&self, timeout: &str, options: &[&str]) -> Command {
        let mut command = program("update");
        for variable in ["http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"] {
            command.env_remove(variable);
        }
        command
            .args(QUICK)
            .args(["--timeout", timeout, "--json"])
            .args(options)
            .arg(self.server.url())
            .arg(self.cache());
        command
    }

    pub(crate) fn update(&self, options: &[&str]) -> Ran {
        run(&mut self.command(options))
    }

    /// The path on the server of the full file of a type, or of its newest delta.
    pub(crate) fn path(&self, data_type: &str, delta: bool) -> String {
        if delta { self.deltas(data_type).remove(0) } else { self.record(data_type).1 }
    }

    /// The paths of all deltas of a type, the newest first.
    pub(crate) fn deltas(&self, data_type: &str) -> Vec<String> {
        let (record, _) = self.record(data_type);
        record.usable_deltas().map(|delta| delta.location.to_string()).collect()
    }

    fn record(&self, data_type: &str) -> (Record, String) {
        let repomd = Repomd::parse(&fs::read(self.bench.repomd()).unwrap()).unwrap();
        let record = repomd.record(data_type).unwrap();
        (record.clone(), record.local_location().unwrap().to_string())
    }

    /// What was asked for since this was last asked, without checksums in
    /// names, sorted.
    pub(crate) fn fetched(&self) -> Vec<String> {
        // The log has a request before its answer is complete.
        std::thread::sleep(Duration::from_millis(20));
        let mut names: Vec<String> = self.server.take_paths().iter().map(|path| short(path)).collect();
        names.sort();
        names
    }

    /// Fails unless the cache is at this version as a whole, all that it says
    /// is true, and nothing else lies there. 0 is a cache without a state.
    #[track_caller]
    pub(crate) fn expect_state(&self, version: u64) {
        self.expect_no_litter();
        let repodata = self.cache().join("repodata");
        if version == 0 {
            assert!(!repodata.exists(), "there is a state");
            return;
        }
        let ours = Repomd::parse(&fs::read(repodata.join("repomd.xml")).unwrap()).unwrap();
        assert_eq!(ours.revision, Some(version.to_string()));
        assert_eq!(ours.records.len(), TYPES.len());
        for data_type in TYPES {
            let record = ours.record(data_type).unwrap();
            assert!(
                self.content(record) == open(data_type, version),
                "{data_type} is not of version {version}"
            );
        }
        let upstream = fs::read(self.documents().join("repomd.xml")).unwrap();
        assert!(upstream == self.published[&version], "repomd.xml is not that of version {version}");
        let is_exact = self.documents() == repodata;
        assert!(is_exact || ours.records.iter().all(|record| record.deltas.is_empty()));
    }

    /// Where the publisher's documents are: beside the files in an exact copy.
    pub(crate) fn documents(&self) -> PathBuf {
        let repodata = self.cache().join("repodata");
        let upstream = repodata.join("upstream");
        if upstream.exists() { upstream } else { repodata }
    }

    /// The open content of a file, which has to be what its record says.
    fn content(&self, record: &Record) -> String {
        let digest = |checksum: &Option<Checksum>| {
            let checksum = checksum.as_ref().unwrap();
            Some(Digest::parse(checksum.kind(), checksum.hex()).unwrap())
        };
        let name = record.local_location().unwrap().in_repodata().unwrap();
        let path = self.cache().join("repodata").join(name);
        let expect = Expect {
            checksum: digest(&record.checksum),
            size: record.size,
            open_checksum: digest(&record.open_checksum),
            open_size: record.open_size,
            ..Expect::default()
        };
        let file = fs::File::open(&path).unwrap();
        let mut reader = OpenReader::new(file, &path, expect).unwrap();
        std::io::read_to_string(&mut reader).unwrap()
    }

    #[track_caller]
    pub(crate) fn expect_no_litter(&self) {
        let names = |path: &PathBuf| {
            let entries = fs::read_dir(path).into_iter().flatten();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        for name in names(&self.cache()) {
            assert!(
                matches!(name.as_str(), "repodata" | ".createrepo-delta.lock" | ".createrepo-delta.json"),
                "`{name}` was left"
            );
        }
        for name in names(&self.cache().join("repodata")) {
            assert!(!name.starts_with('.'), "`{name}` was left");
        }
    }
}

/// A name without the checksum before it.
pub(crate) fn short(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.split_once('-') {
        Some((checksum, rest)) if checksum.len() == 64 => rest.to_owned(),
        _ => name.to_owned(),
    }
}

/// The entry of a type in a report.
#[track_caller]
pub(crate) fn of_type<'a>(report: &'a Value, data_type: &str) -> &'a Value {
    let types = report["types"].as_array().unwrap();
    types.iter().find(|one| one["type"] == data_type).unwrap_or_else(|| panic!("no {data_type}: {report:#}"))
}

/// Fails unless the types took these paths.
#[track_caller]
pub(crate) fn expect_paths(report: &Value, paths: [&str; 3]) {
    for (data_type, path) in TYPES.into_iter().zip(paths) {
        assert_eq!(of_type(report, data_type)["path"], path, "{data_type}: {report:#}");
    }
}

/// The lines of messages that are warnings.
pub(crate) fn warnings(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.starts_with("warning: ")).collect()
}
