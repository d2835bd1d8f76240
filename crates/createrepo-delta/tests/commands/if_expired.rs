//! `refresh --if-expired`, as hooks of package managers run it. What real ones make of it is
//! tried by the end-to-end tests.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::support::{Bench, Ran, System, copy_tree, fill, program, run, sha256};

const HOUR: u64 = 3600;

/// A system whose dnf has one generation of a repository that has moved on.
fn system(settings: &str) -> System {
    behind(System::new(&["--dnf"], settings))
}

/// The same, with another URL of the repository.
fn system_at(bench: Bench, url: String, settings: &str) -> System {
    behind(System::at(bench, url, &["--dnf"], settings))
}

fn behind(system: System) -> System {
    (1..=2).for_each(|generation| system.bench.publish_demo(generation));
    fill(&system.dnf_cache().join("repodata"), &system.expected_of_dnf());
    system.bench.publish_demo(4);
    set_age(&system.repo_file(), 1000 * HOUR);
    system
}

impl System {
    /// As dnf names it, whether or not the repository answers.
    fn dnf_cache(&self) -> PathBuf {
        let digest = sha256(self.url.as_bytes());
        self.root().join("var/cache/dnf").join(format!("demo-{}", &digest[..16]))
    }

    /// Makes the cache so old.
    fn age(&self, seconds: u64) {
        for entry in fs::read_dir(self.dnf_cache().join("repodata")).unwrap() {
            set_age(&entry.unwrap().path(), seconds);
        }
    }

    fn run_hook(&self, options: &[&str]) -> Ran {
        self.refresh(&[&["--if-expired"], options].concat())
    }

    /// Runs it, and fails if it says anything.
    #[track_caller]
    fn run_in_silence(&self, options: &[&str]) {
        let ran = self.run_hook(options).expect(0);
        assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    }

    fn is_current(&self) -> bool {
        let repomd = |directory: PathBuf| fs::read(directory.join("repodata/repomd.xml")).unwrap();
        repomd(self.dnf_cache()) == repomd(self.bench.repo())
    }
}

fn set_age(path: &Path, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn what_is_due_is_refreshed_in_silence() {
    let system = system("");
    system.age(49 * HOUR);
    system.run_in_silence(&["--dnf-config", "/there/is/none", "--reposdir", "/there/is/none"]);
    assert!(system.is_current());
}

#[test]
fn where_nothing_is_due_nothing_is_touched() {
    let system = system("");
    system.age(47 * HOUR);
    let before = system.bench.snapshot();
    system.run_in_silence(&[]);
    assert_eq!(system.run_hook(&["--json"]).expect(0).json()["repositories"], serde_json::json!([]));
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
    let named = system_at(bench, format!("{url}?r=$releasever"), "");
    for (system, is_asked) in [(system(""), false), (named, true)] {
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
    let lacks_deltas = system("");
    let repomd = lacks_deltas.dnf_cache().join("repodata/repomd.xml");
    let plain = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/demo-history/gen-0002/repodata/repomd.xml");
    fs::copy(plain, repomd).unwrap();
    let not_known = system("sslverify=0");
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
    let system = system("enabled=0");
    system.age(49 * HOUR);
    system.run_in_silence(&[]);
    assert!(!system.is_current());
    system.run_in_silence(&["from-the-command-line", "demo"]);
    assert!(system.is_current());
}

/// A process with such a command line.
fn caller(words: &[&str]) -> Child {
    let child = Command::new("sh").arg("-s").args(words).stdin(Stdio::piped()).spawn().unwrap();
    // It is empty for a moment.
    while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
        std::thread::yield_now();
    }
    child
}

#[test]
fn what_dnf5_tells_of_repositories_and_of_its_cache_counts() {
    let system = system("enabled=0");
    system.age(49 * HOUR);
    system.run_in_silence(&["--enabled", "other.enabled=1"]);
    system.run_in_silence(&["--enabled", ""]);
    for word in ["all", "metadata"] {
        system.run_in_silence(&["--enabled", "demo.enabled=1", "--cacheonly", word]);
    }
    let mut history = caller(&["history", "list"]);
    system.run_in_silence(&["--enabled", "demo.enabled=1", "--caller", &history.id().to_string()]);
    history.kill().unwrap();
    history.wait().unwrap();
    assert!(!system.is_current());
    system.run_in_silence(&["--enabled", "other.enabled=1,demo.enabled=1", "--cacheonly", "none"]);
    assert!(system.is_current());
}

#[test]
fn whoever_is_at_work_is_not_waited_for() {
    let system = system("");
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
fn a_lock_that_is_no_file_is_told_but_not_by_hooks() {
    let system = system("");
    let notes = system.root().join("var/cache/createrepo-delta");
    let digest = sha256(system.dnf_cache().as_os_str().as_encoded_bytes());
    fs::create_dir_all(notes.join(format!(".{}.lock", &digest[..16]))).unwrap();
    run(&mut system.command(&[])).expect(0).says(&["nothing keeps another refresh from its cache", ".lock"]);
    system.bench.publish_demo(5);
    system.age(49 * HOUR);
    system.run_in_silence(&[]);
    assert!(system.is_current());
}

#[test]
fn a_server_that_says_nothing_is_left_when_the_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let system = system_at(Bench::new(), url, "");
    system.age(49 * HOUR);
    system.run_in_silence(&["--max-time", "0.3"]);
    drop(listener);
    // Nobody is there at all.
    system.run_in_silence(&[]);
    assert!(!system.is_current());
}

#[test]
fn a_step_that_has_no_end_is_ended() {
    let system = system("repo_gpgcheck=1");
    system.age(49 * HOUR);
    let cache = system.dnf_cache();
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
    let system = system("");
    system.age(49 * HOUR);
    let ran = run(program("refresh").args(["--dnf", "--if-expired", "--root", "/there/is/none"])).expect(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "createrepo-delta: `--root`: there is no `/there/is/none`\n");
    // One cause, and two repositories that it keeps.
    let repo = system.repo_file();
    let url = format!("{}/", system.url);
    let text = fs::read_to_string(&repo).unwrap() + &format!("[other]\nbaseurl={url}\n");
    fs::write(&repo, text).unwrap();
    set_age(&repo, 1000 * HOUR);
    let digest = sha256(url.as_bytes());
    let other = system.root().join("var/cache/dnf").join(format!("other-{}", &digest[..16]));
    copy_tree(&system.dnf_cache(), &other);
    for cache in [system.dnf_cache(), other] {
        fs::create_dir_all(cache.join(".createrepo-delta.new.repodata").join("x/".repeat(40))).unwrap();
    }
    let ran = system.run_hook(&[]).expect(0);
    assert_eq!(ran.stdout, "");
    let is_one_line = ran.stderr.starts_with("createrepo-delta: dnf `") && ran.stderr.lines().count() == 1;
    assert!(is_one_line, "{}", ran.stderr);
    assert!(!system.is_current());
}

#[test]
fn the_network_is_not_waited_for_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let system = system_at(Bench::new(), url, "");
    system.age(49 * HOUR);
    let outcomes = |options: &[&str]| {
        let report = system.run_hook(&[&["--json", "--max-time", "0.3"], options].concat()).expect(0).json();
        report["repositories"].as_array().unwrap().len()
    };
    assert_eq!(outcomes(&[]), 1);
    assert_eq!(outcomes(&[]), 0, "its server is asked again");
    // After a while it is, and whatever the clock said.
    let attempts = system.root().join("var/cache/createrepo-delta/attempts.json");
    let noted = |seconds: i64| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let at = now.saturating_add_signed(seconds);
        let text = serde_json::json!({ system.dnf_cache().display().to_string(): at }).to_string();
        fs::write(&attempts, text).unwrap();
    };
    for (seconds, is_asked) in [(-200, 0), (-400, 1), (400, 1)] {
        noted(seconds);
        assert_eq!(outcomes(&[]), is_asked, "{seconds}");
    }
    fs::write(&attempts, "no JSON").unwrap();
    assert_eq!(outcomes(&[]), 1);
    // Who calls the command himself is not kept.
    let ran = run(&mut system.command(&["--json", "--max-time", "0.3"])).expect(0);
    assert_eq!(ran.json()["repositories"][0]["outcome"], "left");
}

