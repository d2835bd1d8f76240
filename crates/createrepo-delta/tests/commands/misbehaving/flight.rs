//! A publish while an update is under way: files vanish between two requests.

use std::sync::Arc;
use std::sync::Mutex;

use super::case::{Case, expect_paths, warnings};
use crate::server::Reply;

/// Publishes the next of these versions each time that a file of the current
/// one is asked for.
struct Publisher(Mutex<(Case, Vec<u64>)>);

impl Publisher {
    /// Version 1 is held and 2 is published; 3 and on are to come.
    fn new(versions: &[u64]) -> Arc<Self> {
        let publisher = Arc::new(Self(Mutex::new((Case::behind(), versions.to_vec()))));
        publisher.arm();
        publisher
    }

    /// Lets the next request for primary, by delta or in full, be overtaken.
    fn arm(self: &Arc<Self>) {
        let state = self.0.lock().unwrap();
        let (case, _) = &*state;
        for path in case.deltas("primary").into_iter().chain([case.path("primary", false)]) {
            let this = Arc::clone(self);
            case.server.script(&path, [Reply::After(Arc::new(move || this.overtake()))]);
        }
    }

    fn overtake(self: &Arc<Self>) {
        {
            let mut state = self.0.lock().unwrap();
            let (case, versions) = &mut *state;
            if versions.is_empty() {
                return;
            }
            let version = versions.remove(0);
            case.publish(version);
        }
        self.arm();
    }

    /// Runs the update without holding the case, which the server needs.
    fn update(&self) -> crate::support::Ran {
        let mut command = self.0.lock().unwrap().0.command(&[]);
        crate::support::run(&mut command)
    }
}

#[test]
fn a_publish_in_flight_is_followed_once() {
    let publisher = Publisher::new(&[3]);
    let ran = publisher.update().expect(0);
    let state = publisher.0.lock().unwrap();
    let case = &state.0;
    case.expect_state(3);
    let fetched = case.fetched();
    assert_eq!(fetched.iter().filter(|name| *name == "repomd.xml").count(), 2, "{fetched:?}");
    assert!(warnings(&ran).iter().any(|line| line.contains("newer repomd.xml")), "{}", ran.stderr);
    expect_paths(&ran.json(), ["delta"; 3]);
}

#[test]
fn a_repository_that_never_rests_is_an_error_and_the_old_state() {
    let publisher = Publisher::new(&[3, 4, 5, 6, 7, 8]);
    let ran = publisher.update().expect(1).says(&["error: ", "404"]);
    let state = publisher.0.lock().unwrap();
    let case = &state.0;
    let fetched = case.fetched();
    assert_eq!(fetched.iter().filter(|name| *name == "repomd.xml").count(), 2, "{fetched:?}\n{}", ran.stderr);
    case.expect_state(1);
}
