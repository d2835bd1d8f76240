//! The journal of one run: the one that is in place already, or one that has to be made.

use std::collections::BTreeMap;

use codec::Algorithm;
use delta_core::journal::Journal;
use history::{Hex, History};
use repomd::files::REPODATA;
use repomd::journal::{JournalType as ListedType, MAX_TYPES, NewestSteps, Recipe, is_name};
use repomd::value::{Checksum, Location};

use super::primary::Primary;
use super::recipes;
use super::tracks::{Member, Work};
use crate::Error;
use crate::journal::{self, BuiltJournal, JournalJob, JournalType, PublishAt};
use crate::ledger::{JournalEntry, Ledger, Publishes, RecipeEntry, Remembered, ServedEntry, Written};
use crate::naming;
use crate::options::Options;
use crate::ours::{OurFile, is_in_place, read_in_place};
use crate::parallel::parallel_map;
use crate::report::{JournalGenerated, TypeInJournal};
use crate::repository::Repository;

/// A journal may have so many bytes however small the full files are: clients read a part of it.
const LEAST_FILE: u64 = 64 << 10;

/// The journal; or the knowledge that there is nothing to serve.
pub(super) struct PreparedJournal {
    pub(super) entry: JournalEntry,
    /// How the full files were compressed, by type, where that is to be published.
    pub(super) recipes: BTreeMap<String, RecipeEntry>,
    journal: Option<Journal>,
    /// Whether the file is not in place yet.
    is_new: bool,
    /// What the run did for it.
    told: JournalGenerated,
}

impl PreparedJournal {
    /// The file that has to be written, and its bytes.
    pub(super) fn to_write(&self) -> Option<(&Written, &[u8])> {
        let journal = self.journal.as_ref().filter(|_| self.is_new)?;
        Some((self.entry.file.as_ref()?, journal.bytes.as_slice()))
    }

    /// What repomd.xml says of it.
    ///
    /// # Errors
    /// When that cannot be said there.
    pub(super) fn listed(&self, ledger: &Ledger) -> Result<Option<repomd::journal::Journal>, Error> {
        let (Some(file), Some(journal)) = (&self.entry.file, &self.journal) else { return Ok(None) };
        let failed = |what: String| Error::Encode { data_type: "journal".to_owned(), what };
        let head = &journal.bytes[..journal.head_len];
        let newest = journal.newest.as_ref().map(|newest| NewestSteps {
            table: newest.table,
            parts: newest.parts.clone(),
            digest: newest.digest,
            further: newest.further.clone(),
        });
        let types = self.entry.types.iter().map(|(name, sha256)| {
            let id = Hex::parse(sha256).ok_or_else(|| failed(format!("`{sha256}` is no SHA-256")))?;
            Ok(ListedType { name: name.clone(), id })
        });
        let recipe = |entry: &RecipeEntry| Some(Recipe { number: entry.recipe?, chunks: entry.chunks });
        let recipes = self.recipes.iter().filter_map(|(kind, entry)| Some((kind.clone(), recipe(entry)?)));
        Ok(Some(repomd::journal::Journal {
            location: Location::new(&format!("{REPODATA}/{}", file.name))
                .map_err(|e| failed(e.to_string()))?,
            checksum: Checksum::new("sha256", &file.sha256).map_err(|e| failed(e.to_string()))?,
            size: file.size,
            head_size: head.len() as u64,
            head_digest: Algorithm::Sha256.digest(head).as_bytes().first_chunk().copied().unwrap_or_default(),
            id: Hex::parse(&ledger.publishes.id).unwrap_or_default(),
            sequence: ledger.publishes.last,
            types: types.collect::<Result<_, Error>>()?,
            recipes: recipes.collect(),
            newest,
        }))
    }

    /// See [`JournalGenerated::beyond_budget`].
    pub(super) fn beyond_budget(&self) -> Option<u64> {
        self.told.beyond_budget
    }

    /// What is told of it.
    pub(super) fn outcome(&self) -> JournalGenerated {
        let mut told = self.told.clone();
        told.file = self.entry.file.as_ref().map(|file| file.name.clone());
        told.size = self.entry.file.as_ref().map_or(0, |file| file.size);
        told.head_size = self.journal.as_ref().map_or(0, |journal| journal.head_len as u64);
        told.reads.clone_from(&self.entry.reads);
        told.runs = self.entry.runs;
        told.written = self.is_new;
        told
    }

    /// What is told of it to the records of a type; nothing where the journal has no such type.
    pub(super) fn of_member(&self, work: &Work, member: &Member) -> Option<TypeInJournal> {
        self.entry.file.as_ref()?;
        let served = self.entry.served.get(&work.track_name)?;
        let recipe = self.recipes.get(&member.data_type).and_then(|entry| entry.recipe);
        let (generations, reads) = (served.generations.len(), served.reads.clone());
        Some(TypeInJournal { generations, reads, recipe })
    }
}

