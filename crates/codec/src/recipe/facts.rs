//! What a compressed file says about itself besides its content: the header of
//! gzip files, which some programs fill in with a time and a name.
//!
//! Nothing is read here. A header is made of facts that the caller has from
//! repomd.xml, and proven with the rest of the file.

use super::list::NamedHeader;
use super::{RebuildError, Recipe};

/// The longest name that is written, in bytes.
const MAX_NAME: usize = 255;

/// What repomd.xml tells of a file, for the recipes that write it into the file.
/// Those that do not need it do not look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `<revision>`, where it is a Unix time: when the repository began to be
    /// written.
    pub revision: Option<u32>,
    /// The name of the open file, as `primary.xml`: the last part of the
    /// location without checksum and `.gz`. At most 255 bytes of printable
    /// ASCII.
    pub name: Option<String>,
}

/// The shortest checksum in front of a file name, in hexadecimal digits.
const CHECKSUM: usize = 32;

impl Facts {
    /// Of `<revision>`, and the last part of a record's location, such as
    /// `<checksum>-primary.xml.gz`.
    #[must_use]
    pub fn from_repomd(revision: Option<&str>, file_name: &str) -> Self {
        let name = file_name.strip_suffix(".gz").unwrap_or(file_name);
        let is_checksum =
            |text: &str| text.len() >= CHECKSUM && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let name = match name.split_once('-') {
            Some((checksum, rest)) if is_checksum(checksum) => rest,
            _ => name,
        };
        Self { revision: revision.and_then(|text| text.parse().ok()), name: Some(name.to_owned()) }
    }
}

impl NamedHeader {
    /// The header (RFC 1952, section 2.3) with time and name.
    pub(super) fn bytes(self, recipe: Recipe, facts: &Facts) -> Result<Vec<u8>, RebuildError> {
        let unknown = |fact| RebuildError::FactUnknown { recipe, fact };
        let revision = facts.revision.ok_or_else(|| unknown("revision"))?;
        let fits = |name: &&String| {
            !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        let name = facts.name.as_ref().filter(fits).ok_or_else(|| unknown("name"))?;
        let mut header = vec![0x1f, 0x8b, 8, 8];
        header.extend_from_slice(&revision.to_le_bytes());
        header.extend_from_slice(&[self.extra_flags, self.system]);
        header.extend_from_slice(name.as_bytes());
        header.push(0);
        Ok(header)
    }
}
