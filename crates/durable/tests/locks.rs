//! One holder at a time, and the others can say who it is.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use durable::Dir;

#[test]
fn only_one_holder_at_a_time() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    assert_eq!(dir.lock_holder("lock"), None);
    let lock = dir.lock("lock").unwrap().unwrap();
    assert_eq!(lock.path(), temp.path().join("lock"));
    assert!(dir.lock("lock").unwrap().is_none());
    let holder = dir.lock_holder("lock").unwrap();
    let me = std::env::current_exe().unwrap();
    let me = me.file_name().unwrap().to_str().unwrap();
    assert_eq!(holder.to_string(), format!("process {} ({me})", std::process::id()));
    assert!(holder.since.is_some_and(|since| since > 1_700_000_000), "{holder:?}");
    assert!(dir.lock("another").unwrap().is_some());
    drop(lock);
    assert!(dir.lock("lock").unwrap().is_some());
}

#[test]
fn nobody_else_can_read_a_lock_file_and_so_nobody_else_can_lock_it() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let mode = || fs::metadata(temp.path().join("lock")).unwrap().permissions().mode() & 0o7777;
    drop(dir.lock("lock").unwrap().unwrap());
    assert_eq!(mode(), 0o600);
    fs::set_permissions(temp.path().join("lock"), PermissionsExt::from_mode(0o666)).unwrap();
    let lock = dir.lock("lock").unwrap().unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(temp.path().join("lock"), PermissionsExt::from_mode(0o644)).unwrap();
    assert!(dir.lock("lock").unwrap().is_none());
    assert_eq!(mode(), 0o600);
    drop(lock);
}

#[test]
fn a_process_that_has_ended_holds_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let mut child = Command::new("true").spawn().unwrap();
    dir.write("lock", format!("{}\ncreaterepo-delta\n", child.id()).as_bytes()).unwrap();
    assert!(dir.lock_holder("lock").is_some());
    child.wait().unwrap();
    assert_eq!(dir.lock_holder("lock"), None);
}

#[test]
fn the_name_of_a_program_is_shown_only_if_it_is_one() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let me = std::process::id();
    for bad in ["", "\u{1b}[31m", "a b"] {
        dir.write("lock", format!("{me}\n{bad}\n").as_bytes()).unwrap();
        let holder = dir.lock_holder("lock").unwrap();
        assert!(holder.program.is_some_and(|program| !program.is_empty() && program != bad), "{bad:?}");
    }
}

#[test]
fn a_holder_that_cannot_be_a_process_number_is_not_repeated() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    for content in ["", "\n", "\u{1b}[31m", "12 34", &"1".repeat(100)] {
        dir.write("lock", content.as_bytes()).unwrap();
        assert_eq!(dir.lock_holder("lock"), None, "{content:?}");
    }
}

#[test]
fn a_lock_file_replaced_by_another_does_not_let_two_in() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let first = dir.lock("lock").unwrap().unwrap();
    dir.remove("lock").unwrap();
    // Whoever removes the file breaks the lock; the new file locks again.
    let second = dir.lock("lock").unwrap().unwrap();
    assert!(dir.lock("lock").unwrap().is_none());
    drop((first, second));
}

#[test]
fn another_process_is_kept_out_and_its_death_frees_the_lock() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    drop(dir.lock("lock").unwrap());
    let mut child = Command::new("flock")
        .args(["--exclusive", "--no-fork"])
        .arg(temp.path().join("lock"))
        .args(["sh", "-c", "echo locked; exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 7];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
    assert!(dir.lock("lock").unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(dir.lock("lock").unwrap().is_some());
}