/// The types that the journal has: clients prove what they make of it by the open checksum.
fn in_journal(types: &[Work]) -> Vec<&Work> {
    let has_open = |work: &&Work| work.members.iter().any(|member| member.record.open_checksum.is_some());
    types.iter().filter(has_open).filter(|work| is_name(&work.track_name)).take(MAX_TYPES).collect()
}

/// Puts what is published now on record, and forgets publishes that the history cannot give back.
pub(super) fn record_publish(
    repository: &Repository,
    types: &[Work],
    found: &[OurFile],
    ledger: &mut Ledger,
) {
    let publishes = &mut ledger.publishes;
    // Another state of this history, or another one, gave numbers to what nobody here knows.
    let strange = found.iter().filter(|file| file.serves.is_some()).map(|file| file.file.name.as_str());
    let strange: Vec<&str> = strange.collect();
    if !strange.is_empty() {
        publishes.begin_row(&strange.join(" "));
    }
    let types: Vec<&Work> = types.iter().collect();
    if publishes.newest_first.is_empty() {
        restore(&types, publishes);
    }
    let contents = types.iter().map(|work| {
        let sha256 = Hex(&work.publication.open_sha256).to_string();
        (work.track_name.clone(), sha256)
    });
    publishes.record(contents.collect(), repository.model.greatest_timestamp());
    publishes.retain(|track, sha256| is_there(&types, track, sha256));
}

/// Puts on record what tracks remember, if no publish is.
fn restore(types: &[&Work], publishes: &mut Publishes) {
    let mut events = Vec::new();
    for work in types {
        for generation in work.track.generations().iter().rev() {
            let event = |timestamp| {
                let sha256 = Hex(&generation.open_sha256).to_string();
                (timestamp, work.track_name.clone(), sha256)
            };
            let undated = generation.timestamps.is_empty().then(|| event(None));
            events.extend(generation.timestamps.iter().map(|timestamp| event(Some(*timestamp))));
            events.extend(undated);
        }
    }
    publishes.restore(events);
}

/// Whether a generation is in its track, so far as the track is at work.
fn is_there(types: &[&Work], track: &str, sha256: &str) -> bool {
    types.iter().find(|work| work.track_name == track).is_none_or(|work| index(work, sha256).is_some())
}

/// The index of a generation in its track.
fn index(work: &Work, sha256: &str) -> Option<usize> {
    work.track.find(&Hex::parse(sha256)?)
}

/// The journal of the repository; nothing where there is none by the options, or where it would not be worth
/// its listing.
pub(super) fn make(
    repository: &Repository,
    history: &History,
    types: &[Work],
    options: &Options,
    ledger: &Ledger,
) -> Result<Option<PreparedJournal>, Error> {
    let (max_size, text, jobs) = (options.max_size, options.budget_of_journal(), &options.jobs);
    let Some(options) = &options.journal else { return Ok(None) };
    let types = in_journal(types);
    let full: u64 = types.iter().map(|work| work.publication.size).sum();
    let publishes = ledger.publishes.remembered(|track, sha256| is_there(&types, track, sha256));
    if full < options.min_full || publishes.len() < 2 {
        return Ok(None);
    }
    let recorded = types;
    let types: Vec<&Work> = recorded.iter().copied().filter(|work| has_past(work, &publishes)).collect();
    if types.is_empty() {
        return Ok(None);
    }
    let job = JournalJob {
        history,
        types: types.iter().map(|work| journal_type(work)).collect(),
        publishes: publishes.iter().map(|publish| publish_at(publish, &types)).collect(),
        max: types.iter().map(|work| max_size.bytes(work.publication.size)).sum(),
        file: full.max(LEAST_FILE),
        text,
        jobs,
    };
    let request = request(&job, &types, ledger);
    let mut prepared = match in_place(repository, &job, ledger, &request)? {
        Some(found) => found,
        None => finish(repository, &job, request, journal::make(&job)?)?,
    };
    if prepared.entry.file.is_none() {
        prepared.told.beyond_budget = Some(journal::changed_text(&job)).filter(|text| *text > job.text);
    }
    if options.recipe && prepared.entry.file.is_some() {
        prepared.recipes = find_recipes(repository, &recorded, ledger, jobs)?;
    }
    Ok(Some(prepared))
}

/// Whether there is something that the type can be led on from.
fn has_past(work: &Work, publishes: &[Remembered]) -> bool {
    let current = Hex(&work.publication.open_sha256).to_string();
    let contents = publishes.iter().filter_map(|one| one.publish.contents.get(&work.track_name));
    contents.filter(|sha256| **sha256 != current).any(|sha256| index(work, sha256).is_some())
}

fn journal_type(work: &Work) -> JournalType<'_> {
    JournalType { name: &work.track_name, rule: work.rule, track: &work.track }
}

