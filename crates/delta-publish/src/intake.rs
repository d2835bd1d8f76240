//! Taking the current file of one record into its track. Nothing is published
//! here, and the track is not committed.

use std::path::Path;

use codec::{Algorithm, Digest, OpenReader};
use delta_core::chunk::{ChunkError, Chunker};
use delta_core::{Limits, Rule};
use history::chunks::Recorder;
use history::{Publication, Track};
use repomd::Record;

use crate::affinity::Packages;
use crate::progress::{Meter, Step};
use crate::records::{Candidate, Group};
use crate::repository::Repository;
use crate::{Error, records};

/// What was taken in. The generation is the track's newest.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// How it is published.
    pub(crate) publication: Publication,
    /// Whether that was news to the track.
    pub(crate) recorded: bool,
    /// The packages of a file that was read; none where the content was known.
    pub(crate) packages: Packages,
}

/// Makes the content of a group the newest generation of its track, published as
/// each of its records says; the file of the first is read as [`take_in`] does,
/// those of its twins are there. What is given back has the timestamp that all of
/// them have, or are newer than, and the size of the smallest file.
pub(crate) fn take_in_group(
    repository: &Repository,
    group: &Group<'_>,
    track: &mut Track,
) -> Result<Taken, Error> {
    let Candidate { record, name, rule } = group.lead;
    let Taken { mut publication, mut recorded, packages } = take_in(repository, record, name, rule, track)?;
    let mut smallest = publication.size;
    for Candidate { record, name, .. } in &group.twins {
        let expect = repository.expect(record)?;
        repository.check_stored(record, name, &expect)?;
        let twin = Publication {
            timestamp: records::seconds(record),
            declared: declared(expect.open_checksum),
            ..publication.clone()
        };
        recorded |= track.republish(0, &twin);
        smallest = smallest.min(repository.file_len(record, name)?);
    }
    publication.timestamp = group.timestamp();
    publication.size = smallest;
    Ok(Taken { publication, recorded, packages })
}

/// How an open-checksum is remembered: only such as the content is not known by.
fn declared(open_checksum: Option<Digest>) -> Option<String> {
    open_checksum.filter(|d| d.algorithm() != Algorithm::Sha256).map(|d| d.to_string())
}

/// Makes the record's content the newest generation of `track`.
///
/// Content that the track knows by its open-checksum is not opened again; its
/// file must be there, with the size and checksum that repomd.xml says. Other content is
/// read once, verified against everything that repomd.xml says of it, and
/// recorded only if all of that holds.
pub(crate) fn take_in(
    repository: &Repository,
    record: &Record,
    name: &str,
    rule: Rule,
    track: &mut Track,
) -> Result<Taken, Error> {
    let mut packages = Packages::before(track);
    let mut expect = repository.expect(record)?;
    let size = repository.file_len(record, name)?;
    let timestamp = records::seconds(record);
    let declared = expect.open_checksum;

    let size_holds = record.size.is_none_or(|expected| expected == size);
    if let Some(index) = declared.and_then(|d| known(track, &d)).filter(|_| size_holds) {
        repository.check_stored(record, name, &expect)?;
        let generation = &track.generations()[index];
        let publication = Publication {
            open_sha256: generation.open_sha256,
            open_size: generation.open_size,
            size,
            timestamp,
            declared: self::declared(declared),
        };
        let recorded = track.republish(index, &publication);
        return Ok(Taken { publication, recorded, packages });
    }

    expect.open_digests = vec![Algorithm::Sha256];
    let newest = track.generations().first().map(|g| (g.open_sha256, g.timestamps.clone()));
    let path = repository.dir.path().join(name);
    let source = repository.open_file(record, name, expect)?;
    let mut taking = track.record().map_err(Error::History)?;
    let reading = repository.jobs.begin(&record.kind, Step::Read, record.open_size);
    let at_end = feed((source, &path), rule, &mut taking, &mut packages, &reading)?;
    drop(reading);
    let summary = at_end.finish().map_err(Error::Open)?;
    let open_sha256 = summary.open_digest(Algorithm::Sha256).and_then(|d| d.as_bytes().try_into().ok());
    let publication = Publication {
        open_sha256: open_sha256.unwrap_or_default(),
        open_size: summary.open_size,
        size,
        timestamp,
        declared: self::declared(declared),
    };
    taking.finish(&publication).map_err(Error::History)?;
    let recorded = newest.is_none_or(|(sha256, timestamps)| {
        sha256 != publication.open_sha256 || timestamp.is_some_and(|t| !timestamps.contains(&t))
    });
    Ok(Taken { publication, recorded, packages })
}

/// Where the track has the content with this open-checksum.
pub(crate) fn known(track: &Track, open_checksum: &Digest) -> Option<usize> {
    if open_checksum.algorithm() == Algorithm::Sha256 {
        open_checksum.as_bytes().try_into().ok().and_then(|sha256| track.find(sha256))
    } else {
        track.find_declared(&open_checksum.to_string())
    }
}

/// How far reading is, is told each time that so many bytes more are done.
const TOLD: u64 = 1 << 18;

/// Gives every chunk of `source` to the recorder.
fn feed(
    (source, path): (OpenReader, &Path),
    rule: Rule,
    recorder: &mut Recorder<'_>,
    packages: &mut Packages,
    reading: &Meter<'_>,
) -> Result<OpenReader, Error> {
    let mut chunks = Chunker::new(source, rule, &Limits::default());
    let mut untold = 0;
    loop {
        match chunks.next_chunk() {
            Ok(Some(chunk)) if rule.is_lines() && chunk.contains(&0) => {
                return Err(Error::NotText { path: path.to_owned() });
            }
            Ok(Some(chunk)) => {
                packages.chunk(chunk);
                recorder.chunk(chunk).map_err(Error::History)?;
                untold += chunk.len() as u64;
                if untold >= TOLD {
                    reading.advance(std::mem::take(&mut untold));
                }
            }
            Ok(None) => return Ok(chunks.into_source()),
            Err(ChunkError::Read { source, .. }) => {
                return Err(Error::Open(codec::Error::from_io(source, path)));
            }
            Err(source) => return Err(Error::Chunk { path: path.to_owned(), source }),
        }
    }
}
