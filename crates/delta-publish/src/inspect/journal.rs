//! Looking at a journal file.

use std::io::{Read as _, Seek as _, SeekFrom};

use codec::Algorithm;
use delta_core::journal::{self, Fetched, GAP, Head, MAX_HEAD};
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
        sequence: head.sequence(),
        ..JournalInspected::default()
    };
    for chain in head.chains() {
        let mut fetched = Fetched::new();
        for range in chain.reading.ranges(GAP) {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start)).map_err(unreadable)?;
            let read = file.by_ref().take((range.end - range.start).min(MAX_STEPS)).read_to_end(&mut bytes);
            read.map_err(unreadable)?;
            fetched.add(range.start, bytes);
        }
        chain.reading.parts(&fetched).map_err(|error| wrong(error.to_string()))?;
        let data_type = &head.types()[chain.data_type];
        for (nth, id) in chain.from.iter().enumerate() {
            found.ways.push(WayInspected {
                generation: id.to_string(),
                data_type: data_type.clone(),
                run: chain.run,
                parts: nth + 1,
                bytes: chain.reading_from(nth).map_or(0, |reading| reading.bytes(GAP)),
            });
        }
    }
    Ok(found)
}
