//! Names of delta files (format 1, section 7) and of journals
//! (format 2, "The instruction in repomd.xml"). No file is looked at.
//!
//! A name begins with the SHA-256 of the file, whatever names the repository gives
//! its own files: a name never changes its bytes behind any cache, and tells that
//! the file is ours when everything else is lost.

use repomd::files::REPODATA;

/// What the names of the deltas of one content have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naming {
    /// The open file's name: `primary.xml`; `modules-yaml` for `modules.yaml`.
    open_name: String,
    /// Bytes of the record's own file name.
    own_name: u64,
}

/// Suffixes of compression that are no part of the open file's name.
const SUFFIXES: [&str; 7] = [".gz", ".bz2", ".xz", ".zst", ".zck", ".lzma", ".zstd"];
/// What names of journals end with.
const JOURNAL: &str = ".journal";
/// createrepo_c 1 takes every file below a repository for a list of modules, and
/// ends if it is none, whose path has `modules.yaml`, `.modulemd.yaml` or
/// `.modulemd-defaults.yaml` in it. So names of deltas do without.
const YAML: &str = ".yaml";
/// What they have instead.
const NO_YAML: &str = "-yaml";
/// As long as the digest in a name.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Bytes of a `<delta>` element but for the name: the checksum of 64 digits, a
/// timestamp of ten and a size of six among them.
const LISTED_BYTES: u64 = 199;
/// Bytes of a `<delta-base>` element but for the name, the checksum of 64 digits
/// among them.
const BASE_BYTES: u64 = 176;
/// Shortest checksum in hexadecimal digits: that of MD5.
const MIN_CHECKSUM: usize = 32;
/// Most bytes of the open file's name in a name. With the digest, the suffix and the
/// prefix of temporary files it stays below the 255 bytes that file systems allow.
const MAX_OPEN_NAME: usize = 128;

impl Naming {
    /// From the name of a record's file.
    pub(crate) fn from_file_name(file_name: &str) -> Self {
        let open = SUFFIXES.iter().find_map(|s| file_name.strip_suffix(s)).unwrap_or(file_name);
        let name = match open.split_once('-') {
            Some((checksum, name)) if is_checksum(checksum) && !name.is_empty() => name,
            _ => open,
        };
        Self { open_name: cut(&name.replace(YAML, NO_YAML)).to_owned(), own_name: file_name.len() as u64 }
    }

    /// Bytes that a delta of such a name adds to repomd.xml, within some: that of
    /// its element, as it is laid out in what createrepo_c writes.
    pub(crate) fn listed_bytes(&self) -> u64 {
        LISTED_BYTES + self.delta(0, NO_DIGEST).len() as u64
    }

    /// Bytes that a record with deltas has in repomd.xml besides these: the copy of
    /// its checksum and location in front of them.
    pub(crate) fn base_bytes(&self) -> u64 {
        BASE_BYTES + self.own_name
    }

    /// The name of the delta for window `nth` with this digest.
    pub(crate) fn delta(&self, nth: usize, sha256: &str) -> String {
        format!("{sha256}-{}.delta{nth}.bz2", self.open_name)
    }

    /// Whether a file of ours, by its name, belongs to a content that is named so.
    pub(crate) fn has(&self, file: &OurName<'_>) -> bool {
        file.open_name == self.open_name
    }
}

/// The name of the journal with this digest.
pub(crate) fn journal(sha256: &str) -> String {
    format!("{sha256}-{REPODATA}{JOURNAL}")
}

