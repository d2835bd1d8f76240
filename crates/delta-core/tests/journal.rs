//! Laws of journals, for any generations: every generation that is served comes
//! to the target, by every run, byte for byte.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::journal::{
    GenerationId, Head, Journal, StepOptions, StepPayload, apply_steps, encode_step, read_steps,
    write_journal,
};
use delta_core::{Limits, Rule};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Generations, newest first, cut and numbered.
struct History {
    rule: Rule,
    files: Vec<Vec<u8>>,
    table: ChunkTable,
    sequences: Vec<Vec<Symbol>>,
    texts: Vec<Vec<u8>>,
}

impl History {
    fn new(rule: Rule, files: Vec<Vec<u8>>) -> Self {
        let mut history = Self { rule, files, table: ChunkTable::new(), sequences: vec![], texts: vec![] };
        for file in &history.files {
            let mut chunks = Chunker::new(&file[..], rule, &Limits::default());
            let mut sequence = Vec::new();
            while let Some(chunk) = chunks.next_chunk().unwrap() {
                let symbol = history.table.intern(ChunkId::hash(chunk), chunk.len()).unwrap();
                if symbol as usize == history.texts.len() {
                    history.texts.push(chunk.to_vec());
                }
                sequence.push(symbol);
            }
            history.sequences.push(sequence);
        }
        history
    }

    fn id(&self, generation: usize) -> GenerationId {
        GenerationId::from_sha256(&Sha256::digest(&self.files[generation]).into())
    }

    fn step(&self, from: usize, to: usize, options: &StepOptions) -> Vec<u8> {
        let chunk = |symbol: Symbol, out: &mut Vec<u8>| {
            out.extend_from_slice(&self.texts[symbol as usize]);
            Ok(())
        };
        let (old, new) = (&self.sequences[from], &self.sequences[to]);
        encode_step(self.rule, &self.table, old, new, chunk, options).unwrap().payload
    }

    /// A journal of these runs, each a list of generations that begins with the
    /// first one after the target.
    fn journal(&self, runs: &[Vec<usize>], options: &StepOptions) -> Journal {
        let payloads: Vec<Vec<(usize, Vec<u8>)>> = runs
            .iter()
            .map(|run| {
                let targets = std::iter::once(0).chain(run.iter().copied());
                run.iter().zip(targets).map(|(from, to)| (*from, self.step(*from, to, options))).collect()
            })
            .collect();
        let runs: Vec<Vec<StepPayload<'_>>> = payloads
            .iter()
            .map(|run| {
                run.iter().map(|(from, payload)| StepPayload { from: self.id(*from), payload }).collect()
            })
            .collect();
        write_journal(&runs).unwrap()
    }

    fn apply(&self, journal: &Journal, from: usize) -> Vec<Vec<u8>> {
        let head = Head::read(&journal.bytes[..journal.head_len]).unwrap();
        assert_eq!(head.file_len(), journal.bytes.len() as u64);
        let ways = head.ways(self.id(from));
        ways.iter()
            .map(|way| {
                let range = way.range();
                let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                let payloads = read_steps(&head, way, &journal.bytes[range], 1 << 30).unwrap();
                let mut out = Vec::new();
                let limits = Limits::default().with_max_output(self.files[0].len() as u64);
                let base = || Ok(&self.files[from][..]);
                apply_steps(self.rule, base, &payloads, Cursor::new(Vec::new()), &mut out, &limits).unwrap();
                out
            })
            .collect()
    }
}

fn primary() -> Rule {
    Rule::for_type("primary").unwrap()
}

