//! What clients were served before a run, and what of that they are no longer served
//! after it. Nothing is changed here.
//!
//! A generation is *withdrawn* if it was served, and now is not because the history
//! does not have it any more or its type was left alone. One that retention retires,
//! that was forgotten by request, or that is still remembered and stays unserved by a
//! size limit, the budget or an option is not.

use std::collections::{BTreeMap, BTreeSet};

use delta_core::journal::GenerationId;
use history::Hex;
use repomd::Record;

use crate::ledger::Ledger;
use crate::naming::Naming;
use crate::ours::OurFile;
use crate::report::Withdrawn;
use crate::repository::Repository;

/// What was served before, per metadata type.
#[derive(Debug, Default)]
pub(crate) struct Before {
    types: BTreeMap<String, Served>,
}

/// What was served of one type.
#[derive(Debug, Default)]
struct Served {
    /// Open SHA-256 of generations, from the ledger.
    known: BTreeSet<String>,
    /// Generations of journals that the ledger does not know.
    ids: BTreeSet<GenerationId>,
    /// Journals that the ledger does not know and that repomd.xml does not list: each
    /// led to a generation that was published, and is another than it serves.
    unlisted: usize,
    /// Whether there are deltas that do not tell what they serve.
    unknown: bool,
    /// Whether repomd.xml lists deltas, and no journal, that the ledger does not know.
    foreign: bool,
}

impl Served {
    fn is_empty(&self) -> bool {
        self.known.is_empty() && self.ids.is_empty() && self.unlisted == 0 && !self.unknown && !self.foreign
    }
}

/// What becomes of a type in a run.
#[derive(Debug, Default)]
pub(crate) struct Now {
    /// Open SHA-256 of the generations that the history has, the current one
    /// included.
    pub(crate) remembered: BTreeSet<String>,
    /// Those that retention retired or a request made forgotten.
    pub(crate) retired: BTreeSet<String>,
    /// Whether the current one is news to the history.
    pub(crate) is_new: bool,
}

impl Before {
    /// From the ledger; from what repomd.xml lists; and from the files in repodata/
    /// that the ledger does not know, `found`.
    pub(crate) fn read(repository: &Repository, ledger: &Ledger, found: &[OurFile]) -> Self {
        let mut types: BTreeMap<String, Served> = BTreeMap::new();
        let in_journal = ledger.journal.iter().flat_map(|entry| entry.served.keys());
        for data_type in ledger.types.keys().chain(in_journal) {
            types.entry(data_type.clone()).or_default().known = ledger.served(data_type);
        }
        for record in &repository.model.records {
            let served = types.entry(record.kind.clone()).or_default();
            served.add_files(repository, record, ledger, found);
            let strange = listed_deltas(record).any(|file| !ledger.knows(file));
            served.unknown |= strange;
            served.foreign |= strange && repository.model.journal.is_none();
        }
        types.retain(|_, served| !served.is_empty());
        Self { types }
    }

    /// Whether anything of a type was served.
    pub(crate) fn has(&self, data_type: &str) -> bool {
        self.types.contains_key(data_type)
    }

    /// The generations that were served of a type, by open SHA-256, as far as the ledger tells.
    pub(crate) fn known(&self, data_type: &str) -> impl Iterator<Item = &String> {
        self.types.get(data_type).into_iter().flat_map(|served| &served.known)
    }

