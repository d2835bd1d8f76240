//! Looking at repositories, deltas and journals. It changes nothing and verifies little;
//! see [`verify`](crate::verify) for that.

mod journal;

pub use durable::streams::Input;
pub use journal::{is_journal, journal};

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use bzip2::read::BzDecoder;
use codec::{Algorithm, Digest};
use delta_core::Rule;
use delta_core::journal::{GenerationId, Head, MAX_HEAD, Newest};
use delta_core::token::{Token, TokenReader};
use history::{History, Track};
use repomd::files::REPODATA;
use repomd::journal::Journal;
use repomd::{Record, Repomd};

use crate::expectation::{self, Published};
use crate::journal::reads;
use crate::ledger::Ledger;
use crate::naming::Naming;
use crate::report::{
    DeltaInspected, DeltaListed, Expected, JournalListed, RecordInspected, RepositoryInspected, TypeListed,
};
use crate::repository::Repository;
use crate::{Error, intake, records};

/// Largest delta file that is looked at.
const MAX_DELTA: u64 = 1 << 30;

/// What the repository at `repo` (the directory that holds `repodata/`) lists;
/// and, where a `history` is given, what the clients of its generations download,
/// each of which is as likely as the others.
///
/// # Errors
/// When repomd.xml or the history cannot be read.
pub fn repository(repo: &Path, history: Option<&Path>) -> Result<RepositoryInspected, Error> {
    let repository = Repository::open_repodata(repo, &repo.join(REPODATA))?;
    let past = match history {
        Some(history) => {
            let history = History::read(history).map_err(Error::History)?;
            let ledger = Ledger::read(history.dir())?;
            Some((history, ledger.or_default()))
        }
        None => None,
    };
    let journal_of = repository.model.journal.as_ref();
    let (journal, reads) = journal_of.map(|listed| listed_journal(&repository, listed)).transpose()?.unzip();
    let reads = reads.unwrap_or_default();
    let mut records = Vec::with_capacity(repository.model.records.len());
    for listed in &repository.model.records {
        let reads = reads.get(&listed.kind).or_else(|| reads.get(Rule::family(&listed.kind)));
        let mut inspected = inspect_record(&repository, listed)?;
        inspected.journal = reads.map(|reads| TypeListed {
            generations: reads.len(),
            reads: least_and_most(reads.values().copied()),
            recipe: journal_of.and_then(|of| of.recipes.get(&listed.kind)).map(|recipe| recipe.number),
        });
        if let Some((history, ledger)) = &past {
            inspected.expected = expected(listed, &repository.model, (history, ledger), reads.cloned())?;
        }
        records.push(inspected);
    }
    Ok(RepositoryInspected {
        revision: repository.model.revision.clone(),
        signature: repository.signature_found()?,
        journal,
        records,
    })
}

/// What clients download for a record; nothing where the history cannot tell.
/// `journal` is what they read of that.
fn expected(
    record: &Record,
    model: &Repomd,
    (history, ledger): (&History, &Ledger),
    journal: Option<Reads>,
) -> Result<Option<Expected>, Error> {
    let same = |other: &Record| other.open_checksum == record.open_checksum;
    let timestamp = records::timestamp_of(model, record, same);
    let (Ok(name), Some(timestamp), Some(full), Some(open_checksum)) =
        (Repository::file_of(record), timestamp, record.size, &record.open_checksum)
    else {
        return Ok(None);
    };
    if Rule::for_type(&record.kind).is_none() {
        return Ok(None);
    }
    let Ok(digest) = Digest::parse(open_checksum.kind(), open_checksum.hex()) else { return Ok(None) };
    let has = |track: &Track| intake::known(track, &digest) == Some(0);
    let Some((_, track)) = records::track_with(history, &record.kind, has)?.filter(|(_, track)| has(track))
    else {
        return Ok(None);
    };
    let published = Published {
        data_type: &record.kind,
        naming: Naming::from_file_name(name),
        timestamp,
        full,
        deltas: record.usable_deltas().collect(),
        journal,
        ledger,
    };
    Ok(Some(expectation::expected(&track, &published)))
}

fn inspect_record(repository: &Repository, record: &Record) -> Result<RecordInspected, Error> {
    let mut deltas = Vec::new();
    for delta in record.usable_deltas() {
        let len = match delta.location.in_repodata() {
            Some(name) => repository.dir.len(name).map_err(Error::File)?,
            None => None,
        };
        deltas.push(DeltaListed {
            location: delta.location.to_string(),
            timestamp: delta.timestamp.seconds(),
            size: delta.size,
            present: len == Some(delta.size),
        });
    }
    let left_alone = match Repository::file_of(record) {
        Err(why) => Some(why),
        Ok(_) if Rule::for_type(&record.kind).is_none() => Some("a database, which has no deltas".into()),
        Ok(_) if deltas.is_empty() && !Rule::is_known(&record.kind) => {
            Some("an unknown type, which has deltas only where it is named".into())
        }
        Ok(_) if record.timestamp.is_none() => Some("it has no timestamp".into()),
        Ok(_) => None,
    };
    Ok(RecordInspected {
        data_type: record.kind.clone(),
        location: record.local_location().ok().map(ToString::to_string),
        timestamp: records::seconds(record),
        size: record.size,
        open_size: record.open_size,
        left_alone,
        journal: None,
        deltas,
        expected: None,
    })
}

