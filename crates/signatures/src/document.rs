//! Whether a signature seems to be one of a document, without any key: a signature tells the first bytes of the digest
//! that was signed (RFC 9580, section 5.2.3). They are not signed themselves, and programs may ignore them. That it is
//! by somebody who may sign is not looked at here.

use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::armor::{SIGNATURE_PACKET, armored_data};

/// The type of signatures of a document as it is.
const BINARY: u8 = 0;
/// With more signatures in a file it is not looked which of them is of the document: each has it read once more.
const MAX_SIGNATURES: usize = 64;

/// Whether `signature`, armored or not, seems to be of something else than `document`: it has signatures, and none of
/// them has the beginning of the document's digest. Where a signature is of a kind that is not known here, and where
/// there are more than 64, it may be of the document.
#[must_use]
pub fn is_of_other(document: &[u8], signature: &[u8]) -> bool {
    let data = armored_data(signature).unwrap_or_else(|_| signature.to_owned());
    let Some(packets) = packets(&data) else { return false };
    let bodies: Vec<&[u8]> =
        packets.into_iter().filter(|(tag, _)| *tag == SIGNATURE_PACKET).map(|(_, body)| body).collect();
    (1..=MAX_SIGNATURES).contains(&bodies.len())
        && bodies.iter().all(|body| differs(document, body) == Some(true))
}

/// Whether the signature in a packet is of something else; nothing where that is not known.
fn differs(document: &[u8], body: &[u8]) -> Option<bool> {
    let (version, width) = match *body.first()? {
        4 => (4, 2),
        6 => (6, 4),
        _ => return None,
    };
    if *body.get(1)? != BINARY {
        return None;
    }
    let hashed_end = 4 + width + length(body.get(4..4 + width)?)?;
    let hashed = body.get(..hashed_end)?;
    let unhashed = length(body.get(hashed_end..hashed_end + width)?)?;
    let rest = body.get(hashed_end.checked_add(width)?.checked_add(unhashed)?..)?;
    let told = rest.get(..2)?;
    let salt = match version {
        6 => rest.get(3..3 + usize::from(*rest.get(2)?))?,
        _ => &[],
    };
    let trailer_len = u32::try_from(hashed_end).ok()?.to_be_bytes();
    let trailer = [version, 0xff, trailer_len[0], trailer_len[1], trailer_len[2], trailer_len[3]];
    let found = digest(*body.get(3)?, &[salt, document, hashed, &trailer])?;
    Some(!found.starts_with(told))
}

/// The digest over all of `parts`, by the number that `OpenPGP` has for the algorithm; nothing for others.
fn digest(algorithm: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    fn of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
        let mut hasher = D::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().to_vec()
    }
    Some(match algorithm {
        2 => of::<Sha1>(parts),
        8 => of::<Sha256>(parts),
        9 => of::<Sha384>(parts),
        10 => of::<Sha512>(parts),
        11 => of::<Sha224>(parts),
        _ => return None,
    })
}

/// A number of as many bytes as there are.
fn length(bytes: &[u8]) -> Option<usize> {
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).ok()
}

/// The packets, each with its kind; nothing where they are malformed, or of unknown length.
fn packets(mut data: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while let Some(&first) = data.first() {
        let (tag, head, len) = header(first, data)?;
        let body = data.get(head..head.checked_add(len)?)?;
        data = &data[head + len..];
        found.push((tag, body));
    }
    Some(found)
}

/// The kind of a packet, the bytes before its body, and those of the body.
fn header(first: u8, data: &[u8]) -> Option<(u8, usize, usize)> {
    let number = |at: usize, bytes: usize| length(data.get(at..at + bytes)?);
    match first {
        0xc0.. => {
            let (head, len) = match *data.get(1)? {
                short @ ..192 => (2, usize::from(short)),
                192..224 => (3, number(1, 2)? - (192 << 8) + 192),
                255 => (6, number(2, 4)?),
                _ => return None,
            };
            Some((first & 0x3f, head, len))
        }
        0x80.. => {
            let bytes = match first & 3 {
                0 => 1,
                1 => 2,
                2 => 4,
                _ => return None,
            };
            Some(((first >> 2) & 0xf, 1 + bytes, number(1, bytes)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with a signature of a document by SHA-256, which no key made.
    fn packet(version: u8, document: &[u8]) -> Vec<u8> {
        let mut hashed = vec![version, 0, 22, 8];
        let salt: &[u8] = if version == 6 { b"salt" } else { b"" };
        let width = if version == 6 { 4 } else { 2 };
        hashed.extend_from_slice(&3_u32.to_be_bytes()[4 - width..]);
        hashed.extend_from_slice(b"abc");
        let mut trailer = vec![version, 0xff];
        trailer.extend_from_slice(&u32::try_from(hashed.len()).unwrap().to_be_bytes());
        let digest = digest(8, &[salt, document, &hashed, &trailer]).unwrap();
        let mut body = hashed;
        body.extend_from_slice(&1_u32.to_be_bytes()[4 - width..]);
        body.extend_from_slice(&[7, digest[0], digest[1]]);
        if version == 6 {
            body.push(4);
            body.extend_from_slice(salt);
        }
        body.extend_from_slice(b"no key made this");
        let mut packet = vec![0xc2, u8::try_from(body.len()).unwrap()];
        packet.append(&mut body);
        packet
    }

    #[test]
    fn signatures_of_other_documents_are_told() {
        for version in [4, 6] {
            let signature = packet(version, b"this");
            assert!(!is_of_other(b"this", &signature), "{version}");
            assert!(is_of_other(b"that", &signature), "{version}");
            let both = [signature, packet(version, b"that")].concat();
            assert!(!is_of_other(b"that", &both), "one of them is of it");
        }
    }

    #[test]
    fn many_signatures_are_not_looked_at() {
        let signature = packet(4, b"this");
        assert!(is_of_other(b"that", &signature.repeat(MAX_SIGNATURES)));
        assert!(!is_of_other(b"that", &signature.repeat(MAX_SIGNATURES + 1)));
    }

    #[test]
    fn what_is_not_known_may_be_of_the_document() {
        let signature = packet(4, b"this");
        let changed = |at: usize, byte: u8| {
            let mut signature = signature.clone();
            signature[at] = byte;
            signature
        };
        // Another version, another type, another digest, a body that is cut, partial lengths.
        for (at, byte) in [(2, 3), (3, 1), (5, 99), (1, 3), (1, 0xe0)] {
            assert!(!is_of_other(b"that", &changed(at, byte)), "{at}");
        }
        for garbage in [&b""[..], b"a signature", &[0xc2], &[0x8b, 1], &signature[..9]] {
            assert!(!is_of_other(b"that", garbage));
        }
    }

    #[test]
    fn lengths_of_packets() {
        assert_eq!(header(0xc2, &[0xc2, 200, 10]), Some((2, 3, (200 - 192) * 256 + 10 + 192)));
        assert_eq!(header(0xc2, &[0xc2, 255, 0, 0, 1, 0]), Some((2, 6, 256)));
        assert_eq!(header(0x88, &[0x88, 7]), Some((2, 2, 7)));
        assert_eq!(header(0x89, &[0x89, 1, 2]), Some((2, 3, 258)));
    }
}
