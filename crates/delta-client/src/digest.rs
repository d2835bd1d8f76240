//! What records of repomd.xml say, in terms of `codec`: checksums as digests that can be
//! compared with computed ones.

use codec::{Algorithm, Digest};
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

/// Whether a journal may call the content of this digest so: by the first bytes of its SHA-256
/// (format 2). Another digest does not tell.
pub(crate) fn may_be_named(open: &Digest, id: [u8; 4]) -> bool {
    open.algorithm() != Algorithm::Sha256 || open.as_bytes().starts_with(&id)
}
