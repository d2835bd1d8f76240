//! Names of delta files (`docs/format-1.md`, section 7) and of journals
//! (`docs/format-2.md`, "The element in repomd.xml"). No file is looked at.

/// How the repository names its metadata files, learnt from one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naming {
    /// The open file's name: `primary.xml`; `modules-yaml` for `modules.yaml`.
    open_name: String,
    /// Whether names begin with a checksum.
    unique: bool,
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
const LISTED_BYTES: u64 = 232;
/// Bytes of a `<delta-base>` element but for the name.
const BASE_BYTES: u64 = 58;
/// Shortest checksum in hexadecimal digits: that of MD5.
const MIN_CHECKSUM: usize = 32;

impl Naming {
    /// From the name of a record's file.
    pub(crate) fn of(file_name: &str) -> Self {
        let open = SUFFIXES.iter().find_map(|s| file_name.strip_suffix(s)).unwrap_or(file_name);
        let (name, unique) = match open.split_once('-') {
            Some((checksum, name)) if is_checksum(checksum) && !name.is_empty() => (name, true),
            _ => (open, false),
        };
        Self { open_name: name.replace(YAML, NO_YAML), unique, own_name: file_name.len() as u64 }
    }

    /// As [`of`](Self::of), where other files of the repository may have the same
    /// open name: with the suffix of compression.
    pub(crate) fn apart(file_name: &str) -> Self {
        let mut naming = Self::of(file_name);
        if let Some(suffix) = SUFFIXES.iter().find(|s| file_name.ends_with(**s)) {
            naming.open_name.push_str(suffix);
        }
        naming
    }

    /// Bytes that a delta of such a name adds to repomd.xml, within some: that of
    /// its element, as it is laid out in what createrepo_c writes.
    pub(crate) fn listed_bytes(&self) -> u64 {
        let name = self.delta(0, if self.unique { NO_DIGEST } else { "" });
        LISTED_BYTES + name.len() as u64
    }

    /// Bytes that a record with deltas has in repomd.xml besides these: the copy of
    /// its location in front of them.
    pub(crate) fn base_bytes(&self) -> u64 {
        BASE_BYTES + self.own_name
    }

    /// The name of the delta for window `nth` with this digest.
    pub(crate) fn delta(&self, nth: usize, sha256: &str) -> String {
        let name = &self.open_name;
        if self.unique { format!("{sha256}-{name}.delta{nth}.bz2") } else { format!("{name}.delta{nth}.bz2") }
    }

    /// The name of the journal with this digest.
    pub(crate) fn journal(&self, sha256: &str) -> String {
        let name = &self.open_name;
        if self.unique { format!("{sha256}-{name}{JOURNAL}") } else { format!("{name}{JOURNAL}") }
    }
}

fn is_checksum(text: &str) -> bool {
    text.len() >= MIN_CHECKSUM && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a name is of the form that [`Naming::delta`] or [`Naming::journal`]
/// gives. A second guard before anything is deleted.
pub(crate) fn is_ours(name: &str) -> bool {
    let is_journal = name.strip_suffix(JOURNAL).is_some_and(|open| !open.is_empty());
    (is_journal || is_delta(name)) && !name.starts_with('.') && !name.contains('/')
}

fn is_delta(name: &str) -> bool {
    let Some((_, nth)) = name.strip_suffix(".bz2").and_then(|n| n.rsplit_once(".delta")) else {
        return false;
    };
    !nth.is_empty() && nth.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_repository() {
        let sum = "2dc955f583dbfb8143cf7738a985ffca540d1b4c7f37eedd0ddc9a10a38a50b4";
        let cases = [
            (format!("{sum}-primary.xml.gz"), format!("{sum}-primary.xml.delta0.bz2")),
            (format!("{sum}-filelists.xml.zst"), format!("{sum}-filelists.xml.delta0.bz2")),
            ("primary.xml.gz".into(), "primary.xml.delta0.bz2".into()),
            ("other.xml".into(), "other.xml.delta0.bz2".into()),
            (format!("{sum}-modules.yaml.zst"), format!("{sum}-modules-yaml.delta0.bz2")),
            ("a.modulemd-defaults.yaml".into(), "a.modulemd-defaults-yaml.delta0.bz2".into()),
            (format!("{sum}-comps-A.x86_64.xml"), format!("{sum}-comps-A.x86_64.xml.delta0.bz2")),
            ("productid".into(), "productid.delta0.bz2".into()),
            (format!("{sum}-"), format!("{sum}-.delta0.bz2")),
            ("my-repo-primary.xml.xz".into(), "my-repo-primary.xml.delta0.bz2".into()),
        ];
        for (file, delta) in cases {
            assert_eq!(Naming::of(&file).delta(0, sum), delta);
            assert!(is_ours(&delta));
            assert!(is_ours(&Naming::of(&file).journal(sum)));
            assert!(!is_ours(&file));
        }
        assert_eq!(Naming::apart("comps.xml.gz").delta(0, sum), "comps.xml.gz.delta0.bz2");
        assert_eq!(Naming::of("primary.xml.gz").delta(3, sum), "primary.xml.delta3.bz2");
        assert_eq!(Naming::of("primary.xml.gz").journal(sum), "primary.xml.journal");
        for other in [
            "primary.xml.delta.bz2",
            "x.delta1.gz",
            ".x.delta1.bz2",
            "x.delta1a.bz2",
            "repomd.xml",
            ".journal",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
