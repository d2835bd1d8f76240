//! Files that this program keeps for itself, of a newer version, of another kind or closed to this user: each error
//! has a hint that is followed word for word, and the next run succeeds.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::hints::{hint, paste, quoted};
use crate::support::{Bench, Ran, copy_tree, obedient_program, program, run};

/// Three publishes, whose metadata is kept in `old`.
fn bench() -> Bench {
    let bench = Bench::new();
    (0..3).for_each(|generation| bench.publish_demo(generation));
    copy_tree(&bench.repo(), &bench.path("old"));
    bench
}

/// A step that the history keeps.
fn step(history: &Path) -> String {
    let first = fs::read_dir(history.join("steps")).unwrap().next().unwrap().unwrap();
    format!("steps/{}", first.file_name().to_str().unwrap())
}

/// What reads a history, by the words of its command line, as `program` runs them.
fn reading(bench: &Bench, mut program: Command, words: &str) -> Ran {
    for word in words.split(' ') {
        match word {
            "HISTORY" => program.arg(bench.history()),
            "REPO" => program.arg(bench.repo()),
            "OLD" => program.arg(bench.path("old")),
            word => program.arg(word),
        };
    }
    run(&mut program)
}

const OF_HISTORIES: [&str; 8] = [
    "inspect --history HISTORY REPO",
    "history list HISTORY",
    "history show HISTORY primary",
    "history verify HISTORY",
    "history verify --repair HISTORY",
    "history prune HISTORY --keep 5",
    "history drop HISTORY --newest",
    "history import HISTORY OLD",
];

/// Runs every command of the only hint.
#[track_caller]
fn follow_all(bench: &Bench, ran: &Ran) {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo-history/gen-000");
    let old = [0, 1, 2].map(|generation| format!("{demo}{generation}")).join(" ");
    for command in quoted(hint(ran)).into_iter().filter(|command| *command != "createrepo-delta update") {
        let done = paste(bench, &command.replace("REPODATA", &old));
        assert_eq!(done.status, 0, "{command}:\n{}\n{}", ran.stderr, done.stderr);
    }
}

fn is_whole(bench: &Bench) {
    bench.generate(&["--quiet"]);
    let verify = run(program("verify").arg("--quiet").arg("--history").args([bench.history(), bench.repo()]));
    assert_eq!(verify.expect(0).stderr, "");
}

/// Says that a newer version wrote it.
fn raise(file: &Path) {
    let text = fs::read(file).unwrap();
    let end = text.iter().position(|byte| *byte == b'\n').unwrap();
    let mut newer = text[..end - 1].to_vec();
    newer.push(b'9');
    newer.extend(&text[end..]);
    fs::write(file, newer).unwrap();
}

