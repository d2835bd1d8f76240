//! Our own repomd.xml: the publisher's records, true for the files that lie
//! there.

use repomd::{Checksum, Location, Record, RecordLocation, Repomd, ValueError};

use super::Stored;
use super::plan::digest_or_none;
use crate::cache::REPODATA;

/// The record of a file that was brought.
pub(super) fn stored(upstream: &Record, stored: &Stored) -> Result<Record, ValueError> {
    let mut record = upstream.clone();
    record.deltas.clear();
    if digest_or_none(upstream.checksum.as_ref()) != Some(stored.checksum) {
        let name = stored.checksum.algorithm().name();
        record.checksum = Some(Checksum::new(name, &stored.checksum.to_hex())?);
        // These are of a zchunk file, which this is not.
        record.header_checksum = None;
        record.header_size = None;
    }
    record.location = Some(location(&stored.name)?);
    record.size = stored.size;
    record.open_size = stored.open_size;
    Ok(record)
}

/// The record of a file that is described as `held`: only what the publisher
/// says of its content is new.
pub(super) fn kept(upstream: &Record, held: &Record) -> Record {
    let mut record = upstream.clone();
    record.deltas.clear();
    record.checksum.clone_from(&held.checksum);
    record.header_checksum.clone_from(&held.header_checksum);
    record.location.clone_from(&held.location);
    record.size = held.size;
    record.open_size = held.open_size;
    record.header_size = held.header_size;
    record
}

/// The document that has these records.
pub(super) fn document(upstream: &Repomd, records: Vec<Record>) -> Result<Vec<u8>, repomd::WriteError> {
    let mut model = upstream.clone();
    model.records = records;
    repomd::write(&model)
}

fn location(name: &str) -> Result<RecordLocation, ValueError> {
    Ok(RecordLocation::Local(Location::new(&format!("{REPODATA}/{name}"))?))
}
