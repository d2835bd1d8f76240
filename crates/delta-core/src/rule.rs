//! Where a metadata file is cut into chunks, per metadata type.
//!
//! This is the one table of types; publisher and client share it. It does not
//! cut anything: that is [`Chunker`](crate::chunk::Chunker).

/// How an open metadata file is cut into chunks (format 1, section 1).
///
/// A rule is part of the wire format: encoder and decoder of a delta must use
/// the same one, and a published rule never changes. Nor does the rule of a type:
/// one that is not in the table is cut at lines, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    name: &'static str,
    markers: &'static [&'static [u8]],
    begins: usize,
    footer: bool,
}

const PACKAGES: Rule = Rule { name: "packages", markers: &[b"<package "], begins: 0, footer: true };
const UPDATES: Rule = Rule { name: "updates", markers: &[b"<update "], begins: 0, footer: true };
const COMPS: Rule = Rule {
    name: "comps",
    markers: &[b"<group>", b"<environment>", b"<category>", b"<langpacks>"],
    begins: 0,
    footer: true,
};
const NEW_PACKAGES: Rule =
    Rule { name: "new packages", markers: &[b"<newpackage "], begins: 0, footer: true };
const PATCHES: Rule = Rule { name: "patches", markers: &[b"<patch "], begins: 0, footer: true };
const COMPONENTS: Rule = Rule {
    name: "components",
    markers: &[b"<component ", b"<component>", b"<application>"],
    begins: 0,
    footer: true,
};
/// The line end belongs to the chunk before.
const DOCUMENTS: Rule =
    Rule { name: "documents", markers: &[b"\n---\n", b"\n---\r", b"\n--- "], begins: 1, footer: false };
const LINES: Rule = Rule { name: "lines", markers: &[b"\n"], begins: 1, footer: false };

/// Metadata type to rule: the table of format 1, section 1.
const TYPES: &[(&str, Rule)] = &[
    ("primary", PACKAGES),
    ("filelists", PACKAGES),
    ("filelists-ext", PACKAGES),
    ("other", PACKAGES),
    ("susedata", PACKAGES),
    ("updateinfo", UPDATES),
    ("group", COMPS),
    ("modules", DOCUMENTS),
    ("prestodelta", NEW_PACKAGES),
    ("deltainfo", NEW_PACKAGES),
    ("patches", PATCHES),
    ("appdata", COMPONENTS),
    ("appstream", COMPONENTS),
];

/// What is appended to a type for the same content in another compression.
const TWINS: &[&str] = &["_gz", "_bz2", "_xz", "_zst", "_zck"];

/// What the types of databases end in.
const DATABASE: &str = "_db";

impl Rule {
    /// The rule for a record of `<data type="…">`: that of its
    /// [`family`](Self::family), or lines. `None` for databases, for which format
    /// 1 defines none.
    #[must_use]
    pub fn for_type(data_type: &str) -> Option<Rule> {
        if Self::family(data_type).ends_with(DATABASE) {
            return None;
        }
        Some(Self::in_table(data_type).unwrap_or(LINES))
    }

    /// Whether the table has a rule for this type, so that it gets deltas without
    /// being asked for by name.
    #[must_use]
    pub fn is_known(data_type: &str) -> bool {
        Self::in_table(data_type).is_some()
    }

    fn in_table(data_type: &str) -> Option<Rule> {
        let family = Self::family(data_type);
        // `susedata.de` is a translation of `susedata`.
        let family = family.split_once('.').map_or(family, |(before, _)| before);
        TYPES.iter().find(|(name, _)| *name == family).map(|(_, rule)| *rule)
    }

    /// The type without what tells twins apart: `group` of `group`, `group_gz`,
    /// `group_zck` and `group_gz_zck`. Records of a family usually have the same
    /// open content, in several compressions.
    #[must_use]
    pub fn family(data_type: &str) -> &str {
        let mut family = data_type;
        while let Some(shorter) = TWINS.iter().find_map(|twin| family.strip_suffix(twin))
            && !shorter.is_empty()
        {
            family = shorter;
        }
        family
    }

    /// The metadata types that have a rule of their own, in the order of the table.
    pub fn types() -> impl Iterator<Item = &'static str> {
        TYPES.iter().map(|(name, _)| *name)
    }

    /// The rules, each once, in the order of the table; lines last.
    #[must_use]
    pub fn all() -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for rule in TYPES.iter().map(|(_, rule)| *rule).chain([LINES]) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }

    /// The rule's name, as in the table of the format document.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The bytes at each occurrence of which, overlapping ones included, a chunk
    /// begins. At least one, none of them empty.
    #[must_use]
    pub fn markers(&self) -> &'static [&'static [u8]] {
        self.markers
    }

    /// So many bytes after the start of a marker the chunk begins: 0, or 1 where
    /// the marker begins with the line end of the chunk before.
    #[must_use]
    pub fn begins(&self) -> usize {
        self.begins
    }

    /// This rule without the cut at the last `</`.
    #[must_use]
    pub(crate) fn without_footer(self) -> Self {
        Self { footer: false, ..self }
    }

    /// Whether this is the rule for text of an unknown type.
    #[must_use]
    pub fn is_lines(&self) -> bool {
        *self == LINES
    }

    /// Whether the last `</` of the file begins a chunk as well.
    #[must_use]
    pub fn cuts_footer(&self) -> bool {
        self.footer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(data_type: &str) -> Option<&'static str> {
        Rule::for_type(data_type).map(|rule| rule.name())
    }

    #[test]
    fn twins_have_the_rule_of_their_family() {
        for twin in ["group", "group_gz", "group_xz", "group_zst", "group_zck", "group_gz_zck"] {
            assert_eq!((Rule::family(twin), name(twin)), ("group", Some("comps")), "{twin}");
        }
        assert_eq!(name("primary_zck"), Some("packages"));
        assert_eq!(name("susedata.de"), Some("packages"));
        assert_eq!(Rule::family("_gz"), "_gz");
    }

    #[test]
    fn databases_have_none_and_the_rest_is_cut_at_lines() {
        for database in ["primary_db", "filelists_db", "other_db_zck", "x_db"] {
            assert_eq!(name(database), None, "{database}");
        }
        for unknown in ["productid", "x", "primary2", "Primary", ""] {
            assert_eq!(name(unknown), Some("lines"), "{unknown}");
            assert!(!Rule::is_known(unknown));
        }
    }

    #[test]
    fn markers_can_be_searched_for() {
        for rule in Rule::all() {
            assert!(rule.begins() <= 1);
            let shorter = |marker: &&&[u8]| marker.len() <= rule.begins() && rule.name() != "lines";
            assert_eq!(rule.markers().iter().find(shorter), None, "{}", rule.name());
            assert!(rule.markers().iter().all(|marker| !marker.is_empty()));
        }
    }
}
