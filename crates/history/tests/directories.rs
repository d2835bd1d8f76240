//! Which directories can be a history's: empty ones, but for what every volume has,
//! and those that say that they are.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;

use common::{file, keep, publish};
use history::{Error, History};

#[test]
fn what_every_volume_has_makes_it_nobodys() {
    let root = tempfile::tempdir().unwrap();
    for name in ["lost+found", "@eaDir", ".snapshot", ".Trash-0"] {
        fs::create_dir(root.path().join(name)).unwrap();
    }
    for name in ["aquota.user", "aquota.group", "quota.user", "quota.group", ".nfs00000000000a1b2c", "lock"] {
        fs::File::create(root.path().join(name)).unwrap();
    }
    let history = History::open(root.path()).unwrap();
    assert!(history.is_new());
    assert_eq!(history.types().unwrap(), <[String; 0]>::default());
    drop(history);
    publish(root.path(), &file(0), Some(1), &keep(9)).unwrap();
    let history = History::open(root.path()).unwrap();
    assert!(!history.is_new());
    assert_eq!(history.types().unwrap(), ["primary"]);
    assert!(root.path().join("lost+found").is_dir());
}

#[test]
fn somebody_elses_directory_is_refused_and_the_first_thing_in_it_named() {
    let root = tempfile::tempdir().unwrap();
    for name in ["lost+found", "precious", "zebra"] {
        fs::File::create(root.path().join(name)).unwrap();
    }
    let before = common::everything(root.path());
    let error = History::open(root.path()).unwrap_err();
    assert!(matches!(&error, Error::Foreign { found, .. } if found == "precious"), "{error:?}");
    let path = root.path().display();
    assert_eq!(
        error.to_string(),
        format!(
            "`{path}` is not a history: expected an empty directory, or one with a file `format`, found `precious`"
        )
    );
    assert!(matches!(History::read(root.path()), Err(Error::Missing { .. })));
    assert!(matches!(History::read(&root.path().join("absent")), Err(Error::Missing { .. })));
    assert_eq!(common::everything(root.path()), before);
}

#[test]
fn a_directory_that_says_that_it_is_something_else_is_refused() {
    for format in ["", "\n", "something else\n", "createrepo-delta history 0\n", "createrepo-delta history 1"]
    {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("format"), format).unwrap();
        let before = common::everything(root.path());
        assert!(matches!(History::open(root.path()), Err(Error::Format { .. })), "{format:?}");
        assert!(matches!(History::read(root.path()), Err(Error::Format { .. })), "{format:?}");
        assert_eq!(common::everything(root.path()), before, "{format:?}");
    }
}
