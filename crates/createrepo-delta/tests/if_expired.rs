//! `refresh --if-expired`, as hooks of package managers run it. What real ones make of it is
//! tried by the end-to-end tests.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "scratch files need no care")]

mod support;

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use support::{Bench, Ran, program, run, sha256};

const HOUR: u64 = 3600;

/// A system whose dnf has one generation of a repository that has moved on.
struct System {
    bench: Bench,
    url: String,
}

impl System {
    /// With these settings of the repository.
    fn new(settings: &str) -> Self {
        let bench = Bench::new();
        let url = format!("file://{}", bench.repo().display());
        Self::at(bench, url, settings)
    }

    /// The same, with another URL of the repository.
    fn at(bench: Bench, url: String, settings: &str) -> Self {
        let system = Self { bench, url };
        let repos = system.root().join("etc/yum.repos.d");
        fs::create_dir_all(&repos).unwrap();
        fs::create_dir_all(system.root().join("etc/dnf")).unwrap();
        fs::write(system.root().join("etc/dnf/dnf.conf"), "[main]\n").unwrap();
        fs::write(repos.join("demo.repo"), format!("[demo]\nbaseurl={}\n{settings}\n", system.url)).unwrap();
        for generation in 1..=2 {
            system.publish(generation);
        }
        let repodata = system.cache().join("repodata");
        fs::create_dir_all(&repodata).unwrap();
        for path in system.expected() {
            fs::copy(&path, repodata.join(path.file_name().unwrap())).unwrap();
        }
        system.publish(4);
        set_age(&repos.join("demo.repo"), 1000 * HOUR);
        system
    }

    fn root(&self) -> PathBuf {
        self.bench.path("root")
    }

    fn publish(&self, generation: u32) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../testdata/demo-history/gen-{generation:04}/repodata"));
        fs::remove_dir_all(self.bench.repodata()).unwrap();
        fs::create_dir(self.bench.repodata()).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, self.bench.repodata().join(path.file_name().unwrap())).unwrap();
        }
        self.bench.generate(&[]).expect(0);
    }

    fn expected(&self) -> Vec<PathBuf> {
        let full = ["primary", "filelists"].iter();
        let full = full.flat_map(|kind| self.bench.files(&format!("-{kind}.xml.gz")));
        full.chain([self.bench.repomd()]).collect()
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = program("refresh");
        command.args(["--dnf", "--releasever", "1", "--root"]).arg(self.root()).args(options);
        command
    }

    fn cache(&self) -> PathBuf {
        let digest = sha256(self.url.as_bytes());
        self.root().join("var/cache/dnf").join(format!("demo-{}", &digest[..16]))
    }

    /// Makes the cache so old.
    fn age(&self, seconds: u64) {
        for entry in fs::read_dir(self.cache().join("repodata")).unwrap() {
            set_age(&entry.unwrap().path(), seconds);
        }
    }

    fn run(&self, options: &[&str]) -> Ran {
        run(&mut self.command(&[&["--if-expired"], options].concat()))
    }

    /// Runs it, and fails if it says anything.
    #[track_caller]
    fn run_in_silence(&self, options: &[&str]) {
        let ran = self.run(options).expect(0);
        assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    }

    fn is_current(&self) -> bool {
        let repomd = |directory: PathBuf| fs::read(directory.join("repodata/repomd.xml")).unwrap();
        repomd(self.cache()) == repomd(self.bench.repo())
    }
}