#[test]
fn an_answer_is_no_reason_to_wait() {
    let system = system("");
    system.age(49 * HOUR);
    fs::rename(system.bench.repo(), system.bench.path("away")).unwrap();
    system.run_in_silence(&[]);
    assert!(!system.root().join("var/cache/createrepo-delta/attempts.json").exists());
    fs::rename(system.bench.path("away"), system.bench.repo()).unwrap();
    system.run_in_silence(&[]);
    assert!(system.is_current());
}

#[test]
fn a_configuration_that_hangs_keeps_nobody() {
    let system = system("");
    system.age(49 * HOUR);
    let config = system.root().join("etc/dnf/dnf.conf");
    fs::remove_file(&config).unwrap();
    assert!(Command::new("mkfifo").arg(&config).status().unwrap().success());
    system.run_in_silence(&["--max-time", "0.1"]);
}

#[test]
fn releasever_is_that_of_the_caller() {
    let system = system("");
    let (begin, end) = system.url.rsplit_once('/').unwrap();
    let repo = system.repo_file();
    fs::write(&repo, format!("[demo]\nbaseurl={begin}/$releasever\n")).unwrap();
    set_age(&repo, 1000 * HOUR);
    system.age(49 * HOUR);
    let mut caller = caller(&["upgrade", "--releasever", end]);
    let mut command = program("refresh");
    command.args(["--dnf", "--if-expired", "--root"]).arg(system.root());
    let ran = run(command.arg("--caller").arg(caller.id().to_string())).expect(0);
    caller.kill().unwrap();
    caller.wait().unwrap();
    assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    assert!(system.is_current());
}

#[test]
fn odd_values_are_none() {
    for options in [
        &["--expires-within", "-1"][..],
        &["--expires-within=never"],
        &["--expires-within", ""],
        &["--expires-within=99999999999999999999999"],
        &["--caller", "abc"],
        &["--caller=99999999999999"],
        &["--caller="],
        &["--cacheonly"],
        &["--cacheonly="],
        &["--releasever=-x"],
    ] {
        let system = system("");
        system.age(49 * HOUR);
        let mut command = program("refresh");
        command.args(["--dnf", "--if-expired", "--root"]).arg(system.root()).args(options);
        let ran = run(&mut command).expect(0);
        assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""), "{options:?}");
        assert!(system.is_current(), "{options:?}");
    }
}

#[test]
fn wrong_usage_is_one_line_and_no_failure() {
    for options in [&["--zypper"][..], &["--dry-run"], &["--there-is-none"], &["--max-time", "x"]] {
        let ran = run(program("refresh").arg("--if-expired").args(options)).expect(0);
        assert_eq!(ran.stdout, "");
        let is_one_line = ran.stderr.starts_with("createrepo-delta: ") && ran.stderr.lines().count() == 1;
        assert!(is_one_line && ran.stderr.contains(options[0]), "{}", ran.stderr);
    }
    for option in ["--expires-within", "--enabled", "--cacheonly", "--caller"] {
        run(program("refresh").args([option, "1"])).expect(2).says(&["--if-expired"]);
    }
    // A word that is no option is none.
    run(program("refresh").args(["--there-is-none", "--", "--if-expired"])).expect(2);
}
