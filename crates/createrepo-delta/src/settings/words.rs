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
        if words.is_empty() { Err(WordsError::Empty) } else { Ok(Self(words)) }
    }
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
            ("sign $HOME *", &["sign", "$HOME", "*"]),
        ];
        for (text, expected) in cases {
            let expected = expected.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(text.parse(), Ok(Words(expected)), "{text}");
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
