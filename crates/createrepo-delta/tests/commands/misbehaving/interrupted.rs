//! Processes that die or meet: the state is a whole one, and what they leave
//! goes away.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use repomd::Repomd;

use super::case::Case;
use crate::server::Reply;

/// Lets all ways to primary be answered like this.
fn script(case: &Case, reply: &Reply) {
    for path in case.deltas("primary").into_iter().chain([case.path("primary", false)]) {
        case.server.script(&path, [reply.clone()]);
    }
}

/// Starts an update that waits for primary, which never comes.
fn waiting(case: &Case) -> Child {
    script(case, &Reply::Silent);
    let mut command = case.patient("1m", &[]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !case.server.log().iter().any(|seen| seen.path.contains("primary")) {
        assert!(started.elapsed() < Duration::from_secs(20), "nobody asks for primary");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The other types are done meanwhile.
    std::thread::sleep(Duration::from_millis(300));
    child
}

#[test]
fn a_killed_update_leaves_the_old_state_and_no_growing_litter() {
    let case = Case::behind();
    for _ in 0..3 {
        let mut child = waiting(&case);
        child.kill().unwrap();
        child.wait().unwrap();
        case.server.take_paths();
        let entries = fs::read_dir(case.cache()).unwrap().count();
        assert!(entries <= 4, "{entries} entries");
    }
    script(&case, &Reply::Serve);
    case.update(&[]).expect(0);
    case.expect_state(2);
}

#[test]
fn a_killed_first_update_leaves_no_state() {
    let case = Case::new();
    let mut child = waiting(&case);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!case.cache().join("repodata").exists());
    script(&case, &Reply::Serve);
    case.update(&[]).expect(0);
    case.expect_state(1);
}

#[test]
fn a_second_update_is_told_to_come_back() {
    let case = Case::behind();
    let mut child = waiting(&case);
    case.update(&[]).expect(75).says(&["error: ", "lock"]);
    child.kill().unwrap();
    child.wait().unwrap();
    case.server.take_paths();
    script(&case, &Reply::Serve);
    case.update(&[]).expect(0);
    case.expect_state(2);
}

#[test]
fn a_reader_finds_every_file_of_the_repomd_that_it_opened() {
    let mut case = Case::new();
    case.update(&[]).expect(0);
    let repodata = case.cache().join("repodata");
    let done = AtomicBool::new(false);
    let (mut rounds, mut seen) = (0, BTreeSet::new());
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let repomd = Repomd::parse(&fs::read(repodata.join("repomd.xml")).unwrap()).unwrap();
                for record in &repomd.records {
                    let name = record.local_location().unwrap().in_repodata().unwrap();
                    let found = fs::metadata(repodata.join(name)).map(|file| file.len());
                    assert_eq!(found.ok(), record.size, "{name} of revision {:?}", repomd.revision);
                }
                rounds += 1;
                seen.insert(repomd.revision.unwrap());
            }
        });
        for version in 2..=8 {
            case.publish(version);
            case.update(&[]).expect(0);
        }
        done.store(true, Ordering::SeqCst);
        reader.join().unwrap();
    });
    case.expect_state(8);
    assert!(seen.len() >= 4 && rounds >= 20, "{rounds} rounds, revisions {seen:?}");
}