/// A publish, with what the tracks have of it.
fn publish_at(remembered: &Remembered, types: &[&Work]) -> PublishAt {
    let publish = &remembered.publish;
    let generation = |work: &&Work| index(work, publish.contents.get(&work.track_name)?);
    // A twin that had another content then has no part from that one.
    let is_apart = |work: &&Work| {
        let own = publish.contents.get(&work.track_name);
        let others = work.members.iter().filter(|member| member.data_type != work.track_name);
        others
            .filter_map(|member| publish.contents.get(&member.data_type))
            .any(|content| Some(content) != own)
    };
    PublishAt {
        sequence: publish.sequence,
        digest: publish.digest(),
        is_exact: remembered.is_exact && !types.iter().any(is_apart),
        is_numbered: publish.is_numbered,
        generations: types.iter().map(generation).collect(),
    }
}

/// What the journal is made from and within: if that is as it was, so is the journal.
fn request(job: &JournalJob<'_>, types: &[&Work], ledger: &Ledger) -> JournalEntry {
    let hex = |work: &&Work| (work.track_name.clone(), Hex(&work.publication.open_sha256).to_string());
    let publish =
        |publish: &PublishAt| format!("{} {} {}\n", publish.sequence, publish.is_exact, Hex(&publish.digest));
    let publishes: String = job.publishes.iter().map(publish).collect();
    JournalEntry {
        publishes: Algorithm::Sha256.digest(publishes.as_bytes()).to_hex(),
        row: ledger.publishes.id.clone(),
        types: types.iter().map(hex).collect(),
        max: job.max,
        text: job.text,
        ..JournalEntry::default()
    }
}

/// The journal that was made from just this, if its file is as it was written.
fn in_place(
    repository: &Repository,
    job: &JournalJob<'_>,
    ledger: &Ledger,
    request: &JournalEntry,
) -> Result<Option<PreparedJournal>, Error> {
    let Some(entry) = ledger.journal.as_ref().filter(|entry| entry.is_of(request)) else { return Ok(None) };
    let mut journal = None;
    if let Some(file) = &entry.file {
        let Some(bytes) = read_in_place(&repository.dir, file)? else { return Ok(None) };
        let Ok(mut found) = Journal::of_file(bytes) else { return Ok(None) };
        found.newest = job.exact(found.newest);
        journal = Some(found);
    }
    let told = JournalGenerated { steps_reused: entry.steps, ..JournalGenerated::default() };
    let recipes = BTreeMap::new();
    Ok(Some(PreparedJournal { entry: entry.clone(), recipes, journal, is_new: false, told }))
}

fn finish(
    repository: &Repository,
    job: &JournalJob<'_>,
    request: JournalEntry,
    built: BuiltJournal,
) -> Result<PreparedJournal, Error> {
    let BuiltJournal { journal, served, reads, runs, steps, encoded, anchors, text_bytes } = built;
    let told = JournalGenerated {
        steps_encoded: encoded,
        steps_reused: steps.saturating_sub(encoded),
        anchors_encoded: anchors,
        text_bytes,
        ..JournalGenerated::default()
    };
    let file = journal.as_ref().map(|journal| {
        let sha256 = Algorithm::Sha256.digest(&journal.bytes).to_hex();
        Written { name: naming::journal(&sha256), sha256, size: journal.bytes.len() as u64 }
    });
    let of_type = |(data_type, served): (&JournalType<'_>, journal::ServedGenerations)| {
        let generations = data_type.track.generations();
        let hex = |at: &usize| Hex(&generations[*at].open_sha256).to_string();
        let entry =
            ServedEntry { generations: served.generations.iter().map(hex).collect(), reads: served.reads };
        (data_type.name.to_owned(), entry)
    };
    let served = job.types.iter().zip(served).map(of_type).collect();
    // Other terms may make the same journal: mirrors would fetch it again.
    let is_new = match &file {
        Some(file) => !is_in_place(&repository.dir, file)?,
        None => false,
    };
    let entry = JournalEntry { file, served, reads, runs, steps, ..request };
    Ok(PreparedJournal { entry, recipes: BTreeMap::new(), journal, is_new, told })
}

/// How the full files were compressed, by the type of the record.
fn find_recipes(
    repository: &Repository,
    types: &[&Work],
    ledger: &Ledger,
    jobs: &crate::options::Jobs,
) -> Result<BTreeMap<String, RecipeEntry>, Error> {
    let primary = Primary::new(repository);
    let members: Vec<&Member> = types.iter().flat_map(|work| &work.members).collect();
    let found = parallel_map(&members, jobs, |member| {
        let known = ledger.recipes.get(&member.data_type);
        Ok((member.data_type.clone(), recipes::find_entry(repository, member, &primary, known)?))
    });
    found.into_iter().collect()
}