/// The start of a name that fits.
fn cut(name: &str) -> &str {
    let mut end = name.len().min(MAX_OPEN_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

fn is_checksum(text: &str) -> bool {
    text.len() >= MIN_CHECKSUM && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What kind of file a name of ours is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OurKind {
    Delta,
    Journal,
}

/// A name of the form that [`Naming::delta`] or [`journal`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OurName<'n> {
    pub(crate) kind: OurKind,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub(crate) sha256: &'n str,
    open_name: &'n str,
}

impl<'n> OurName<'n> {
    /// What a name says, if it is of ours. The bytes of the file have to agree
    /// before the file is taken for ours.
    pub(crate) fn parse(name: &'n str) -> Option<Self> {
        let (sha256, rest) = name.split_at_checked(NO_DIGEST.len())?;
        let is_digest = sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let rest = rest.strip_prefix('-').filter(|_| is_digest)?;
        let (kind, open_name) = match rest.strip_suffix(JOURNAL) {
            Some(open_name) => (OurKind::Journal, open_name),
            None => (OurKind::Delta, delta_of(rest)?),
        };
        (!rest.contains('/')).then_some(Self { kind, sha256, open_name })
    }
}

fn delta_of(rest: &str) -> Option<&str> {
    let (open_name, nth) = rest.strip_suffix(".bz2")?.rsplit_once(".delta")?;
    (!nth.is_empty() && nth.bytes().all(|b| b.is_ascii_digit())).then_some(open_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "2dc955f583dbfb8143cf7738a985ffca540d1b4c7f37eedd0ddc9a10a38a50b4";

    #[test]
    fn names_carry_the_digest_and_the_open_name() {
        let cases = [
            (format!("{SUM}-primary.xml.gz"), "primary.xml"),
            (format!("{SUM}-filelists.xml.zst"), "filelists.xml"),
            ("primary.xml.gz".into(), "primary.xml"),
            ("other.xml".into(), "other.xml"),
            (format!("{SUM}-modules.yaml.zst"), "modules-yaml"),
            ("a.modulemd-defaults.yaml".into(), "a.modulemd-defaults-yaml"),
            (format!("{SUM}-comps-A.x86_64.xml"), "comps-A.x86_64.xml"),
            ("productid".into(), "productid"),
            (format!("{SUM}-"), &format!("{SUM}-")),
            ("my-repo-primary.xml.xz".into(), "my-repo-primary.xml"),
        ];
        for (file, open_name) in cases {
            let naming = Naming::from_file_name(&file);
            let delta = naming.delta(3, SUM);
            assert_eq!(delta, format!("{SUM}-{open_name}.delta3.bz2"));
            let ours = OurName::parse(&delta).unwrap();
            assert_eq!((ours.kind, ours.sha256), (OurKind::Delta, SUM));
            assert!(naming.has(&ours));
            assert_eq!(OurName::parse(&file), None);
        }
    }

    #[test]
    fn the_journal_is_named_after_the_directory() {
        let name = journal(SUM);
        assert_eq!(name, format!("{SUM}-repodata.journal"));
        let ours = OurName::parse(&name).unwrap();
        assert_eq!((ours.kind, ours.sha256), (OurKind::Journal, SUM));
        assert!(!Naming::from_file_name(&format!("{SUM}-primary.xml.gz")).has(&ours));
    }

    #[test]
    fn long_names_are_cut_to_what_file_systems_allow() {
        let long = "ü".repeat(120);
        let name = Naming::from_file_name(&format!("{long}.xml.gz")).delta(usize::MAX, SUM);
        assert!(repomd::files::TEMP_PREFIX.len() + name.len() <= 255, "{}", name.len());
        assert!(OurName::parse(&name).is_some());
    }

    #[test]
    fn names_without_digest_or_number_are_not_ours() {
        for other in [
            "primary.xml.delta0.bz2",
            "primary.xml.journal",
            &format!("{SUM}-primary.xml.delta.bz2"),
            &format!("{SUM}-x.delta1.gz"),
            &format!("{SUM}-x.delta1a.bz2"),
            &format!("{}-x.delta1.bz2", SUM.to_uppercase()),
            &format!("{SUM}x.journal"),
            "repomd.xml",
            ".journal",
            "",
        ] {
            assert_eq!(OurName::parse(other), None, "{other}");
        }
    }
}
