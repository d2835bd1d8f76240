//! The journals of one run: those that are in place already, and those that have
//! to be made, some types at a time.

use std::collections::BTreeMap;

use codec::Algorithm;
use history::Hex;
use repomd::files::REPODATA;
use repomd::{Checksum, Journal, Location};

use super::primary::Primary;
use super::recipes;
use super::tracks::{Member, Work};
use crate::Error;
use crate::journal::{self, BuiltJournal, JournalJob};
use crate::ledger::{JournalEntry, Ledger, RecipeEntry, Written};
use crate::options::{Options, Threshold};
use crate::ours::is_in_place;
use crate::parallel::parallel_map;
use crate::report::JournalGenerated;
use crate::repository::Repository;

/// The journal of one type; or the knowledge that there is nothing to serve.
pub(super) struct PreparedJournal {
    pub(super) entry: JournalEntry,
    /// How the full files were compressed, by type, where that is to be published.
    pub(super) recipes: BTreeMap<String, RecipeEntry>,
    /// Records whose file has fewer bytes do without it.
    min_full: u64,
    /// What the run did for it.
    told: JournalGenerated,
    /// The file's bytes, where it is not in place yet.
    bytes: Option<Vec<u8>>,
}

impl PreparedJournal {
    fn new(entry: JournalEntry, told: JournalGenerated, bytes: Option<Vec<u8>>) -> Self {
        Self { entry, recipes: BTreeMap::new(), min_full: 0, told, bytes }
    }

    /// The file that has to be written, and its bytes.
    pub(super) fn to_write(&self) -> Option<(&Written, &[u8])> {
        Some((self.entry.file.as_ref()?, self.bytes.as_deref()?))
    }

    fn recipe(&self, member: &Member) -> Option<u8> {
        self.recipes.get(&member.data_type)?.recipe
    }

    /// Whether a member's record lists the journal.
    pub(super) fn is_for(&self, member: &Member) -> bool {
        member.size >= self.min_full
    }

    /// The element for the record of a member, where there is a file and it is for that one.
    pub(super) fn listed(&self, member: &Member) -> Option<Result<Journal, Error>> {
        let file = self.entry.file.as_ref().filter(|_| self.is_for(member))?;
        let what = |what: String| Error::Encode { data_type: member.data_type.clone(), what };
        let sha256 = |hex: &str| Checksum::new("sha256", hex).map_err(|e| what(e.to_string()));
        let journal = || {
            Ok(Journal {
                location: Location::new(&format!("{REPODATA}/{}", file.name))
                    .map_err(|e| what(e.to_string()))?,
                size: file.size,
                checksum: sha256(&file.sha256)?,
                head_size: self.entry.head_size,
                head_checksum: sha256(&self.entry.head_sha256)?,
                open_checksum: sha256(&self.entry.target)?,
                recipe: self.recipe(member),
                chunks: self.recipes.get(&member.data_type).and_then(|recipe| recipe.chunks),
            })
        };
        Some(journal())
    }

    /// What is told of it to a member.
    pub(super) fn outcome(&self, member: &Member) -> JournalGenerated {
        let mut told = self.told.clone();
        told.file = self.entry.file.as_ref().map(|file| file.name.clone());
        told.size = self.entry.file.as_ref().map_or(0, |file| file.size);
        told.head_size = self.entry.head_size;
        told.reads.clone_from(&self.entry.reads);
        told.generations = self.entry.reads.len();
        told.runs = self.entry.runs;
        told.recipe = self.recipe(member);
        told.written = self.bytes.is_some();
        told
    }
}