/// Files of packages, with other headers and footers now and then.
fn files() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let package = (0_u8..12, 0_u8..3).prop_map(|(name, version)| {
        let body = "x".repeat(usize::from(name) * 3);
        format!("<package n{name}>{body}<time file=\"{version}\"/></package>\n")
    });
    let file =
        (0_u8..2, proptest::collection::vec(package, 0..14), 0_u8..3).prop_map(|(head, packages, foot)| {
            let foot = ["</metadata>", "</metadata>\n", ""][usize::from(foot)];
            format!("<?xml?>\n<metadata v=\"{head}\">\n{}{foot}", packages.concat()).into_bytes()
        });
    proptest::collection::vec(file, 2..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_generation_comes_to_the_target(files in files(), frame_bytes in 1_usize..300) {
        let history = History::new(primary(), files);
        let all: Vec<usize> = (1..history.files.len()).collect();
        let last = history.files.len() - 1;
        let mut options = StepOptions::default().with_level(3);
        options.frame_bytes = frame_bytes;
        options.all_old_from = frame_bytes / 2;
        let journal = history.journal(&[all.clone(), vec![last]], &options);
        for from in all {
            for found in history.apply(&journal, from) {
                prop_assert_eq!(&found, &history.files[0]);
            }
        }
    }

    #[test]
    fn any_bytes_at_all(files in proptest::collection::vec(
        proptest::collection::vec(proptest::sample::select(vec!["<package ", "</", "<", "a>\n", "package "]), 0..30),
        2..4,
    )) {
        let history = History::new(primary(), files.into_iter().map(|parts| parts.concat().into_bytes()).collect());
        let all: Vec<usize> = (1..history.files.len()).collect();
        let journal = history.journal(std::slice::from_ref(&all), &StepOptions::default().with_level(1));
        for from in all {
            for found in history.apply(&journal, from) {
                prop_assert_eq!(&found, &history.files[0]);
            }
        }
    }

    #[test]
    fn any_payload_is_applied_or_refused(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
        let base = || Ok(&b"<m><package a/><package b/></m>"[..]);
        let limits = Limits::default().with_max_output(1000);
        let _ = apply_steps(primary(), base, &[payload], Cursor::new(Vec::new()), std::io::sink(), &limits);
    }
}

#[test]
fn a_base_that_is_another_one_is_refused_or_gives_another_file() {
    let file = |names: &[&str]| {
        let packages: Vec<String> = names.iter().map(|n| format!("<package {n}/>")).collect();
        format!("<m>{}</m>", packages.concat())
    };
    let history =
        History::new(primary(), vec![file(&["a", "b", "c2"]).into(), file(&["a", "b", "c"]).into()]);
    let journal = history.journal(&[vec![1]], &StepOptions::default());
    let head = Head::read(&journal.bytes[..journal.head_len]).unwrap();
    let way = &head.ways(history.id(1))[0];
    let payloads = read_steps(&head, way, &journal.bytes[journal.head_len..], 1000).unwrap();
    let base = || Ok(&b"<m></m>"[..]);
    let limits = Limits::default();
    let refusal = apply_steps(primary(), base, &payloads, Cursor::new(vec![]), std::io::sink(), &limits);
    assert_eq!(
        refusal.unwrap_err().to_string(),
        "the old version has only 2 chunks; the journal is for another one"
    );
}

/// What comes may stand anywhere in the old file, also after the place where it comes.
#[test]
fn text_that_stands_elsewhere_costs_nearly_nothing() {
    let package = |name: &str, n: u32| {
        let words: Vec<String> = (0..400_u32).map(|k| format!("{:x}", (n + k * 104_729) % 65_537)).collect();
        format!("<package {name}>{}</package>\n", words.concat())
    };
    let file = |first: &str| {
        let rest: Vec<String> = (0..40).map(|n| package(&format!("p{n}"), n * 7919)).collect();
        format!("<m>\n{first}{}</m>", rest.concat()).into_bytes()
    };
    let came: Vec<String> = (20..30).map(|n| package(&format!("q{n}"), n * 7919)).collect();
    let history = History::new(primary(), vec![file(&came.concat()), file("")]);
    let mut options = StepOptions::default();
    let step = history.step(1, 0, &options).len();
    assert!(step < 300, "{step} bytes");
    options.all_old_from = usize::MAX;
    let step = history.step(1, 0, &options).len();
    assert!(step > 5_000, "{step} bytes");
    let journal = history.journal(&[vec![1]], &StepOptions::default());
    assert_eq!(history.apply(&journal, 1), [history.files[0].clone()]);
}

/// Text beyond what is kept in memory goes through the scratch file.
#[test]
fn large_changes_spill() {
    let package = |n: u32, version: u32| {
        let body: Vec<String> =
            (0..2000_u32).map(|k| format!("{:x}", (n * 7919 + k * 104_729 + version) % 65_537)).collect();
        let body = body.concat();
        format!("<package {n} v={version}>{body}</package>\n")
    };
    let file = |version: u32| {
        let packages: String = (0..2600).map(|n| package(n, version)).collect();
        format!("<m>\n{packages}</m>").into_bytes()
    };
    let history = History::new(primary(), vec![file(2), file(1), file(0)]);
    let journal = history.journal(&[vec![1, 2]], &StepOptions::default().with_level(1));
    assert_eq!(history.apply(&journal, 2), [history.files[0].clone()]);
}
