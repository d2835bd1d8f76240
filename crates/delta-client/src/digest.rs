//! What records of repomd.xml say, in terms of `codec`: checksums as digests that can be
//! compared with computed ones, numbers as rules.

use codec::Digest;
use codec::recipe::zchunk::ChunkRule;
use repomd::{Checksum, Record};

/// The digest that a checksum is; the error is part of a sentence.
pub(crate) fn digest(checksum: &Checksum) -> Result<Digest, String> {
    Digest::parse(checksum.kind(), checksum.hex())
        .map_err(|error| format!("checksum `{checksum}` cannot be compared: {error}"))
}

/// As [`digest`], where nothing is expected of a checksum of an unknown type.
pub(crate) fn digest_or_none(checksum: Option<&Checksum>) -> Option<Digest> {
    checksum.and_then(|checksum| digest(checksum).ok())
}

/// The rule that repomd.xml publishes for the chunks of a record's zchunk file.
pub(crate) fn chunk_rule(record: &Record) -> Option<ChunkRule> {
    ChunkRule::from_number(record.journal()?.chunks?)
}
