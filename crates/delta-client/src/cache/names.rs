//! Names of metadata files in a cache.
//!
//! Every name begins with a digest of what the file holds, also where the
//! publisher uses simple names: so no file is ever replaced by another one of
//! its name, and those of the state before stay readable.

use codec::{Compression, Digest};
use repomd::Location;

/// How much of the publisher's name is kept, in bytes.
const MAX_BASE: usize = 80;

/// The fewest digits at the start of a name that are taken for a digest.
const MIN_DIGITS: usize = 32;

/// The name of a file that is stored as it was downloaded.
pub(crate) fn stored_name(location: &Location, checksum: &Digest) -> String {
    format!("{}-{}", checksum.to_hex(), base(location))
}

/// The name of a file that was made from a delta, and then compressed.
pub(crate) fn result_name(location: &Location, checksum: &Digest, compression: Compression) -> String {
    let base = base(location);
    let open = ["gz", "bz2", "xz", "zst", "zck"]
        .iter()
        .find_map(|suffix| base.strip_suffix(suffix)?.strip_suffix('.'))
        .unwrap_or(&base);
    let dot = if compression == Compression::None { "" } else { "." };
    format!("{}-{open}{dot}{}", checksum.to_hex(), compression.suffix())
}

/// The publisher's file name without a digest at its start, and with nothing
/// in it that needs an escape anywhere.
fn base(location: &Location) -> String {
    let name = location.file_name();
    let digits = name.bytes().take_while(u8::is_ascii_hexdigit).count();
    let plain = name.get(digits..).and_then(|rest| rest.strip_prefix('-'));
    let name = plain.filter(|rest| digits >= MIN_DIGITS && !rest.is_empty()).unwrap_or(name);
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(safe).collect();
    // What is cut off is in front, because programs go by the suffix.
    let start = name.len().saturating_sub(MAX_BASE);
    name.get(start..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use codec::Algorithm;

    use super::*;

    fn names(location: &str) -> [String; 3] {
        let location = Location::new(location).unwrap();
        let digest = Algorithm::Sha1.digest(b"");
        let cut = |name: String| name.strip_prefix(&format!("{}-", digest.to_hex())).unwrap().to_owned();
        [
            cut(stored_name(&location, &digest)),
            cut(result_name(&location, &digest, Compression::Zstd)),
            cut(result_name(&location, &digest, Compression::None)),
        ]
    }

    #[test]
    fn simple_and_unique_names_become_alike() {
        let expected = ["primary.xml.gz", "primary.xml.zst", "primary.xml"];
        assert_eq!(names("repodata/primary.xml.gz"), expected);
        assert_eq!(names(&format!("repodata/{}-primary.xml.gz", "ab".repeat(32))), expected);
        assert_eq!(names("meta/data/primary.xml.gz"), expected);
    }

    #[test]
    fn names_are_plain_and_short() {
        assert_eq!(names("repodata/a%20b é.xml")[0], "a_20b__.xml");
        assert_eq!(names("repodata/abc-comps.xml.xz")[1], "abc-comps.xml.zst");
        assert_eq!(names("repodata/repomd.xml")[0], "repomd.xml");
        let long = names(&format!("repodata/{}.xml.gz", "x".repeat(240)));
        assert!(long[0].len() == MAX_BASE && long[0].ends_with("x.xml.gz"));
        let digest_only = "ab".repeat(32);
        assert_eq!(names(&format!("repodata/{digest_only}"))[0], digest_only);
    }
}
