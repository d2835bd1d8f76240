//! Checking a published repository: files against repomd.xml, deltas against
//! their listing, and, with the history, against everything that they claim to
//! serve. It changes nothing.

mod journals;
mod listing;
mod signature;

use std::collections::BTreeMap;
use std::path::Path;

use bzip2::read::BzDecoder;
use codec::{Algorithm, Compression, Expect, OpenReader};
use delta_core::Rule;
use delta_core::token::TokenReader;
use history::{Hex, History, Track};
use repomd::model::DeltaEntry;
use repomd::{Checksum, Delta, Location, Record};

use crate::error::ErrorClass;
use crate::ledger::{Ledger, Reading};
use crate::options::VerifyOptions;
use crate::progress::{Meter, Step};
use crate::report::{TypeVerified, Verified};
use crate::repository::Repository;
use crate::{Error, age, encode, ours, records};

/// Verifies every file that repomd.xml of the repository at `repo` names, every
/// delta that it lists, and, where a history is given, that the delta which the
/// selection rule picks for each remembered generation makes the current file
/// of it.
///
/// # Errors
/// When the repository cannot be read at all, or was replaced meanwhile. What is wrong
/// with it or the history is no error but a problem of the outcome.
pub fn verify(repo: &Path, history: Option<&Path>, options: &VerifyOptions) -> Result<Verified, Error> {
    let mut repository = Repository::open(repo)?;
    repository.jobs = options.jobs.clone();
    let result = with(&repository, history, options);
    // A problem that comes from a replaced repository is none.
    let result = result.and_then(|verified| repository.check_unchanged(&repository.bytes).map(|()| verified));
    repository.unless_replaced(result)
}

/// SHA-256 of the open content of records by their types, where it can be opened.
type Contents<'r> = BTreeMap<&'r str, Option<[u8; 32]>>;

fn with(repository: &Repository, history: Option<&Path>, options: &VerifyOptions) -> Result<Verified, Error> {
    let mut verified = Verified::default();
    signature::verify(repository, options.keyring.as_deref(), &mut verified)?;
    let past = history.and_then(|path| past(repository, path, &mut verified).transpose()).transpose()?;
    if let Some((_, ledger)) = &past {
        verified.reduced.extend(listing::lost(repository, ledger)?);
        verified.older = age::than_before(repository, ledger);
    }
    let mut contents = Contents::new();
    let known = verified.problems.len();
    for record in &repository.model.records {
        if let Some(name) = name_of(repository, record, &mut verified) {
            contents.insert(&record.kind, content_of(repository, record, name, &mut verified)?);
        }
    }
    let of_metadata = verified.problems.len();
    verified.problems_of.metadata = of_metadata > known;
    let history = past.as_ref().map(|(history, _)| history);
    let journal = journals::verify(repository, history, &contents, &mut verified);
    let journal = of_history(journal, &mut verified)?;
    for record in repository.model.records.iter().filter(|record| contents.contains_key(&*record.kind)) {
        let mut one = verify_type(repository, record, &contents, past.as_ref(), &mut verified)?;
        one.journal_proven = journal.get(&record.kind).copied().unwrap_or(0);
        verified.types.push(one);
    }
    verified.problems_of.deltas = verified.problems.len() > of_metadata;
    Ok(verified)
}

/// The file of a record, unless it is left alone.
fn name_of<'r>(repository: &Repository, record: &'r Record, verified: &mut Verified) -> Option<&'r str> {
    let why = match Repository::file_of(record) {
        Ok(name) if matches!(repository.is_symlink(name), Ok(true)) => {
            format!("its file `{name}` is a symbolic link, which is not followed")
        }
        Ok(name) => return Some(name),
        Err(why) => {
            let missing = repository.expect_file(record).err();
            verified.problems.extend(missing.map(|missing| missing.to_string()));
            why
        }
    };
    verified.left_alone.push(format!("type `{}`: {why}", record.kind));
    None
}

/// Verifies a record's file; what is wrong with it is a problem.
fn content_of(
    repository: &Repository,
    record: &Record,
    name: &str,
    verified: &mut Verified,
) -> Result<Option<[u8; 32]>, Error> {
    let error = match verify_file(repository, record, name) {
        // Package managers read what has the right checksum.
        Err(Error::Open(error)) if error.is_of_open_content() && record.checksum.is_some() => {
            match repository.check_stored(record, name, &repository.expect(record)?) {
                Ok(()) => {
                    verified.left_alone.push(format!("type `{}`: {error}", record.kind));
                    return Ok(None);
                }
                Err(error) => error,
            }
        }
        Err(error) => error,
        verified => return verified,
    };
    if error.class() != ErrorClass::Broken {
        return Err(error);
    }
    verified.problems.push(error.to_string());
    Ok(None)
}

