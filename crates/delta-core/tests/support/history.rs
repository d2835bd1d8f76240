//! Publishes of several types, the journals that lead to the newest of them, and a client.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::journal::{
    Fetched, GenerationId, Ids, Journal, JournalPart, JournalStep, PartEncoder, PartOptions, Reading,
    apply_parts, write_journal,
};
use delta_core::{Limits, Rule};
use sha2::{Digest, Sha256};

/// The sequence number of the newest publish.
pub(crate) const SEQUENCE: u64 = 300;

/// A type, its file in each publish cut and numbered.
#[derive(Debug)]
struct Type {
    name: &'static str,
    rule: Rule,
    table: ChunkTable,
    texts: Vec<Vec<u8>>,
    sequences: Vec<Vec<Symbol>>,
}

/// Publishes, newest first: of each a file for each type.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) publishes: Vec<Vec<Vec<u8>>>,
    pub(crate) options: PartOptions,
    /// Whether identifiers are shared.
    pub(crate) shares: bool,
    /// Publishes and types for which steps from there have no part.
    pub(crate) missing: Vec<(usize, usize)>,
    types: Vec<Type>,
}

/// A step with what it consists of.
pub(crate) struct Step {
    sequence: u64,
    ids: Arc<Ids>,
    parts: Vec<Owned>,
}

enum Owned {
    Unchanged,
    Missing,
    Part(GenerationId, Vec<u8>),
}

impl Type {
    fn new(name: &'static str) -> Self {
        let rule = Rule::for_type(name).unwrap();
        Self { name, rule, table: ChunkTable::new(), texts: Vec::new(), sequences: Vec::new() }
    }

    fn add(&mut self, file: &[u8]) {
        let mut chunks = Chunker::new(file, self.rule, &Limits::default());
        let mut sequence = Vec::new();
        while let Some(chunk) = chunks.next_chunk().unwrap() {
            let symbol = self.table.intern(ChunkId::hash(chunk), chunk.len()).unwrap();
            if symbol as usize == self.texts.len() {
                self.texts.push(chunk.to_vec());
            }
            sequence.push(symbol);
        }
        self.sequences.push(sequence);
    }

    fn chunk(&self) -> impl FnMut(Symbol, &mut Vec<u8>) -> std::io::Result<()> + '_ {
        |symbol, out| {
            out.extend_from_slice(&self.texts[symbol as usize]);
            Ok(())
        }
    }
}

