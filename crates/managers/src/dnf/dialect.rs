//! Where dnf 4 and dnf5 understand the same text in different ways.

use super::values::list;
use crate::Manager;
use crate::expand::{Variables, expand, expand_escaped};

/// Whose configuration it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// dnf 4.
    Dnf,
    /// dnf5.
    Dnf5,
}

impl Dialect {
    pub(crate) fn manager(self) -> Manager {
        match self {
            Self::Dnf => Manager::Dnf,
            Self::Dnf5 => Manager::Dnf5,
        }
    }

    /// A value with its variables replaced.
    pub(crate) fn expand(self, value: &str, variables: &Variables) -> String {
        match self {
            Self::Dnf => expand(value, variables),
            Self::Dnf5 => expand_escaped(value, variables),
        }
    }

    /// `None` is how dnf 4 writes that there is nothing.
    pub(crate) fn plain(self, value: &str) -> String {
        if self == Self::Dnf && value == "None" { String::new() } else { value.to_owned() }
    }

    /// The words of a list.
    pub(crate) fn list(self, value: &str) -> Vec<String> {
        match self {
            Self::Dnf => list(value),
            Self::Dnf5 => escaped_list(value),
        }
    }

    /// A base URL as the repository's cache is named by it.
    pub(crate) fn base_url(self, url: String) -> String {
        if self == Self::Dnf && url.starts_with('/') { format!("file://{url}") } else { url }
    }

    /// Whether the repositories are enabled for which `[main]` says so.
    pub(crate) fn main_enables(self) -> bool {
        self == Self::Dnf
    }
}

/// Words that are divided by spaces, newlines and commas; a character after `\` divides
/// nothing. There are no empty words but the first one, before a comma: in a list
/// that is added to others it takes the place of those.
fn escaped_list(value: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut is_escaped = false;
    for c in value.chars() {
        let divides = !is_escaped && matches!(c, ' ' | ',' | '\n');
        if !is_escaped && c == '\\' {
            is_escaped = true;
            continue;
        }
        is_escaped = false;
        if !divides {
            word.push(c);
        } else if !word.is_empty() || (c == ',' && words.is_empty()) {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_lists() {
        for (text, words) in [
            ("", &[][..]),
            ("\n  a", &["a"]),
            ("a, b ,c\n d", &["a", "b", "c", "d"]),
            ("a,,b,", &["a", "b"]),
            (", a", &["", "a"]),
            (",", &[""]),
            (" ,a", &["", "a"]),
            ("a\\,b\\ c\\\\", &["a,b c\\"]),
        ] {
            assert_eq!(Dialect::Dnf5.list(text), words, "{text:?}");
        }
        assert_eq!(Dialect::Dnf.list("a,,b"), ["a", "", "b"]);
    }
}
