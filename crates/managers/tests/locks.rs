//! Taking the locks of the package managers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::process::{Command, Stdio};

use managers::locks::{LockError, lock};
use managers::{Manager, SetupOptions, zypp};

#[test]
fn a_held_lock_is_told_with_its_holder() {
    let temp = tempfile::tempdir().unwrap();
    let mut options = SetupOptions::new(temp.path(), "x86_64");
    let root = temp.path().to_str().unwrap().to_owned();
    options = options.with_environment([("ZYPP_LOCKFILE_ROOT".to_owned(), root)]);
    let setup = zypp::setup(&options).unwrap();
    assert!(lock(Manager::Dnf5, &setup).unwrap().is_none());
    for (manager, name) in [(Manager::Zypper, "zypp.pid"), (Manager::Dnf, "metadata_lock.pid")] {
        let held = lock(manager, &setup).unwrap().unwrap();
        let path = temp.path().join("run").join(name);
        assert_eq!(held.path(), path);
        assert!(fs::read_to_string(&path).unwrap().starts_with(&std::process::id().to_string()));
        drop(held);

        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        // A process has no command line until its program has begun.
        while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        fs::write(&path, child.id().to_string()).unwrap();
        let error = lock(manager, &setup).unwrap_err();
        assert!(error.is_temporary());
        let expected = format!(
            "the metadata of {manager} are in use: process {} (sleep) holds `{}`",
            child.id(),
            path.display()
        );
        assert_eq!(error.to_string(), expected);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(lock(manager, &setup).is_ok());

        fs::write(&path, "no number").unwrap();
        assert!(matches!(lock(manager, &setup), Err(LockError::File(_))));
    }
}
