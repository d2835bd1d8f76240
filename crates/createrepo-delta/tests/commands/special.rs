//! Pipes, devices, links and `-` in the place of files, for every command that reads or
//! writes one: only regular files are replaced.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::support::{Bench, Ran, open, program, run};

/// Two published versions of primary.xml, beside them 1.xml and 2.xml.
fn bench() -> Bench {
    let bench = Bench::published(2);
    for version in [1, 2] {
        fs::write(bench.path(&format!("{version}.xml")), open("primary", version)).unwrap();
    }
    fs::copy(&bench.files("primary.xml.delta")[0], bench.path("delta")).unwrap();
    bench
}

/// The commands that write a file, to `target`, and what they write where that is known.
fn writers(bench: &Bench, target: &Path) -> Vec<(Command, Option<Vec<u8>>)> {
    let [first, second, delta] = ["1.xml", "2.xml", "delta"].map(|name| bench.path(name));
    let mut apply = program("apply");
    apply.args(["--type", "primary"]).args([&first, &delta]).arg(target);
    let mut show = program("history");
    show.arg("show").arg(bench.history()).args(["primary", "--generation", "0", "-o"]).arg(target);
    let mut diff = program("diff");
    diff.args(["--type", "primary"]).args([&first, &second]).arg(target);
    let newest = open("primary", 2).into_bytes();
    vec![(apply, Some(newest.clone())), (show, Some(newest)), (diff, None)]
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs it with `path` as standard output.
fn run_to(command: &mut Command, path: &Path) -> Ran {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).open(path).unwrap();
    let ran = command.stdout(file).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    Ran {
        status: ran.status.code().unwrap(),
        stdout: String::new(),
        stderr: String::from_utf8(ran.stderr).unwrap(),
    }
}

#[test]
fn what_a_link_leads_to_is_replaced_and_the_link_stays() {
    let bench = bench();
    let (link, target) = (bench.path("link"), bench.path("target"));
    symlink("target", &link).unwrap();
    for (mut command, expected) in writers(&bench, &link) {
        fs::write(&target, "before").unwrap();
        run(&mut command).expect(0);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        let found = fs::read(&target).unwrap();
        assert!(found != b"before" && expected.is_none_or(|expected| expected == found));
    }
}

#[test]
fn a_pipe_gets_all_of_a_good_result_and_nothing_of_a_bad_one() {
    let bench = bench();
    let pipe = bench.path("pipe");
    fifo(&pipe);
    let reading = || {
        let pipe = pipe.clone();
        thread::spawn(move || fs::read(pipe).unwrap())
    };
    for (mut command, expected) in writers(&bench, &pipe) {
        let reader = reading();
        run(&mut command).expect(0);
        let found = reader.join().unwrap();
        assert!(!found.is_empty() && expected.is_none_or(|expected| expected == found));
    }
    let reader = reading();
    let mut apply = program("apply");
    let wrong = format!("sha256:{}", "0".repeat(64));
    apply.args(["--type", "primary", "--open-checksum", &wrong]);
    run(apply.args([&bench.path("1.xml"), &bench.path("delta"), &pipe])).expect(1);
    assert_eq!(reader.join().unwrap(), b"");
    assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo());
}

#[test]
fn standard_output_gets_the_file_and_nothing_else() {
    let bench = bench();
    let out = bench.path("out");
    for name in ["-", "/dev/stdout", "/proc/self/fd/1"] {
        for (mut command, expected) in writers(&bench, Path::new(name)) {
            let ran = run_to(&mut command, &out).expect(0);
            let found = fs::read(&out).unwrap();
            assert!(!found.is_empty() && expected.is_none_or(|expected| expected == found), "{name}");
            assert!(!ran.stderr.is_empty(), "the results are on standard error");
        }
    }
    // Also where standard output is the very file.
    for (mut command, expected) in writers(&bench, &out) {
        run_to(&mut command, &out).expect(0);
        assert!(expected.is_none_or(|expected| expected == fs::read(&out).unwrap()));
    }
}

#[test]
fn devices_are_written_to_and_a_full_one_is_named() {
    let bench = bench();
    let device = |name: &str| Path::new(name).symlink_metadata().unwrap().file_type();
    for (mut command, _) in writers(&bench, Path::new("/dev/null")) {
        run(&mut command).expect(0);
    }
    for (mut command, _) in writers(&bench, Path::new("/dev/full")) {
        let ran = run(&mut command).expect(2);
        assert!(
            ran.stderr.contains("cannot write to `/dev/full`: No space left on device"),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("make room"), "{}", ran.stderr);
    }
    assert!(device("/dev/null").is_char_device() && device("/dev/full").is_char_device());
}

