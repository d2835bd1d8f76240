//! The golden files of format 2: journals that were published once must be read
//! the same way for ever, and are written the same way by this version.
//!
//! How text is compressed is not part of the format: another zstd may write other
//! bytes, which is fine as long as the old ones are read. What to do then is in
//! `testdata/format-2/README.md`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use delta_core::Limits;
use delta_core::journal::Head;
use support::history::{History, fetched};

mod support;

fn testdata() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-2")
}

/// A journal by its publishes and runs.
struct Story {
    name: &'static str,
    history: History,
    runs: Vec<Vec<usize>>,
}

/// Everything that a journal may have.
fn stories() -> Vec<Story> {
    let example = (0..3).rev().map(example).collect();
    let both = |version| vec![packages(version, 6), packages(version, 1)];
    let mut frames = History::new(&["primary", "other"], (0..4).rev().map(both).collect());
    frames.options.frame_bytes = 2_000;
    frames.missing = vec![(3, 1)];
    let large = |version| vec![packages(u32::from(version > 0), 1), noise(version)];
    vec![
        Story {
            name: "example",
            history: History::new(&["filelists", "other"], example),
            runs: vec![vec![1, 2], vec![2]],
        },
        Story { name: "frames", history: frames, runs: vec![vec![1, 2, 3], vec![1, 3]] },
        Story {
            name: "context",
            history: History::primary(vec![with_extra(true), with_extra(false)]),
            runs: vec![vec![1]],
        },
        Story {
            name: "groups",
            history: History::new(&["primary", "other"], (0..4).rev().map(large).collect()),
            runs: vec![vec![1, 2, 3]],
        },
    ]
}

/// The publishes of the worked example, filelists and other: a line of a changelog comes, then a package.
fn example(version: u32) -> Vec<Vec<u8>> {
    let a = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8";
    let b = "e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98";
    let line = if version > 0 { "<changelog>fix</changelog>" } else { "" };
    let (f, o) = if version > 1 {
        let pkgid = "84a516841ba77a5b4648de2cd0dfcb30ea46dbb4";
        (
            format!("<package pkgid=\"{pkgid}\"><file>/c</file></package>\n"),
            format!("<package pkgid=\"{pkgid}\"></package>\n"),
        )
    } else {
        Default::default()
    };
    let filelists = format!(
        "<filelists>\n<package pkgid=\"{a}\"><file>/a</file></package>\n\
         <package pkgid=\"{b}\"><file>/b</file></package>\n{f}</filelists>\n"
    );
    let other = format!(
        "<otherdata>\n<package pkgid=\"{a}\">{line}</package>\n<package pkgid=\"{b}\"></package>\n{o}</otherdata>\n"
    );
    vec![filelists.into_bytes(), other.into_bytes()]
}

/// Two hundred packages of so many words, of which each version changes some.
fn packages(version: u32, words: u32) -> Vec<u8> {
    let mut file = format!("<metadata packages=\"{}\">\n", 200 + version).into_bytes();
    for package in 0..200 + version {
        let changed = (1..=version).rev().find(|v| (package * 7 + v * 3) % 5 == 0).unwrap_or(0);
        let text = (0..words).fold(String::new(), |mut text, word| {
            write!(text, " {:x}", (package * 7919 + word * 104_729 + changed).wrapping_mul(2_654_435_761))
                .unwrap();
            text
        });
        file.extend(format!("<package name=\"p{package}\" version=\"{changed}\">{text}</package>\n").bytes());
    }
    file.extend(b"</metadata>\n");
    file
}

/// Two packages of which the second is of little text, but in the last version of more than one group.
fn noise(version: u32) -> Vec<u8> {
    let mut state = 7_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from(state >> 58).unwrap())
    };
    let text: String = (0..if version == 3 { 90_000 } else { 20 }).map(|_| letter()).collect();
    let text = text.replace('<', "_");
    format!("<m>\n<package a=\"{version}\"/>\n<package>{text}</package>\n</m>\n").into_bytes()
}