/// Verifies what is listed for a record, and what it does to past generations.
fn verify_type(
    repository: &Repository,
    record: &Record,
    contents: &Contents<'_>,
    past: Option<&(History, Ledger)>,
    verified: &mut Verified,
) -> Result<TypeVerified, Error> {
    let mut one = TypeVerified { data_type: record.kind.clone(), ..TypeVerified::default() };
    let deltas = verify_deltas(repository, record, &mut verified.problems)?;
    one.deltas = record.deltas.len();
    let open_sha256 = contents.get(&*record.kind).copied().flatten();
    let (Some((history, ledger)), Some(open_sha256)) = (past, open_sha256) else { return Ok(one) };
    let served = |file: &str, sha256: &str| ledger.serves(&record.kind, file, sha256);
    let same = |other: &Record| contents.get(&*other.kind) == Some(&Some(open_sha256));
    let timestamp = records::timestamp_of(&repository.model, record, same);
    let proving = repository.jobs.begin(&record.kind, Step::Prove, None);
    let proven = prove(history, record, timestamp, &open_sha256, (&deltas, &served), &proving, verified);
    (one.proven, one.unserved) = of_history(proven, verified)?;
    Ok(one)
}

/// What was proven; an error of the history is a problem of it.
fn of_history<T: Default>(proven: Result<T, Error>, verified: &mut Verified) -> Result<T, Error> {
    match proven {
        Err(Error::History(error)) => {
            verified.history_problems.push(error.to_string());
            Ok(T::default())
        }
        other => other,
    }
}

/// The history and its ledger; nothing where they cannot be used, which is a problem
/// of the history.
fn past(
    repository: &Repository,
    path: &Path,
    verified: &mut Verified,
) -> Result<Option<(History, Ledger)>, Error> {
    let mut read = || -> Result<_, Error> {
        let history = History::read(path).map_err(Error::History)?;
        let ledger = Ledger::read(history.dir())?;
        for data_type in history.types().map_err(Error::History)? {
            let mut track = history.track(&data_type).map_err(Error::History)?;
            track.verify_frames().map_err(Error::History)?;
            verified.history_problems.extend(track.damage().iter().map(ToString::to_string));
        }
        Ok((history, ledger))
    };
    let (history, ledger) = match read() {
        Ok(read) => read,
        Err(error) => {
            verified.history_problems.push(error.to_string());
            return Ok(None);
        }
    };
    let ledger = match ledger {
        Reading::Whole(ledger) => *ledger,
        Reading::Missing => Ledger::default(),
        Reading::Damaged(damage) => {
            verified.history_problems.push(damage.to_string());
            Ledger::default()
        }
    };
    let names = |record: &Record, name: &str| {
        let of = |location: &Location| location.in_repodata() == Some(name);
        record.usable_deltas().any(|d| of(&d.location))
    };
    let journal = repository.model.journal.as_ref().and_then(|journal| journal.location.in_repodata());
    let unnamed = ours::unknown(repository, &ledger.known(), &mut verified.history_problems)?;
    let is_named = |name: &str| {
        journal == Some(name) || repository.model.records.iter().any(|record| names(record, name))
    };
    verified.unnamed =
        unnamed.into_iter().map(|found| found.file.name).filter(|name| !is_named(name)).collect();
    Ok(Some((history, ledger)))
}

/// Verifies a record's file; gives the SHA-256 of its open content where it has
/// a compression that can be opened.
fn verify_file(repository: &Repository, record: &Record, name: &str) -> Result<Option<[u8; 32]>, Error> {
    let mut expect = repository.expect(record)?;
    expect.open_digests = vec![Algorithm::Sha256];
    let opened = repository.open_file(record, name, expect.clone()).and_then(|reader| {
        let reading = repository.jobs.begin(&record.kind, Step::Read, record.open_size);
        reader.finish_telling(|bytes| reading.advance(bytes)).map_err(Error::Open)
    });
    match opened {
        Err(Error::Open(error)) if error.is_of_open_content() && is_zchunk(repository, name)? => {
            // createrepo_c 0.17 writes there what belongs to the gzip file.
            repository.check_stored(record, name, &expect)?;
            Ok(None)
        }
        Err(Error::Open(codec::Error::Unsupported { .. })) => {
            repository.check_stored(record, name, &expect)?;
            Ok(None)
        }
        other => {
            let digest = other?.open_digest(Algorithm::Sha256);
            Ok(digest.and_then(|d| d.as_bytes().try_into().ok()))
        }
    }
}

fn is_zchunk(repository: &Repository, name: &str) -> Result<bool, Error> {
    let Some(file) = repository.dir.open_file(name).map_err(Error::File)? else { return Ok(false) };
    let opened = OpenReader::inline(file, name, Expect::default()).map_err(Error::Open)?;
    Ok(opened.compression() == Compression::Zchunk)
}