#[test]
fn directories_are_told_as_what_they_are() {
    let bench = bench();
    for (mut command, _) in writers(&bench, &bench.repo()) {
        run(&mut command).expect(2).says(&["is a directory, not a regular file"]);
    }
    let mut apply = program("apply");
    apply.args(["--type", "primary"]).args([&bench.repo(), &bench.path("delta"), &bench.path("new")]);
    run(&mut apply).expect(2).says(&["is a directory, not a regular file"]);
}

/// The script with `$crd` for the program, run in the directory of the bench.
fn sh(bench: &Bench, script: &str) -> Ran {
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).env("crd", env!("CARGO_BIN_EXE_createrepo-delta"));
    run(shell.current_dir(bench.path("")))
}

#[test]
fn inputs_come_from_pipes_and_standard_input() {
    let bench = bench();
    let scripts = [
        "$crd apply --quiet --type primary - delta new < 1.xml",
        "cat 1.xml | $crd apply --quiet --type primary - delta new",
        "cat delta | $crd apply --quiet --type primary 1.xml /dev/stdin new",
        "$crd apply --quiet --type primary <(cat 1.xml) <(cat delta) >(cat > new); wait $!",
        "cat 1.xml | $crd diff --quiet --type primary - 2.xml - | \
         $crd apply --quiet --type primary 1.xml - new",
        "cat 2.xml | $crd diff --quiet --type primary 1.xml - d && \
         $crd apply --quiet --type primary 1.xml d - > new",
    ];
    for script in scripts {
        sh(&bench, script).expect(0);
        assert_eq!(fs::read_to_string(bench.path("new")).unwrap(), open("primary", 2), "{script}");
        fs::remove_file(bench.path("new")).unwrap();
    }
    let shown = sh(&bench, "cat delta | $crd inspect -").expect(0).stdout;
    assert_eq!(sh(&bench, "$crd inspect delta").stdout, shown);
    let config = "printf 'history = \"h\"\\n[repository.a]\\npath = \"repo\"\\n' | $crd generate --config -";
    let ran = sh(&bench, config);
    assert!(!ran.stderr.contains("cannot read the configuration file"), "{}", ran.stderr);
}

#[test]
fn man_pages_take_the_place_of_links() {
    let bench = bench();
    let dir = bench.path("man");
    fs::create_dir(&dir).unwrap();
    symlink("elsewhere", dir.join("createrepo-delta.1")).unwrap();
    symlink("/dev/null", dir.join("createrepo-delta-apply.1")).unwrap();
    run(program("man").arg(&dir)).expect(0);
    assert!(!dir.join("elsewhere").exists());
    for page in ["createrepo-delta.1", "createrepo-delta-apply.1"] {
        assert!(fs::symlink_metadata(dir.join(page)).unwrap().is_file());
        assert!(fs::read_to_string(dir.join(page)).unwrap().contains(".TH"));
    }
}

#[test]
fn what_must_be_said_is_said_though_the_result_cannot_be_printed() {
    let bench = Bench::published(2);
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let said = |command: &[&str], directory: &Path, part: &str| {
        let mut line = program(command[0]);
        let ran = run(line.args(&command[1..]).arg(directory).stdout(full())).expect(2);
        ran.says(&[part, "error: cannot write the result"]);
    };
    run(program("update").arg(bench.repo()).arg(bench.path("cache"))).expect(0);
    let held = bench.path("cache/repodata");
    let held = fs::read_dir(held).unwrap().map(|entry| entry.unwrap().path());
    fs::write(held.into_iter().find(|path| path.to_str().unwrap().contains("-primary")).unwrap(), "x")
        .unwrap();
    said(&["update", "--offline", "/nowhere"], &bench.path("cache"), "error: `");
    fs::write(bench.repodata().join("repomd.xml.asc"), "a signature").unwrap();
    fs::remove_file(bench.history().join("other/index")).unwrap();
    said(&["history", "verify"], &bench.history(), "other/index");
    bench.create(3);
    fs::write(bench.repodata().join("repomd.xml.asc"), "a signature").unwrap();
    let history = bench.history().display().to_string();
    said(&["generate", "--history", &history], &bench.repo(), "other/index");
    fs::write(bench.repodata().join("repomd.xml.asc"), "a signature").unwrap();
    said(&["strip"], &bench.repo(), "warning: removed the signature");
    fs::remove_file(bench.files("-other.xml.gz").remove(0)).unwrap();
    said(&["verify"], &bench.repo(), "-other.xml.gz` is missing");
}