/// A package that is new, and much like its neighbour.
fn with_extra(extra: bool) -> Vec<u8> {
    let text = |n: u32| {
        (0..40).map(|k| format!("{:x}", (n * 31 + k).wrapping_mul(2_654_435_761))).collect::<Vec<_>>()
    };
    let mut file = "<m>\n".to_owned();
    for n in 0..6 {
        writeln!(file, "<package name=\"p{n}\">{}</package>", text(n).concat()).unwrap();
        if extra && n == 3 {
            writeln!(file, "<package name=\"p3-devel\">{}</package>", text(n).concat()).unwrap();
        }
    }
    (file + if extra { "</m>\n" } else { "</m>" }).into_bytes()
}

impl Story {
    /// The journals of this story that there are: `NAME.journal`, and
    /// `NAME.….journal` as later versions of zstd wrote it.
    fn golden(&self) -> Vec<Vec<u8>> {
        let mut paths: Vec<_> =
            fs::read_dir(testdata()).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let is_ours = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".journal") && name.split('.').next() == Some(self.name)
        };
        let found: Vec<_> = paths.iter().filter(is_ours).map(|path| fs::read(path).unwrap()).collect();
        assert!(!found.is_empty(), "no journal of {}", self.name);
        found
    }

    /// What each client asks for that has an old publish, of every type alone and of all.
    fn clients(&self) -> Vec<Vec<(usize, usize)>> {
        let types = 0..self.history.publishes[0].len();
        let selections = types.clone().map(|nth| nth..nth + 1).chain([types]);
        let client = |types: std::ops::Range<usize>, publish| -> Vec<(usize, usize)> {
            self.history.outdated(&types.map(|nth| (nth, publish)).collect::<Vec<_>>())
        };
        selections
            .flat_map(|types| {
                (1..self.history.publishes.len()).map(move |publish| client(types.clone(), publish))
            })
            .filter(|held| !held.is_empty())
            .collect()
    }
}

#[test]
fn journals_are_read_as_ever() {
    for story in stories() {
        for journal in story.golden() {
            let head = Head::of_file(&journal).unwrap();
            assert_eq!(head.file_len(), journal.len() as u64, "{}", story.name);
            for held in story.clients() {
                match head.reading(&story.history.bases(&held), 0) {
                    Some(reading) => {
                        story.history.assert_leads_on(&journal, &reading, &held, 0);
                    }
                    None => assert!(
                        held.iter()
                            .any(|&(nth, publish)| { story.history.missing.contains(&(publish, nth)) })
                    ),
                }
            }
        }
    }
}

#[test]
fn journals_are_written_as_ever() {
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for story in stories() {
        let written = story.history.journal(&story.runs).bytes;
        let left = made.join(format!("{}.journal", story.name));
        fs::write(&left, &written).unwrap();
        assert!(
            story.golden().contains(&written),
            "`{}` is none of `testdata/format-2/{}.*`: see the README there",
            left.display(),
            story.name
        );
    }
}

#[test]
fn the_journals_have_all_that_there_is() {
    let mut flags = 0;
    for story in stories() {
        let journal = story.golden().remove(0);
        let head = Head::of_file(&journal).unwrap();
        let readings =
            story.clients().into_iter().filter_map(|held| head.reading(&story.history.bases(&held), 0));
        for reading in readings {
            let fetched = fetched(&journal, &reading, 0);
            let parts = reading.parts(&fetched).unwrap();
            flags |= parts.iter().flatten().fold(0, |flags, part| flags | part.payload[0]);
        }
    }
    assert_eq!(flags, 0x1b, "the payloads have these flags together");
}

/// No metadata known so far needs a list of lengths, so that its golden step was
/// put together by hand.
#[test]
fn a_step_with_lengths_is_read_as_ever() {
    let payload = fs::read(testdata().join("lengths.step")).unwrap();
    assert_eq!(payload[0], 4);
    let mut made = Vec::new();
    support::apply(b"<m>\n<package a/>\n</m>", &[payload], &mut made, &Limits::default()).unwrap();
    assert_eq!(made, b"<m>\n<package b/>\n<package c/>\n</m>");
}
