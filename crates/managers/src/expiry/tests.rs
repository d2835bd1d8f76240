#![allow(clippy::disallowed_methods, reason = "scratch files need no care")]

use std::fs::{self, File};
use std::path::PathBuf;

use super::*;
use crate::{SetupOptions, dnf, dnf5};

/// When primary was written.
const WRITTEN: u64 = 1_700_000_000;
const HOUR: u64 = 3600;

const REPOMD: &str = "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><data type=\"primary\">\
                      <location href=\"repodata/p.xml.gz\"/></data></repomd>";

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A dnf with one repository, whose cache is older than nothing but the clock.
struct System {
    manager: Manager,
    root: tempfile::TempDir,
}

/// The same configuration for both.
fn both(main: &str, settings: &str) -> [System; 2] {
    [Manager::Dnf, Manager::Dnf5].map(|manager| System::new(manager, main, settings))
}

impl System {
    fn new(manager: Manager, main: &str, settings: &str) -> Self {
        let system = Self { manager, root: tempfile::tempdir().unwrap() };
        for directory in ["etc/dnf", "etc/yum.repos.d", "var/cache/dnf"] {
            fs::create_dir_all(system.path(directory)).unwrap();
        }
        fs::write(system.path("etc/dnf/dnf.conf"), format!("[main]\n{main}\n")).unwrap();
        let text = format!("[demo]\nbaseurl=http://host/\n{settings}\n");
        fs::write(system.path("etc/yum.repos.d/demo.repo"), text).unwrap();
        system.touch("etc/yum.repos.d/demo.repo", WRITTEN);
        let repodata = system.repository().cache.join("repodata");
        fs::create_dir_all(&repodata).unwrap();
        fs::write(repodata.join("repomd.xml"), REPOMD).unwrap();
        fs::write(repodata.join("p.xml.gz"), "").unwrap();
        // It is the time of neither repomd.xml nor another primary that counts.
        fs::write(repodata.join("old-primary.xml.gz"), "").unwrap();
        system.touch_primary(WRITTEN);
        system
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn touch(&self, path: &str, seconds: u64) {
        File::options().write(true).open(self.path(path)).unwrap().set_modified(at(seconds)).unwrap();
    }

    fn touch_primary(&self, seconds: u64) {
        let primary = self.repository().cache.join("repodata/p.xml.gz");
        File::options().write(true).open(primary).unwrap().set_modified(at(seconds)).unwrap();
    }

    fn setup(&self) -> Setup {
        match self.manager {
            Manager::Dnf5 => dnf5::setup(&SetupOptions::new(self.root.path(), "x86_64")).unwrap(),
            _ => dnf::setup(&SetupOptions::new(self.root.path(), "x86_64")).unwrap(),
        }
    }

    fn repository(&self) -> Repository {
        self.setup().repositories.remove(0)
    }

    /// Whether it is due so many seconds after primary was written.
    fn is_due(&self, after: u64) -> bool {
        let check = |now, within| {
            let within = Duration::from_secs(within);
            ExpiryCheck::new(self.manager, &self.setup(), at(now), within).is_due(&self.repository())
        };
        let is_due = check(WRITTEN + after, 0);
        // Known before.
        assert_eq!(check(WRITTEN, after), is_due);
        is_due
    }
}

#[test]
fn the_age_that_is_configured_counts_and_else_that_of_main_and_else_two_days() {
    for (main, settings, seconds) in [
        ("", "", 48 * HOUR),
        ("metadata_expire=1h", "", HOUR),
        ("metadata_expire=1h", "metadata_expire=2h", 2 * HOUR),
        ("metadata_expire=never", "metadata_expire=90", 90),
        ("metadata_expire=7", "metadata_expire=soon", 7),
    ] {
        let [dnf, dnf5] = both(main, settings);
        assert!(!dnf.is_due(seconds), "{main} {settings}");
        assert!(dnf.is_due(seconds + 1), "{main} {settings}");
        assert!(!dnf5.is_due(seconds - 1), "{main} {settings}");
        assert!(dnf5.is_due(seconds), "{main} {settings}");
    }
    for (main, settings) in [("", "metadata_expire=never"), ("metadata_expire=-1", "")] {
        for system in both(main, settings) {
            assert!(!system.is_due(1_000_000 * HOUR), "{main} {settings}");
        }
    }
    assert!(both("", "").iter().all(|system| system.is_due(i64::MAX as u64 - WRITTEN)));
}

#[test]
fn a_newer_configuration_file_makes_it_due_unless_that_is_switched_off() {
    for (main, settings, due) in [
        ("", "", true),
        ("check_config_file_age=0", "", false),
        // It is a setting of `[main]` alone.
        ("", "check_config_file_age=0", true),
        ("", "metadata_expire=never", false),
    ] {
        for system in both(main, settings) {
            system.touch("etc/yum.repos.d/demo.repo", WRITTEN + 1);
            assert_eq!(system.is_due(1), due, "{main} {settings}");
        }
    }
}

#[test]
fn a_time_to_come_is_no_age() {
    for system in both("", "") {
        system.touch_primary(WRITTEN + 1_000 * HOUR);
        assert!(!system.is_due(60 * HOUR));
    }
}

#[test]
fn what_is_marked_is_due() {
    for (noted, due) in [
        ("[\"other\", \"demo\"]", true),
        ("[\"other\"]", false),
        ("[]", false),
        ("", false),
        ("{\"demo\": 1}", false),
        ("[\"demo\"", false),
    ] {
        let [dnf, dnf5] = both("", "metadata_expire=never");
        for system in [&dnf, &dnf5] {
            fs::write(system.path("var/cache/dnf/expired_repos.json"), noted).unwrap();
        }
        assert_eq!(dnf.is_due(1), due, "{noted}");
        assert!(!dnf5.is_due(1), "{noted}");
    }
    let [dnf, dnf5] = both("", "metadata_expire=never");
    for system in [&dnf, &dnf5] {
        let marks = system.repository().cache.join("attrs");
        fs::create_dir(&marks).unwrap();
        fs::write(marks.join("expired"), "").unwrap();
    }
    assert!(!dnf.is_due(1) && dnf5.is_due(1));
}

#[test]
fn without_a_cache_there_is_nothing_to_refresh() {
    for lost in ["repodata/p.xml.gz", "repodata/repomd.xml"] {
        for system in both("metadata_expire=1", "") {
            assert!(system.is_due(HOUR));
            fs::write(system.path("var/cache/dnf/expired_repos.json"), "[\"demo\"]").unwrap();
            fs::remove_file(system.repository().cache.join(lost)).unwrap();
            assert!(!system.is_due(HOUR), "{lost}");
        }
    }
    for system in both("metadata_expire=1", "") {
        fs::write(system.repository().cache.join("repodata/repomd.xml"), "<html>").unwrap();
        assert!(!system.is_due(HOUR));
    }
}