impl History {
    pub(crate) fn new(names: &[&'static str], publishes: Vec<Vec<Vec<u8>>>) -> Self {
        let mut types: Vec<Type> = names.iter().map(|name| Type::new(name)).collect();
        for publish in &publishes {
            types.iter_mut().zip(publish).for_each(|(data_type, file)| data_type.add(file));
        }
        let options = PartOptions::default();
        Self { publishes, options, shares: true, missing: Vec::new(), types }
    }

    /// Of one type.
    pub(crate) fn primary(files: Vec<Vec<u8>>) -> Self {
        Self::new(&["primary"], files.into_iter().map(|file| vec![file]).collect())
    }

    pub(crate) fn id(&self, publish: usize, data_type: usize) -> GenerationId {
        GenerationId::from_sha256(&Sha256::digest(&self.publishes[publish][data_type]).into())
    }

    pub(crate) fn step(&self, from: usize, to: usize) -> Step {
        let changed = |nth: usize| self.publishes[from][nth] != self.publishes[to][nth];
        let encoders: Vec<Option<PartEncoder<'_>>> = (self.types.iter().enumerate())
            .map(|(nth, Type { rule, table, sequences, .. })| {
                let (old, new) = (&sequences[from], &sequences[to]);
                let is_part = changed(nth) && !self.missing.contains(&(from, nth));
                is_part.then(|| PartEncoder::new(*rule, table, old, new, self.options.clone()))
            })
            .collect();
        let both = || encoders.iter().zip(&self.types);
        let inserted = both().filter_map(|(encoder, data_type)| {
            encoder.as_ref().map(|encoder| encoder.ids(data_type.chunk()).unwrap())
        });
        let inserted: Vec<Vec<Vec<u8>>> = inserted.filter(|_| self.shares).collect();
        let ids = Arc::new(Ids::shared(&inserted));
        let parts = both().enumerate().map(|(nth, (encoder, data_type))| match encoder {
            Some(encoder) => {
                Owned::Part(self.id(from, nth), encoder.encode(&ids, data_type.chunk()).unwrap().payload)
            }
            None if changed(nth) => Owned::Missing,
            None => Owned::Unchanged,
        });
        Step { sequence: SEQUENCE - from as u64, parts: parts.collect(), ids }
    }

    /// A journal of these runs, each a list of publishes that begins with the first one after the newest.
    pub(crate) fn journal(&self, runs: &[Vec<usize>]) -> Journal {
        let run = |run: &Vec<usize>| -> Vec<Step> {
            let targets = std::iter::once(0).chain(run.iter().copied());
            run.iter().zip(targets).map(|(from, to)| self.step(*from, to)).collect()
        };
        let runs: Vec<Vec<Step>> = runs.iter().map(run).collect();
        let runs: Vec<Vec<JournalStep<'_>>> =
            runs.iter().map(|run| run.iter().map(Step::as_written).collect()).collect();
        let names: Vec<&str> = self.types.iter().map(|data_type| data_type.name).collect();
        write_journal(&names, SEQUENCE, &runs).unwrap()
    }

    /// The types that a client with these publishes of them asks for: those that are not the newest already.
    pub(crate) fn outdated(&self, held: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let is_old =
            |(nth, publish): &(usize, usize)| self.publishes[*publish][*nth] != self.publishes[0][*nth];
        held.iter().copied().filter(is_old).collect()
    }

    /// Those, as the head knows them.
    pub(crate) fn bases(&self, held: &[(usize, usize)]) -> Vec<(usize, GenerationId)> {
        held.iter().map(|(nth, publish)| (*nth, self.id(*publish, *nth))).collect()
    }

    /// Follows a reading for types of these publishes, and expects the newest; returns the bytes read.
    pub(crate) fn assert_leads_on(
        &self,
        journal: &[u8],
        reading: &Reading,
        held: &[(usize, usize)],
        gap: u64,
    ) -> u64 {
        let fetched = fetched(journal, reading, gap);
        let parts = reading.parts(&fetched).unwrap();
        assert_eq!(parts.len(), held.len());
        for ((nth, publish), parts) in held.iter().zip(&parts) {
            let (base, target) = (&self.publishes[*publish][*nth], &self.publishes[0][*nth]);
            let limits = Limits::default().with_max_output(target.len() as u64);
            let mut out = Vec::new();
            let scratch = Cursor::new(Vec::new());
            apply_parts(self.types[*nth].rule, || Ok(&base[..]), parts, scratch, &mut out, &limits).unwrap();
            assert!(out == *target, "type {nth} of publish {publish}");
        }
        reading.bytes(gap)
    }
}

impl Step {
    pub(crate) fn as_written(&self) -> JournalStep<'_> {
        let parts = self.parts.iter().map(Owned::as_written).collect();
        JournalStep { sequence: self.sequence, ids: self.ids.clone(), parts }
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    pub(crate) fn payloads(&self) -> Vec<&[u8]> {
        let parts = self.parts.iter().map(Owned::as_written);
        let payloads =
            parts.map(|part| if let JournalPart::Part { payload, .. } = part { payload } else { &[] });
        payloads.filter(|payload| !payload.is_empty()).collect()
    }
}

impl Owned {
    fn as_written(&self) -> JournalPart<'_> {
        match self {
            Self::Unchanged => JournalPart::Unchanged,
            Self::Missing => JournalPart::Missing,
            Self::Part(from, payload) => JournalPart::Part { from: *from, payload },
        }
    }
}

/// Just the bytes that a reading asks for.
pub(crate) fn fetched(journal: &[u8], reading: &Reading, gap: u64) -> Fetched<'static> {
    let mut fetched = Fetched::new();
    for range in reading.ranges(gap) {
        fetched.add(range.start, journal[as_usize(&range)].to_vec());
    }
    fetched
}

pub(crate) fn as_usize(range: &Range<u64>) -> Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}