/// What the holder of each generation of a type reads of a journal, in bytes: the share of the type.
type Reads = BTreeMap<GenerationId, u64>;

/// The journal that is listed, and what is read of it, by type, where its head can be read.
fn listed_journal(
    repository: &Repository,
    listed: &Journal,
) -> Result<(JournalListed, BTreeMap<String, Reads>), Error> {
    let name = listed.location.in_repodata();
    let len = name.map(|name| repository.dir.len(name)).transpose().map_err(Error::File)?.flatten();
    let mut found = JournalListed {
        location: listed.location.to_string(),
        size: listed.size,
        head_size: listed.head_size,
        id: format!("{:08x}", u32::from_be_bytes(listed.id)),
        sequence: listed.sequence,
        present: len == Some(listed.size),
        publishes: None,
        reads: None,
    };
    let mut of_types: BTreeMap<String, Reads> = BTreeMap::new();
    let head = if found.present { listed_head(repository, listed)? } else { None };
    let Some(head) = head else { return Ok((found, of_types)) };
    let current: Vec<GenerationId> = listed.types.iter().map(|of| GenerationId::from_bytes(of.id)).collect();
    let publishes = reads(&head, listed_newest(listed).as_ref(), &current);
    for (nth, id, bytes) in publishes.iter().flat_map(|publish| &publish.shares) {
        let of_type = of_types.entry(head.types()[*nth].clone()).or_default();
        of_type.entry(*id).or_insert(*bytes);
    }
    found.publishes = Some(publishes.len());
    found.reads = least_and_most(publishes.iter().map(|publish| publish.bytes));
    Ok((found, of_types))
}

/// The head of the journal that is listed, where it can be read.
fn listed_head(repository: &Repository, listed: &Journal) -> Result<Option<Head>, Error> {
    let Some(name) = listed.location.in_repodata().filter(|_| listed.head_size <= MAX_HEAD as u64) else {
        return Ok(None);
    };
    let Some(file) = repository.dir.open_file(name).map_err(Error::File)? else { return Ok(None) };
    let path = repository.dir.path().join(name);
    let mut bytes = Vec::new();
    let read = file.take(listed.head_size).read_to_end(&mut bytes);
    read.map_err(|reason| Error::OpenFile { path, reason })?;
    Ok(Head::read(&bytes).ok())
}

/// What repomd.xml tells of the newest steps.
fn listed_newest(listed: &Journal) -> Option<Newest> {
    let newest = listed.newest.as_ref()?;
    let told = Newest::new(listed.head_size, newest.digest, newest.table, newest.parts.clone());
    Some(told.with_further(newest.further.clone()))
}

fn least_and_most(bytes: impl Iterator<Item = u64> + Clone) -> Option<(u64, u64)> {
    bytes.clone().min().zip(bytes.max())
}

/// What the delta in `input` holds. The tokens are read to the end, so a delta
/// that is damaged is refused.
///
/// # Errors
/// When the file cannot be read, or is no delta.
pub fn delta(input: &Input) -> Result<DeltaInspected, Error> {
    let path = input.path();
    let wrong = |what: String| Error::Delta { path: path.to_owned(), what };
    let open_file = |reason| Error::OpenFile { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    input.reader().take(MAX_DELTA + 1).read_to_end(&mut bytes).map_err(open_file)?;
    if bytes.len() as u64 > MAX_DELTA {
        return Err(wrong(format!("expected a delta of at most {MAX_DELTA} bytes, found a larger file")));
    }
    if !bytes.starts_with(b"BZh") {
        return Err(wrong("expected a delta compressed with bzip2, found something else".into()));
    }
    let mut found = DeltaInspected {
        size: bytes.len() as u64,
        sha256: Algorithm::Sha256.digest(&bytes).to_hex(),
        ..DeltaInspected::default()
    };
    let mut open = Counted { source: BzDecoder::new(&bytes[..]), bytes: 0 };
    let mut tokens = TokenReader::new(&mut open);
    while let Some(token) = tokens.next_token().map_err(|e| wrong(e.to_string()))? {
        match token {
            Token::Literal(size) => {
                found.literals += 1;
                found.literal_bytes += size;
            }
            Token::Chunk(prefix) => {
                found.references += 1;
                found.empty_references += u64::from(prefix.is_empty());
                found.longest_prefix = found.longest_prefix.max(prefix.digits().len() as u64);
            }
        }
    }
    drop(tokens);
    found.open_size = open.bytes;
    Ok(found)
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.source.read(buf)?;
        self.bytes += n as u64;
        Ok(n)
    }
}