    /// What is withdrawn of a type whose generations are in the history as `now`
    /// says.
    pub(crate) fn withdrawn(&self, data_type: &str, now: &Now) -> Option<Withdrawn> {
        let served = self.types.get(data_type)?;
        let there = |sha256: &String| now.remembered.contains(sha256) || now.retired.contains(sha256);
        let mut lost: BTreeSet<GenerationId> =
            served.known.iter().filter(|s| !there(s)).filter_map(|s| id(s)).collect();
        let there: BTreeSet<GenerationId> =
            now.remembered.iter().chain(&now.retired).filter_map(|s| id(s)).collect();
        lost.extend(served.ids.iter().filter(|id| !there.contains(id)));
        // What they led to is lost, too, unless it is the current one, or the history is
        // whole and only the ledger was lost.
        let led_away = now.is_new && !served.ids.iter().any(|id| there.contains(id));
        let lost = lost.len() + if led_away { served.unlisted } else { 0 };
        let no_past = now.remembered.len() < 2;
        let untold = served.unknown && no_past && served.known.is_empty() && served.ids.is_empty();
        // Deltas that another history, or a later state of this one, made.
        let untold = untold || (served.foreign && !served.known.is_empty());
        (untold || lost > 0)
            .then(|| Withdrawn { data_type: data_type.to_owned(), generations: (lost > 0).then_some(lost) })
    }

    /// All that was served of a type, as withdrawn.
    pub(crate) fn all(&self, data_type: &str) -> Option<Withdrawn> {
        let served = self.types.get(data_type)?;
        let mut ids: BTreeSet<GenerationId> = served.known.iter().filter_map(|s| id(s)).collect();
        ids.extend(&served.ids);
        let generations = (!ids.is_empty()).then_some(ids.len());
        Some(Withdrawn { data_type: data_type.to_owned(), generations })
    }
}

impl Served {
    /// Adds what files of the record's names serve that the ledger does not know.
    fn add_files(&mut self, repository: &Repository, record: &Record, ledger: &Ledger, found: &[OurFile]) {
        let Ok(name) = Repository::file_of(record) else { return };
        let naming = Naming::from_file_name(name);
        let listed = repository.model.journal.as_ref().and_then(|journal| journal.location.in_repodata());
        let newest = ledger.contents.get(&record.kind).and_then(|content| id(content));
        let journals: Vec<(&OurFile, &[Vec<GenerationId>])> =
            found.iter().filter_map(|file| Some((file, file.serves_of(&record.kind)?))).collect();
        for (file, runs) in youngest(&journals) {
            let mut younger = newest.is_none();
            for run in runs {
                match newest {
                    None => self.ids.extend(run),
                    // Younger than what the ledger remembers: published since, with
                    // another state of the history. Older ones were left by a state
                    // before those that it remembers, or are those of whoever published
                    // before.
                    Some(newest) => {
                        if let Some(at) = run.iter().position(|id| *id == newest) {
                            self.ids.extend(&run[..at]);
                            younger = true;
                        }
                    }
                }
            }
            let is_listed = listed == Some(file.file.name.as_str());
            self.unlisted += usize::from(younger && !is_listed);
        }
        self.unknown |= newest.is_none() && found.iter().any(|file| file.is_delta_of(&naming));
    }
}

/// The journals, with what they serve of one type, that no other one is younger than: a journal is older than
/// one that serves what it serves first, behind something younger.
fn youngest<'f>(
    journals: &[(&'f OurFile, &'f [Vec<GenerationId>])],
) -> Vec<(&'f OurFile, &'f [Vec<GenerationId>])> {
    let behind = |runs: &[Vec<GenerationId>], id: GenerationId| {
        runs.iter().any(|run| run.iter().skip(1).any(|behind| *behind == id))
    };
    let is_youngest = |(_, runs): &&(&OurFile, &[Vec<GenerationId>])| {
        let first = runs.first().and_then(|run| run.first());
        first.is_some_and(|id| !journals.iter().any(|(_, other)| behind(other, *id)))
    };
    journals.iter().filter(is_youngest).copied().collect()
}

/// The names of the deltas that a record lists in repodata/.
fn listed_deltas(record: &Record) -> impl Iterator<Item = &str> {
    record.usable_deltas().filter_map(|delta| delta.location.in_repodata())
}

/// The identifier of a generation from its SHA-256 in hexadecimal digits.
fn id(sha256: &str) -> Option<GenerationId> {
    Hex::parse(sha256).map(GenerationId::from_bytes)
}
