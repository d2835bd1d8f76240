//! What repomd.xml says of the journal of the repository, as plain data and as text: the
//! instruction `<?delta-journal …?>` (format 2, "The instruction in repomd.xml").
//!
//! What is in the journal, and who reads which part of it, is not known here.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::ours::JOURNAL;
use crate::value::{Checksum, Location};

/// The format that is read and written.
pub(crate) const FORMAT: &str = "2";
/// Most types of a journal.
pub const MAX_TYPES: usize = 64;
/// Most bytes of the name of a type.
const MAX_NAME: usize = 64;

/// The journal of a repository, read or to be written.
///
/// Numbers are below 2^63, and the head and the newest steps together within the size: what
/// says otherwise is not taken, and refused where it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// Where the journal is: `HEX64-…`, which are the digits of its checksum, in any directory.
    pub location: Location,
    /// SHA-256 of the journal. It is written as a part of the location only.
    pub checksum: Checksum,
    /// Bytes of the journal.
    pub size: u64,
    /// Bytes of its head.
    pub head_size: u64,
    /// The first bytes of the SHA-256 of its head.
    pub head_digest: [u8; 16],
    /// Which row of publishes the sequence numbers count.
    pub id: [u8; 4],
    /// The number of this publish.
    pub sequence: u64,
    /// The types that the journal serves, in its own order; at least one.
    pub types: Vec<JournalType>,
    /// How the files of records are made of the open content, by the type of the record, where
    /// that is known.
    pub recipes: BTreeMap<String, Recipe>,
    /// The newest steps, where the first of them leads from the publish before this one.
    pub newest: Option<NewestSteps>,
}

/// A type that a journal serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalType {
    /// The type of the record; see [`is_name`].
    pub name: String,
    /// The first bytes of the SHA-256 of its open content.
    pub id: [u8; 4],
}

/// The numbers of what makes a record's file of its open content; which ones there are the crate
/// `codec` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// The number of the recipe.
    pub number: u8,
    /// The number of the rule by which the chunks of a zchunk file begin.
    pub chunks: Option<u8>,
}

/// The steps at the start of a journal, which follow one another in it and in sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestSteps {
    /// Bytes of the table of the first step, which begins where the head ends.
    pub table: u64,
    /// For each type of the journal the bytes of its part of the first step; 0 where the type is
    /// unchanged, 1 where the step does not lead it on.
    pub parts: Vec<u64>,
    /// The first bytes of the SHA-256 of that table.
    pub digest: [u8; 16],
    /// Bytes of each further step, the newest first.
    pub further: Vec<u64>,
}

/// Whether a record of this type can be named in a journal: up to 64 ASCII letters, digits and
/// `_`, `-`, `.`, `+`.
#[must_use]
pub fn is_name(kind: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+".contains(&byte);
    (1..=MAX_NAME).contains(&kind.len()) && kind.bytes().all(is_allowed)
}

impl NewestSteps {
    /// Bytes of all these steps; nothing where they are too many to count.
    pub(crate) fn size(&self) -> Option<u64> {
        let parts = self.parts.iter().filter(|number| **number > 1);
        parts.chain(&self.further).try_fold(self.table, |sum, size| sum.checked_add(*size))
    }
}

impl Journal {
    /// The instruction. It says something else, or is none, where a name is not one or numbers do not
    /// fit together: whoever writes it has to read it again.
    pub(crate) fn instruction(&self) -> String {
        let mut out = format!("<?{JOURNAL}");
        let mut put = |name: &str, value: &str| out.extend([" ", name, "=\"", value, "\""]);
        put("format", FORMAT);
        put("href", self.location.as_str());
        put("size", &self.size.to_string());
        put("head", &format!("{} {}", self.head_size, hex(&self.head_digest)));
        put("id", &hex(&self.id));
        put("sequence", &self.sequence.to_string());
        put("types", &joined(" ", self.types.iter().map(|kind| format!("{}:{}", kind.name, hex(&kind.id)))));
        if !self.recipes.is_empty() {
            put("recipes", &joined(" ", self.recipes.iter().map(|(kind, recipe)| recipe.text(kind))));
        }
        if let Some(newest) = &self.newest {
            let parts = joined(",", newest.parts.iter().map(u64::to_string));
            put("newest", &format!("{}:{parts}:{}", newest.table, hex(&newest.digest)));
            if !newest.further.is_empty() {
                put("further", &joined(",", newest.further.iter().map(u64::to_string)));
            }
        }
        out + "?>"
    }
}

impl Recipe {
    fn text(self, kind: &str) -> String {
        let chunks = self.chunks.map_or_else(String::new, |rule| format!(".{rule}"));
        format!("{kind}:{}{chunks}", self.number)
    }
}

fn joined(separator: &str, items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(separator)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
