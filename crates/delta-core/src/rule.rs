//! Where a metadata file is cut into chunks, per metadata type.
//!
//! This is the one table of types; publisher and client share it. It does not
//! cut anything: that is [`Chunker`](crate::Chunker).

/// How an open metadata file is cut into chunks (`docs/format-1.md`, section 1).
///
/// A rule is part of the wire format: encoder and decoder of a delta must use
/// the same one, and a published rule never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    name: &'static str,
    marker: &'static [u8],
    footer: bool,
}

/// Cut before every `<package ` and before the last `</`.
const PACKAGES: Rule = Rule { name: "packages", marker: b"<package ", footer: true };

/// Metadata type to rule: the table of `docs/format-1.md`, section 1.
const TYPES: &[(&str, Rule)] = &[("primary", PACKAGES), ("filelists", PACKAGES), ("other", PACKAGES)];

impl Rule {
    /// The rule for a record of `<data type="…">`, or `None` where format 1 does
    /// not define one.
    #[must_use]
    pub fn for_type(data_type: &str) -> Option<Rule> {
        TYPES.iter().find(|(name, _)| *name == data_type).map(|(_, rule)| *rule)
    }

    /// The metadata types that have a rule, in the order of the table.
    pub fn types() -> impl Iterator<Item = &'static str> {
        TYPES.iter().map(|(name, _)| *name)
    }

    /// The rule's name, as in the table of the format document.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The bytes before which every chunk but the first begins.
    #[must_use]
    pub fn marker(&self) -> &'static [u8] {
        self.marker
    }

    /// This rule without the cut at the last `</`.
    #[must_use]
    pub(crate) fn without_footer(self) -> Self {
        Self { footer: false, ..self }
    }

    /// Whether the last `</` of the file begins a chunk as well.
    #[must_use]
    pub fn cuts_footer(&self) -> bool {
        self.footer
    }
}
