//! Checksums of repomd.xml as digests that can be compared with computed ones.

use codec::Digest;
use repomd::Checksum;

/// The digest that a checksum is; the error is part of a sentence.
pub(crate) fn digest(checksum: &Checksum) -> Result<Digest, String> {
    Digest::parse(checksum.kind(), checksum.hex())
        .map_err(|error| format!("checksum `{checksum}` cannot be compared: {error}"))
}

/// As [`digest`], where nothing is expected of a checksum of an unknown type.
pub(crate) fn digest_or_none(checksum: Option<&Checksum>) -> Option<Digest> {
    checksum.and_then(|checksum| digest(checksum).ok())
}
