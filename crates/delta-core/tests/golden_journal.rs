//! The golden files of format 2: journals that were published once must be read
//! the same way for ever, and are written the same way by this version.
//!
//! How text is compressed is not part of the format: another zstd may write other
//! bytes, which is fine as long as the old ones are read. What to do then is in
//! `testdata/format-2/README.md`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::journal::{
    GenerationId, Head, Journal, StepOptions, StepPayload, apply_steps, encode_step, read_steps,
    write_journal,
};
use delta_core::{Limits, Rule};
use sha2::{Digest, Sha256};

fn testdata(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

/// Generations of one file, newest first, and the runs of their journal: each a
/// list of generations, from the one whose step leads to the newest on.
struct Story {
    name: &'static str,
    rule: Rule,
    files: Vec<Vec<u8>>,
    runs: Vec<Vec<usize>>,
    options: StepOptions,
}

/// Everything that a payload may have, in a few kilobytes.
fn stories() -> Vec<Story> {
    let options = StepOptions::default;
    let mut small_frames = options();
    small_frames.frame_bytes = 2_000;
    let format_1 = |name: &str| fs::read(testdata("format-1").join(name)).unwrap();
    let rule = |data_type| Rule::for_type(data_type).unwrap();
    vec![
        Story {
            name: "example",
            rule: rule("other"),
            files: ["new.xml", "old-2.xml", "old-1.xml"].map(format_1).to_vec(),
            runs: vec![vec![1, 2], vec![2]],
            options: options(),
        },
        Story {
            name: "frames",
            rule: rule("primary"),
            files: (0..4).rev().map(packages).collect(),
            runs: vec![vec![1, 2, 3], vec![1, 3]],
            options: small_frames,
        },
        Story {
            name: "context",
            rule: rule("primary"),
            files: vec![with_extra(true), with_extra(false)],
            runs: vec![vec![1]],
            options: options(),
        },
    ]
}

/// Two hundred packages, of which each version changes some.
fn packages(version: u32) -> Vec<u8> {
    let mut file = format!("<metadata packages=\"{}\">\n", 200 + version).into_bytes();
    for package in 0..200 + version {
        let changed = (1..=version).rev().find(|v| (package * 7 + v * 3) % 5 == 0).unwrap_or(0);
        let text = (0..6).fold(String::new(), |mut text, line| {
            write!(text, " {:x}", (package * 7919 + line * 104_729 + changed).wrapping_mul(2_654_435_761))
                .unwrap();
            text
        });
        file.extend(format!("<package name=\"p{package}\" version=\"{changed}\">{text}</package>\n").bytes());
    }
    file.extend(b"</metadata>\n");
    file
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
            fs::read_dir(testdata("format-2")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let is_ours = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".journal") && name.split('.').next() == Some(self.name)
        };
        let found: Vec<_> = paths.iter().filter(is_ours).map(|path| fs::read(path).unwrap()).collect();
        assert!(!found.is_empty(), "no journal of {}", self.name);
        found
    }

    fn id(&self, generation: usize) -> GenerationId {
        GenerationId::from_sha256(&Sha256::digest(&self.files[generation]).into())
    }

    fn write(&self) -> Journal {
        let mut table = ChunkTable::new();
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let mut sequences: Vec<Vec<Symbol>> = Vec::new();
        for file in &self.files {
            let mut chunks = Chunker::new(&file[..], self.rule, &Limits::default());
            let mut sequence = Vec::new();
            while let Some(chunk) = chunks.next_chunk().unwrap() {
                let symbol = table.intern(ChunkId::hash(chunk), chunk.len()).unwrap();
                if symbol as usize == texts.len() {
                    texts.push(chunk.to_vec());
                }
                sequence.push(symbol);
            }
            sequences.push(sequence);
        }
        let step = |to: usize, from: usize| {
            let chunk = |symbol: Symbol, out: &mut Vec<u8>| {
                out.extend_from_slice(&texts[symbol as usize]);
                Ok(())
            };
            encode_step(self.rule, &table, &sequences[from], &sequences[to], chunk, &self.options)
                .unwrap()
                .payload
        };
        let steps: Vec<Vec<(GenerationId, Vec<u8>)>> = self
            .runs
            .iter()
            .map(|run| {
                let targets = std::iter::once(0).chain(run.iter().copied());
                run.iter().zip(targets).map(|(from, to)| (self.id(*from), step(to, *from))).collect()
            })
            .collect();
        let runs: Vec<Vec<StepPayload<'_>>> = steps
            .iter()
            .map(|run| run.iter().map(|(from, payload)| StepPayload { from: *from, payload }).collect())
            .collect();
        write_journal(&runs).unwrap()
    }
}

#[test]
fn journals_are_read_as_ever() {
    for (story, journal) in
        stories().iter().flat_map(|story| story.golden().into_iter().map(move |j| (story, j)))
    {
        let head = Head::of_file(&journal).unwrap();
        assert_eq!(head.file_len(), journal.len() as u64, "{}", story.name);
        let mut served = 0;
        for (id, way) in head.all() {
            let old = (1..story.files.len()).find(|n| story.id(*n) == id).unwrap();
            let range = way.range();
            let bytes = &journal[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            let payloads = read_steps(&head, &way, bytes, 1 << 20).unwrap();
            let mut made = Vec::new();
            let base = || Ok(&story.files[old][..]);
            let scratch = Cursor::new(Vec::new());
            apply_steps(story.rule, base, &payloads, scratch, &mut made, &Limits::default()).unwrap();
            assert!(made == story.files[0], "{} from {old}", story.name);
            served += 1;
        }
        assert_eq!(served, story.runs.iter().map(Vec::len).sum::<usize>(), "{}", story.name);
    }
}

#[test]
fn journals_are_written_as_ever() {
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for story in stories() {
        let written = story.write().bytes;
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
        for (_, way) in head.all() {
            let start = usize::try_from(way.range().start).unwrap();
            flags |= journal[start];
        }
    }
    assert_eq!(flags, 0x0b, "the first payloads of the runs have these flags together");
}

/// No metadata known so far needs a list of lengths, so that its golden step was
/// put together by hand.
#[test]
fn a_step_with_lengths_is_read_as_ever() {
    let payload = fs::read(testdata("format-2").join("lengths.step")).unwrap();
    assert_eq!(payload[0], 4);
    let base = || Ok(&b"<m>\n<package a/>\n</m>"[..]);
    let rule = Rule::for_type("primary").unwrap();
    let mut made = Vec::new();
    let scratch = Cursor::new(Vec::new());
    apply_steps(rule, base, &[payload], scratch, &mut made, &Limits::default()).unwrap();
    assert_eq!(made, b"<m>\n<package b/>\n<package c/>\n</m>");
}
