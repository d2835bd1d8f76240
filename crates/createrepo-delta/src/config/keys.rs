//! Which keys there are, and where; and which of them an unknown one may be
//! meant for. Values are not looked at here.

use strsim::levenshtein;

/// The tables that may have keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `[defaults]`.
    Defaults,
    /// `[repository.NAME]`.
    Repository,
}

/// Keys that say the same in both tables.
pub(super) const SETTINGS: [&str; 16] = [
    "types",
    "no-journal",
    "journal-keep",
    "journal-max-size",
    "journal-text",
    "no-recipe",
    "no-deltas",
    "windows",
    "half-life",
    "sizes",
    "max-size",
    "keep",
    "keep-age",
    "keep-states",
    "sign-command",
    "refuse-signed",
];
/// Keys of a repository only.
pub(super) const OF_REPOSITORY: [&str; 2] = ["path", "history"];
/// Keys of the defaults only.
pub(super) const OF_DEFAULTS: [&str; 1] = ["history-root"];
/// Tables.
pub(super) const TABLES: [&str; 2] = ["defaults", "repository"];

/// The key or table among `known` that `unknown` is nearly.
pub(super) fn nearest(unknown: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let unknown = unknown.to_lowercase().replace('_', "-");
    let near = |name: &&str| levenshtein(&unknown, name) <= name.len().div_ceil(4);
    known.into_iter().filter(near).min_by_key(|name| levenshtein(&unknown, name))
}

/// Every key that a table may have.
pub(super) fn of(place: Place) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = match place {
        Place::Defaults => &OF_DEFAULTS,
        Place::Repository => &OF_REPOSITORY,
    };
    SETTINGS.into_iter().chain(own.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("", "ab", 2), ("keep", "keep", 0), ("kep", "keep", 1), ("abc", "cab", 2)]
        {
            assert_eq!(levenshtein(a, b), expected, "{a} {b}");
            assert_eq!(levenshtein(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn the_document_has_every_key() {
        let document = include_str!("../../../../docs/operations.md");
        let rows: String = document.lines().filter(|line| line.starts_with("| `")).collect();
        for key in of(Place::Repository).chain(of(Place::Defaults)) {
            assert!(rows.contains(&format!("`{key}`")), "{key}");
        }
    }

    #[test]
    fn near_misses_are_recognised_and_others_are_not() {
        let meant = |word| nearest(word, of(Place::Repository));
        assert_eq!(meant("keep_states"), Some("keep-states"));
        assert_eq!(meant("Half_Life"), Some("half-life"));
        assert_eq!(meant("signcommand"), Some("sign-command"));
        assert_eq!(meant("window"), Some("windows"));
        assert_eq!(meant("type"), Some("types"));
        assert_eq!(meant("colour"), None);
        assert_eq!(nearest("default", TABLES), Some("defaults"));
        assert_eq!(nearest("repositories", TABLES), Some("repository"));
        assert_eq!(nearest("mirror", TABLES), None);
    }
}