/// Verifies the deltas of a record as files; gives the good ones with their
/// bytes, in document order.
fn verify_deltas<'r>(
    repository: &Repository,
    record: &'r Record,
    problems: &mut Vec<String>,
) -> Result<Vec<(&'r Delta, Vec<u8>)>, Error> {
    if let Err(problem) = record.check_delta_base() {
        problems.push(format!("type `{}`: {problem}", record.kind));
    }
    let mut good = Vec::new();
    let mut newer = records::seconds(record);
    for entry in &record.deltas {
        let delta = match entry {
            DeltaEntry::Usable(delta) => delta,
            DeltaEntry::Unusable(why) => {
                problems.push(format!("type `{}`: a delta cannot be used: {why}", record.kind));
                continue;
            }
        };
        let timestamp = delta.timestamp.seconds();
        if newer.is_none_or(|newer| timestamp >= newer) {
            problems.push(format!(
                "`{}`: its timestamp {timestamp} is not older than the one before it, so that nobody selects it",
                delta.location
            ));
        }
        newer = Some(timestamp);
        match read_delta(repository, delta) {
            Ok(bytes) => good.push((delta, bytes)),
            Err(error @ Error::Delta { .. }) => problems.push(error.to_string()),
            Err(other) => return Err(other),
        }
    }
    Ok(good)
}

/// Reads a delta file and checks size, checksum and tokens.
fn read_delta(repository: &Repository, delta: &Delta) -> Result<Vec<u8>, Error> {
    let bytes = read_listed(repository, &delta.location, &delta.checksum, delta.size)?;
    let path = repository.dir.path().join(delta.location.file_name());
    let mut tokens = TokenReader::new(BzDecoder::new(&bytes[..]));
    let mut next =
        || tokens.next_token().map_err(|e| Error::Delta { path: path.clone(), what: e.to_string() });
    while next()?.is_some() {}
    Ok(bytes)
}

/// Reads a file as it is listed and checks size and checksum.
fn read_listed(
    repository: &Repository,
    location: &Location,
    checksum: &Checksum,
    size: u64,
) -> Result<Vec<u8>, Error> {
    let path = repository.dir.path().join(location.file_name());
    let wrong = |what: String| Error::Delta { path: path.clone(), what };
    let Some(name) = location.in_repodata() else {
        return Err(wrong(format!("expected a file in repodata/, found `{location}`")));
    };
    let len = match repository.dir.len(name) {
        Err(error @ durable::Error::WrongKind { .. }) => return Err(wrong(error.to_string())),
        other => other.map_err(Error::File)?,
    };
    match len {
        None => return Err(wrong("the file is missing".into())),
        Some(len) if len != size => {
            return Err(wrong(format!("expected {size} bytes, found {len}")));
        }
        Some(_) => {}
    }
    let bytes = repository.dir.read(name, size).map_err(Error::File)?.unwrap_or_default();
    let expected = codec::Digest::parse(checksum.kind(), checksum.hex())
        .map_err(|e| wrong(format!("its checksum in repomd.xml: {e}")))?;
    let found = expected.algorithm().digest(&bytes);
    if found != expected {
        return Err(wrong(format!("expected {expected}, found {found}")));
    }
    Ok(bytes)
}

/// Tells, once, that the history cannot prove what leads to the current file.
fn lacks_current(kind: &str, verified: &mut Verified) {
    let problem = format!("type `{kind}`: the history does not have the current file");
    if !verified.history_problems.contains(&problem) {
        verified.history_problems.push(problem);
    }
}

/// Whether a delta file is known to serve a generation, by their name and SHA-256.
type Served<'s> = &'s dyn Fn(&str, &str) -> bool;

/// Plays, for every generation of the history that a client may hold, the delta
/// that the client would select; returns how many made the current file, and how
/// many were known not to.
fn prove(
    history: &History,
    record: &Record,
    timestamp: Option<u64>,
    open_sha256: &[u8; 32],
    (deltas, served): (&[(&Delta, Vec<u8>)], Served<'_>),
    proving: &Meter<'_>,
    verified: &mut Verified,
) -> Result<(usize, usize), Error> {
    if deltas.is_empty() || Rule::for_type(&record.kind).is_none() {
        return Ok((0, 0));
    }
    let has = |track: &Track| track.find(open_sha256).is_some();
    let Some((_, track)) = records::track_with(history, &record.kind, has)? else { return Ok((0, 0)) };
    let Some(current) = track.find(open_sha256) else {
        lacks_current(&record.kind, verified);
        return Ok((0, 0));
    };
    let Some(timestamp) = timestamp else { return Ok((0, 0)) };
    let generations = track.generations();
    let points = track.points(timestamp);
    let (mut proven, mut unserved) = (0, 0);
    for point in points {
        let Some((delta, bytes)) = deltas.iter().find(|(d, _)| d.timestamp.seconds() <= point.timestamp)
        else {
            continue;
        };
        for generation in point.generations {
            let sha256 = Hex(&generations[generation].open_sha256).to_string();
            if !served(delta.location.file_name(), &sha256) {
                unserved += 1;
                continue;
            }
            let olds = track.sequences(&[generation]);
            let new = &generations[current].sequence;
            let played = encode::prove(&record.kind, &track, bytes, &olds, new);
            proving.advance(1);
            match played {
                Ok(_) => proven += 1,
                Err(Error::Unproven { source, .. }) => verified.problems.push(format!(
                    "`{}` does not serve the generation of {}: {source}",
                    delta.location, point.timestamp
                )),
                Err(error @ Error::History(_)) => verified.history_problems.push(error.to_string()),
                Err(other) => verified.problems.push(format!("`{}`: {other}", delta.location)),
            }
        }
    }
    Ok((proven, unserved))
}
