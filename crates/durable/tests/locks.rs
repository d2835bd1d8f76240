//! One holder at a time, and the others can say who it is.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

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
    let me = std::process::id().to_string();
    assert_eq!(dir.lock_holder("lock"), Some(me));
    assert!(dir.lock("another").unwrap().is_some());
    drop(lock);
    assert!(dir.lock("lock").unwrap().is_some());
    assert_eq!(dir.len("lock").unwrap(), Some(lock_len()));
}

fn lock_len() -> u64 {
    std::process::id().to_string().len() as u64 + 1
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
