//! A command given as one argument, split into program and arguments as a POSIX shell
//! splits it. No shell is involved: no variables, no wildcards, no pipes.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::value::{Value, from_file};

/// A program and its arguments; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<String>);

/// Why a text is no [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WordsError {
    /// There is no word.
    #[error("expected a program, found nothing")]
    Empty,
    /// A quote was opened and not closed, or a backslash ends the text.
    #[error("expected quotes that are closed and a character after each backslash")]
    Unfinished,
    /// Only a shell knows what this is.
    #[error(
        "expected a program and its arguments, found `{0}`, and no shell is involved: put it in single quotes if it \
         is meant as it is; `sh -c 'COMMANDS \"$1\"' sh` runs a shell"
    )]
    Shell(char),
}

impl Value for Words {
    const EXPECTED: &'static str = "a command, as a text or an array of words";

    fn from_texts(texts: Vec<String>) -> Option<Self> {
        (!texts.is_empty()).then_some(Self(texts))
    }
}

/// An array of the words.
impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

from_file!(Words);

impl FromStr for Words {
    type Err = WordsError;

    fn from_str(text: &str) -> Result<Self, WordsError> {
        let words = shlex::split(text).ok_or(WordsError::Unfinished)?;
        if let Some(found) = for_shells(text) {
            return Err(WordsError::Shell(found));
        }
        if words.is_empty() { Err(WordsError::Empty) } else { Ok(Self(words)) }
    }
}

/// The first character of a text by which a shell would do more than split it: a pipe and the like outside of
/// quotes, a variable or a command outside of single ones, a home directory.
fn for_shells(text: &str) -> Option<char> {
    let (mut quote, mut before) = (None, ' ');
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some('\''), c) if c != '\'' => {}
            (_, '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            // The rest of the line is a comment.
            (None, '#') if before.is_whitespace() => {
                characters.find(|c| *c == '\n');
            }
            (None, '|' | '&' | ';' | '<' | '>' | '(' | ')') | (_, '$' | '`') => return Some(c),
            (None, '~') if before.is_whitespace() => return Some(c),
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_white_space() {
        let cases: [(&str, &[&str]); 6] = [
            ("gpg --armor", &["gpg", "--armor"]),
            ("  sign \t now\n", &["sign", "now"]),
            (r#"sign --key 'Release Key' "a b""#, &["sign", "--key", "Release Key", "a b"]),
            (r#"sign "a\"b\\c\d" 'e\f' g\ h"#, &["sign", r#"a"b\c\d"#, r"e\f", "g h"]),
            ("sign '' x''y", &["sign", "", "xy"]),
            ("sign '$HOME' *", &["sign", "$HOME", "*"]),
        ];
        for (text, expected) in cases {
            let expected = expected.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(text.parse(), Ok(Words(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_for_a_shell_is_refused() {
        let cases = [
            ("sign | tee log", '|'),
            ("sign -u $KEY", '$'),
            ("sign \"$KEY\"", '$'),
            ("~/sign", '~'),
            ("sign --key ~/key", '~'),
            ("a && b", '&'),
            ("sign > log", '>'),
            ("sign; true", ';'),
            ("sign `date`", '`'),
            ("sign 'a'$b", '$'),
        ];
        for (text, found) in cases {
            assert_eq!(text.parse::<Words>(), Err(WordsError::Shell(found)), "{text}");
        }
        for text in [
            "sh -c 'sign \"$1\" | tee log' sh",
            "sign \\$x \"a|b~\" a~b a#b",
            "sign # $x",
            "sign 'a~' -uKEY!",
        ] {
            assert!(text.parse::<Words>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_split() {
        assert_eq!(" ".parse::<Words>(), Err(WordsError::Empty));
        for unfinished in ["sign 'x", "sign \"x\\\"", "sign \\"] {
            assert_eq!(unfinished.parse::<Words>(), Err(WordsError::Unfinished), "{unfinished}");
        }
    }
}