#[test]
fn histories_of_a_newer_version_are_moved_away_and_begun_anew() {
    let published = bench();
    let of_step = step(&published.history());
    let commands = ["generate --quiet --history HISTORY REPO", "strip --quiet --history HISTORY REPO"];
    for file in ["format", "primary/index", &of_step, "ledger.json"] {
        for words in commands.into_iter().chain(OF_HISTORIES) {
            let bench = published.copy();
            let path = bench.history().join(file);
            if file == "ledger.json" {
                fs::write(&path, r#"{"format": 9}"#).unwrap();
            } else {
                raise(&path);
            }
            let ours = || Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
            let refused = reading(&bench, ours(), words);
            // Not every command reads ledgers and steps.
            if refused.status == 0 {
                assert!(!["format", "primary/index"].contains(&file), "{file}: {words}");
                continue;
            }
            let refused = refused
                .expect(3)
                .says(&["was written by a newer version of createrepo-delta: expected", file]);
            assert!(hint(&refused).contains("history import"), "{}", refused.stderr);
            follow_all(&bench, &refused);
            assert!(bench.path("history.newer").join(file).exists());
            let again = reading(&bench, ours(), words);
            assert!(again.status == 0, "{file}: {words}: {}", again.stderr);
            is_whole(&bench);
        }
    }
}

#[test]
fn verify_says_what_helps_a_history() {
    let published = bench();
    for file in ["format", "primary/index", "ledger.json"] {
        for text in
            ["", "createrepo-delta history 9\n", "createrepo-delta history index 9\n", r#"{"format": 9}"#]
        {
            let bench = published.copy();
            fs::write(bench.history().join(file), text).unwrap();
            let verify = || run(program("verify").arg("--history").args([bench.history(), bench.repo()]));
            let found = verify().expect(3);
            let told = paste(&bench, quoted(hint(&found))[0]);
            follow_all(&bench, &told);
            bench.generate(&["--quiet"]);
            verify().expect(0);
        }
    }
}

/// What is in a history, one of each kind.
fn files(history: &Path) -> Vec<String> {
    let files =
        ["format", "lock", "ledger.json", "primary/index", "primary/pack-00000000", "steps", "primary"];
    files.map(str::to_owned).into_iter().chain([step(history)]).collect()
}

#[test]
fn what_is_no_file_in_a_history_is_moved_away() {
    let published = bench();
    for file in &files(&published.history()) {
        for (is_link, commands) in [(false, &OF_HISTORIES[3..6]), (true, &OF_HISTORIES[..])] {
            for words in commands {
                let bench = published.copy();
                let path = bench.history().join(file);
                if path.is_dir() && !is_link {
                    continue;
                }
                fs::rename(&path, bench.path("elsewhere")).unwrap();
                if is_link {
                    symlink("no such file", &path).unwrap();
                } else {
                    fs::create_dir(&path).unwrap();
                }
                let ours = || Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
                let mut refused = reading(&bench, ours(), words);
                for _ in 0..2 {
                    if refused.status == 0 {
                        break;
                    }
                    refused = refused.says(&[file]);
                    follow_all(&bench, &refused);
                    refused = reading(&bench, ours(), words);
                }
                let is_lost = ["primary", "primary/index", "primary/pack-00000000"].contains(&file.as_str())
                    && *words == "history show HISTORY primary";
                assert!(refused.status == 0 || is_lost, "{file}: {words}: {}", refused.stderr);
            }
        }
    }
}

#[test]
fn what_is_closed_in_a_history_is_opened() {
    let published = bench();
    let itself = String::new();
    for file in files(&published.history()).iter().chain([&itself]) {
        for words in OF_HISTORIES {
            let bench = published.copy();
            let path = bench.history().join(file);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
            let denied = reading(&bench, obedient_program(), words);
            if denied.status != 0 {
                let denied = denied.says(&[file]);
                follow_all(&bench, &denied);
                reading(&bench, obedient_program(), words).expect(0);
            }
            // What is left is removed by somebody who may.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
}

#[test]
fn copies_that_cannot_be_used_are_begun_anew() {
    let published = bench();
    let update = |bench: &Bench, options: &[&str]| {
        let mut update = obedient_program();
        run(update.arg("update").args(options).arg(bench.repo()).arg(bench.path("cache")))
    };
    update(&published, &[]).expect(0);
    let notes = |cache: &Path| {
        let notes = cache.join(".createrepo-delta.json");
        let text = fs::read_to_string(&notes).unwrap();
        fs::write(notes, text.replace("cache 1", "cache 2")).unwrap();
    };
    let only_notes = |cache: &Path| {
        fs::remove_dir_all(cache.join("repodata")).unwrap();
        notes(cache);
    };
    let replaced = |cache: &Path, name: &str| {
        let path = cache.join(name);
        fs::rename(&path, cache.with_file_name("elsewhere")).unwrap();
        symlink("no such file", &path).unwrap();
    };
    let closed = |cache: &Path, name: &str| {
        fs::set_permissions(cache.join(name), fs::Permissions::from_mode(0o000)).unwrap();
    };
    let harms: [&dyn Fn(&Path); 9] = [
        &notes,
        &only_notes,
        &|cache| replaced(cache, ".createrepo-delta.json"),
        &|cache| replaced(cache, ".createrepo-delta.lock"),
        &|cache| replaced(cache, "repodata/repomd.xml"),
        &|cache| replaced(cache, "repodata"),
        &|cache| closed(cache, ".createrepo-delta.json"),
        &|cache| closed(cache, "repodata/repomd.xml"),
        &|cache| closed(cache, "repodata"),
    ];
    for (nth, harm) in harms.into_iter().enumerate() {
        for options in [&[][..], &["--dry-run"]] {
            let bench = published.copy();
            harm(&bench.path("cache"));
            let refused = update(&bench, options);
            // A dry run takes no lock.
            if nth == 3 && !options.is_empty() {
                refused.expect(0);
                continue;
            }
            assert_ne!(refused.status, 0, "{nth}");
            follow_all(&bench, &refused);
            update(&bench, options).expect(0);
            update(&bench, &[]).expect(0);
            update(&bench, &["--offline"]).expect(0);
        }
    }
}

#[test]
fn only_the_copy_is_moved_away_however_it_is_named() {
    for named in ["me/repodata", "srv/repodata/os", "repodata", "me/copy/", "./me/copy/."] {
        let bench = bench();
        let copy = bench.path(named);
        fs::create_dir_all(copy.join(".createrepo-delta.json")).unwrap();
        let update = || run(program("update").current_dir(bench.path("")).arg(bench.repo()).arg(named));
        let refused = update().expect(2);
        let command = quoted(hint(&refused))[0];
        let real = named.trim_end_matches('.').trim_end_matches('/');
        assert_eq!(command, format!("mv {real} {real}.old"));
        let moved = run(Command::new("sh").current_dir(bench.path("")).args(["-c", command]));
        assert_eq!(moved.status, 0, "{}", moved.stderr);
        update().expect(0);
    }
}

#[test]
fn no_command_has_a_path_that_cannot_be_shown() {
    let bench = bench();
    let copy = bench.path("a\u{202e}b\u{1b}c");
    fs::create_dir_all(copy.join(".createrepo-delta.json")).unwrap();
    let refused = run(program("update").arg(bench.repo()).arg(&copy)).expect(2);
    assert!(refused.stderr.contains("a\\u{202e}b\\u{1b}c"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("hint: "), "{}", refused.stderr);
}