/// The journals of every type, in the order of `types`; nothing for types that
/// have none by the options.
pub(super) fn make(
    repository: &Repository,
    types: &[Work],
    options: &Options,
    ledger: &Ledger,
) -> Result<Vec<Option<PreparedJournal>>, Error> {
    let (jobs, max_size) = (&options.jobs, options.max_size);
    let Some(options) = &options.journal else { return Ok(types.iter().map(|_| None).collect()) };
    let open: u64 = types.iter().map(|work| work.publication.open_size).sum();
    let primary = Primary::new(repository);
    let one = |work: &Work| {
        let full = work.publication.size;
        let largest = work.members.iter().map(|member| member.size).max();
        if largest.is_none_or(|size| size < options.min_full) || work.track.generations().len() < 2 {
            return Ok(None);
        }
        // Each type has its share of the budget, so that what is made does not
        // depend on which one was quicker.
        let text =
            u128::from(options.text) * u128::from(work.publication.open_size) / u128::from(open.max(1));
        let request = request(work, max_size, u64::try_from(text).unwrap_or(u64::MAX));
        let with_recipes = |mut prepared: PreparedJournal| {
            prepared.min_full = options.min_full;
            let is_told = options.recipe && prepared.entry.file.is_some();
            for member in work.members.iter().filter(|member| is_told && member.size >= options.min_full) {
                let known = ledger.recipes.get(&member.data_type);
                let recipe = recipes::find_entry(repository, member, &primary, known)?;
                prepared.recipes.insert(member.data_type.clone(), recipe);
            }
            Ok(Some(prepared))
        };
        if let Some(found) = in_place(repository, ledger, &work.data_type, &request)? {
            return with_recipes(found);
        }
        let job = JournalJob {
            data_type: &work.data_type,
            rule: work.rule,
            track: &work.track,
            max: request.max,
            file: full,
            text: request.text,
        };
        with_recipes(finish(work, request, journal::make(&job)?))
    };
    parallel_map(types, jobs, one).into_iter().collect()
}

/// What the journal of a type is made from and within: if that is as it was, so is
/// the journal.
fn request(work: &Work, max_size: Threshold, text: u64) -> JournalEntry {
    let generations = work.track.generations();
    let hex = |sha256: &[u8; 32]| Hex(sha256).to_string();
    JournalEntry {
        target: hex(&work.publication.open_sha256),
        planned: generations.iter().skip(1).map(|generation| hex(&generation.open_sha256)).collect(),
        max: max_size.bytes(work.publication.size),
        text,
        ..JournalEntry::default()
    }
}

/// The journal that was made from just this, if its file is as it was written.
fn in_place(
    repository: &Repository,
    ledger: &Ledger,
    data_type: &str,
    request: &JournalEntry,
) -> Result<Option<PreparedJournal>, Error> {
    let Some(entry) = ledger.journals.get(data_type).filter(|entry| entry.is_of(request)) else {
        return Ok(None);
    };
    if let Some(file) = &entry.file
        && !is_in_place(&repository.dir, file)?
    {
        return Ok(None);
    }
    let told = JournalGenerated { steps_reused: entry.steps, ..JournalGenerated::default() };
    Ok(Some(PreparedJournal::new(entry.clone(), told, None)))
}

fn finish(work: &Work, request: JournalEntry, built: BuiltJournal) -> PreparedJournal {
    let BuiltJournal { journal, served, reads, runs, steps, encoded, anchors, text_bytes } = built;
    let generations = work.track.generations();
    let served = served.iter().map(|at| Hex(&generations[*at].open_sha256).to_string()).collect();
    let told = JournalGenerated {
        steps_encoded: encoded,
        steps_reused: steps.saturating_sub(encoded),
        anchors_encoded: anchors,
        text_bytes,
        ..JournalGenerated::default()
    };
    let Some(journal) = journal else {
        return PreparedJournal::new(request, told, None);
    };
    let sha256 = |bytes: &[u8]| Algorithm::Sha256.digest(bytes).to_hex();
    let digest = sha256(&journal.bytes);
    let entry = JournalEntry {
        file: Some(Written {
            name: work.naming.journal(&digest),
            sha256: digest,
            size: journal.bytes.len() as u64,
        }),
        head_size: journal.head_len as u64,
        head_sha256: sha256(&journal.bytes[..journal.head_len]),
        served,
        reads,
        runs,
        steps,
        ..request
    };
    PreparedJournal::new(entry, told, Some(journal.bytes))
}
