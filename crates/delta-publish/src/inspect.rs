//! Looking at repositories and deltas. It changes nothing and verifies little;
//! see [`verify`](crate::verify) for that.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bzip2::read::BzDecoder;
use codec::Algorithm;
use delta_core::Rule;
use delta_core::token::{Token, TokenReader};
use repomd::Record;

use crate::Error;
use crate::outcome::{DeltaInspected, DeltaListed, RecordInspected, RepositoryInspected};
use crate::repository::Repository;

/// Largest delta file that is looked at.
const MAX_DELTA: u64 = 1 << 30;

/// What the repository at `repo` (the directory that holds `repodata/`) lists.
///
/// # Errors
/// When repomd.xml cannot be read.
pub fn inspect_repository(repo: &Path) -> Result<RepositoryInspected, Error> {
    let repository = Repository::open_repodata(repo, &repo.join("repodata"))?;
    let records =
        repository.model.records.iter().map(|r| record(&repository, r)).collect::<Result<_, _>>()?;
    Ok(RepositoryInspected {
        revision: repository.model.revision.clone(),
        signed: repository.is_signed()?,
        records,
    })
}

fn record(repository: &Repository, record: &Record) -> Result<RecordInspected, Error> {
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
        Ok(_) if Rule::for_type(&record.kind).is_none() => Some("no deltas are defined for this type".into()),
        Ok(_) if record.timestamp.is_none() => Some("it has no timestamp".into()),
        Ok(_) => None,
    };
    Ok(RecordInspected {
        data_type: record.kind.clone(),
        location: record.local_location().ok().map(ToString::to_string),
        timestamp: record.timestamp.as_ref().map(repomd::Timestamp::seconds),
        size: record.size,
        open_size: record.open_size,
        left_alone,
        deltas,
    })
}

/// What the delta file `path` holds. The tokens are read to the end, so a delta
/// that is damaged is refused.
///
/// # Errors
/// When the file cannot be read, or is no delta.
pub fn inspect_delta(path: &Path) -> Result<DeltaInspected, Error> {
    let wrong = |what: String| Error::Delta { path: path.to_owned(), what };
    let open_file = |reason| Error::OpenFile { path: path.to_owned(), reason };
    let file = File::open(path).map_err(open_file)?;
    let mut bytes = Vec::new();
    file.take(MAX_DELTA + 1).read_to_end(&mut bytes).map_err(open_file)?;
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