fn set_age(path: &Path, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn what_is_due_is_refreshed_in_silence() {
    let system = System::new("");
    system.age(49 * HOUR);
    system.run_in_silence(&["--dnf-config", "/there/is/none", "--reposdir", "/there/is/none"]);
    assert!(system.is_current());
}

#[test]
fn where_nothing_is_due_nothing_is_touched() {
    let system = System::new("");
    system.age(47 * HOUR);
    let before = system.bench.snapshot();
    system.run_in_silence(&[]);
    assert_eq!(system.run(&["--json"]).expect(0).json()["repositories"], serde_json::json!([]));
    assert_eq!(system.bench.snapshot(), before);
    assert!(!system.root().join("var/cache/createrepo-delta").exists(), "notes were made");
    // It will be.
    system.run_in_silence(&["--expires-within", "7200"]);
    assert!(system.is_current());
}

/// A directory with a program of this name, which runs this script.
fn stand_in(system: &System, name: &str, script: &str) -> String {
    let bin = system.bench.path("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}

#[test]
fn rpm_is_asked_for_the_release_only_where_it_is_named() {
    let bench = Bench::new();
    let url = format!("file://{}", bench.repo().display());
    let named = System::at(bench, format!("{url}?r=$releasever"), "");
    for (system, is_asked) in [(System::new(""), false), (named, true)] {
        system.age(47 * HOUR);
        let asked = system.bench.path("asked");
        let path = stand_in(&system, "rpm", &format!("touch '{}'; exit 1", asked.display()));
        let mut command = program("refresh");
        command.args(["--dnf", "--if-expired", "--root"]).arg(system.root()).env("PATH", path);
        run(&mut command).expect(0);
        assert_eq!(asked.exists(), is_asked);
    }
}

#[test]
fn where_there_is_nothing_to_begin_with_nothing_is_touched() {
    let lacks_deltas = System::new("");
    let repomd = lacks_deltas.cache().join("repodata/repomd.xml");
    let plain = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/demo-history/gen-0002/repodata/repomd.xml");
    fs::copy(plain, repomd).unwrap();
    let not_known = System::new("sslverify=0");
    for system in [lacks_deltas, not_known] {
        system.age(49 * HOUR);
        let before = system.bench.snapshot();
        system.run_in_silence(&[]);
        assert_eq!(system.bench.snapshot(), before);
        assert!(!system.root().join("var/cache/createrepo-delta").exists(), "notes were made");
    }
}

#[test]
fn ids_that_are_not_configured_are_overlooked() {
    let system = System::new("enabled=0");
    system.age(49 * HOUR);
    system.run_in_silence(&[]);
    assert!(!system.is_current());
    system.run_in_silence(&["from-the-command-line", "demo"]);
    assert!(system.is_current());
}

#[test]
fn what_dnf5_tells_of_repositories_and_of_its_cache_counts() {
    let system = System::new("enabled=0");
    system.age(49 * HOUR);
    system.run_in_silence(&["--enabled", "other.enabled=1"]);
    system.run_in_silence(&["--enabled", ""]);
    for word in ["all", "metadata"] {
        system.run_in_silence(&["--enabled", "demo.enabled=1", "--cacheonly", word]);
    }
    let mut history = Command::new("sh");
    let mut history = history.args(["-s", "history", "list"]).stdin(Stdio::piped()).spawn().unwrap();
    system.run_in_silence(&["--enabled", "demo.enabled=1", "--caller", &history.id().to_string()]);
    history.kill().unwrap();
    history.wait().unwrap();
    assert!(!system.is_current());
    system.run_in_silence(&["--enabled", "other.enabled=1,demo.enabled=1", "--cacheonly", "none"]);
    assert!(system.is_current());
}

#[test]
fn whoever_is_at_work_is_not_waited_for() {
    let system = System::new("");
    system.age(49 * HOUR);
    let lock = system.root().join("var/cache/dnf/metadata_lock.pid");
    fs::write(&lock, std::process::id().to_string()).unwrap();
    system.run_in_silence(&[]);
    assert!(!system.is_current());
    fs::remove_file(lock).unwrap();
    system.run_in_silence(&[]);
    assert!(system.is_current());
}

#[test]
fn a_server_that_says_nothing_is_left_when_the_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let system = System::at(Bench::new(), url, "");
    system.age(49 * HOUR);
    system.run_in_silence(&["--max-time", "0.3"]);
    drop(listener);
    // Nobody is there at all.
    system.run_in_silence(&[]);
    assert!(!system.is_current());
}

#[test]
fn a_step_that_has_no_end_is_ended() {
    let system = System::new("repo_gpgcheck=1");
    system.age(49 * HOUR);
    let cache = system.cache();
    fs::create_dir(cache.join("pubring")).unwrap();
    fs::write(cache.join("pubring/pubring.gpg"), [0x99, 0]).unwrap();
    fs::write(system.bench.repodata().join("repomd.xml.asc"), "one").unwrap();
    let path = stand_in(&system, "gpgv", "exec sleep 25");
    let mut command = system.command(&["--if-expired", "--max-time", "0.1"]);
    let ran = run(command.env("PATH", path)).expect(0);
    assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    assert!(!system.is_current());
    // What it left behind keeps nobody.
    run(&mut system.command(&["--if-expired"])).expect(0);
}

#[test]
fn what_is_wrong_here_is_one_line_and_no_failure() {
    let system = System::new("");
    system.age(49 * HOUR);
    let ran = run(program("refresh").args(["--dnf", "--if-expired", "--root", "/there/is/none"])).expect(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "createrepo-delta: `--root`: there is no `/there/is/none`\n");
    let staging = system.cache().join(".createrepo-delta.new.repodata");
    fs::write(&staging, "a file").unwrap();
    let ran = system.run(&[]).expect(0);
    assert_eq!(ran.stdout, "");
    let is_one_line =
        ran.stderr.starts_with("createrepo-delta: dnf `demo`: ") && ran.stderr.lines().count() == 1;
    assert!(is_one_line, "{}", ran.stderr);
    assert!(!system.is_current());
}

#[test]
fn it_is_not_for_zypper_and_no_dry_run() {
    for option in ["--zypper", "--dry-run"] {
        let ran = run(program("refresh").args(["--if-expired", option])).expect(2);
        ran.says(&["--if-expired"]);
    }
    for option in ["--expires-within", "--enabled", "--cacheonly", "--caller"] {
        run(program("refresh").args([option, "1"])).expect(2).says(&["--if-expired"]);
    }
}
