//! Looking at a journal file.

use std::io::{Read as _, Seek as _, SeekFrom};

use codec::Algorithm;
use delta_core::journal::{self, Head, MAX_HEAD, Way, read_steps};
use durable::streams::Input;

use crate::Error;
use crate::report::{JournalInspected, WayInspected};

/// Most bytes of steps that are taken into memory at a time.
const MAX_STEPS: u64 = 1 << 30;

/// Whether the file is a journal, of whatever version.
///
/// # Errors
/// When the file cannot be read.
pub fn is_journal(file: &Input) -> Result<bool, Error> {
    let unreadable = |reason| Error::OpenFile { path: file.path().to_owned(), reason };
    journal::is_journal(file.reader()).map_err(unreadable)
}

/// What the journal in `input` holds. Every step is compared with its digest, so a
/// journal that is damaged is refused; none is decompressed.
///
/// # Errors
/// When the file cannot be read, or is no journal of this version.
pub fn journal(input: &Input) -> Result<JournalInspected, Error> {
    let path = input.path();
    let unreadable = |reason| Error::OpenFile { path: path.to_owned(), reason };
    let wrong = |what: String| Error::Delta { path: path.to_owned(), what };
    let mut file = input.reader();
    let mut start = Vec::new();
    file.by_ref().take(MAX_HEAD as u64).read_to_end(&mut start).map_err(unreadable)?;
    let head = Head::of_file(&start).map_err(|error| wrong(error.to_string()))?;
    file.rewind().map_err(unreadable)?;
    let sha256 = Algorithm::Sha256.digest_of(&mut file).map_err(unreadable)?.to_hex();
    let size = input.size().map_err(Error::File)?;
    if size != head.file_len() {
        return Err(wrong(format!("expected {} bytes by its head, found {size}", head.file_len())));
    }
    let mut found = JournalInspected {
        size,
        sha256,
        head_size: head.len(),
        runs: head.runs() as u64,
        ..JournalInspected::default()
    };
    // A longer way has the steps of all shorter ones of its run.
    let mut longest: Option<Way> = None;
    let mut verify = |way: Option<Way>| -> Result<(), Error> {
        let Some(way) = way else { return Ok(()) };
        file.seek(SeekFrom::Start(way.range().start)).map_err(unreadable)?;
        read_steps(&head, &way, &mut file, MAX_STEPS).map_err(|error| wrong(error.to_string()))?;
        Ok(())
    };
    for (generation, way) in head.all() {
        let range = way.range();
        let generation = format!("{:08x}", u32::from_be_bytes(*generation.as_bytes()));
        found.ways.push(WayInspected {
            generation,
            steps: way.steps() as u64,
            start: range.start,
            bytes: range.end - range.start,
        });
        if way.steps() == 1 {
            verify(longest.take())?;
        }
        longest = Some(way);
    }
    verify(longest)?;
    Ok(found)
}
