//! A command given as one argument, split into program and arguments. No shell
//! is involved: no variables, no wildcards, no pipes.
//!
//! White space separates words. Single quotes keep everything between them;
//! double quotes keep everything but `\"` and `\\`; outside quotes a backslash
//! keeps the next character.

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
    /// A quote was opened and not closed.
    #[error("expected a closing `{quote}` for the one at character {at}")]
    Quote {
        /// The quote.
        quote: char,
        /// Its place, counted from 1.
        at: usize,
    },
    /// A backslash ends the text.
    #[error("expected a character after the backslash at the end")]
    Backslash,
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
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut characters = text.chars().zip(1..);
        while let Some((character, at)) = characters.next() {
            match character {
                c if c.is_whitespace() => words.extend(word.take()),
                '\\' => {
                    let (kept, _) = characters.next().ok_or(WordsError::Backslash)?;
                    word.get_or_insert_default().push(kept);
                }
                '\'' | '"' => {
                    let inside = quoted(&mut characters, character);
                    let inside = inside.ok_or(WordsError::Quote { quote: character, at })?;
                    word.get_or_insert_default().push_str(&inside);
                }
                other => word.get_or_insert_default().push(other),
            }
        }
        words.extend(word);
        if words.is_empty() { Err(WordsError::Empty) } else { Ok(Self(words)) }
    }
}

/// What follows up to the closing quote; `None` where there is none.
fn quoted(characters: &mut impl Iterator<Item = (char, usize)>, quote: char) -> Option<String> {
    let mut inside = String::new();
    loop {
        match characters.next()?.0 {
            c if c == quote => return Some(inside),
            '\\' if quote == '"' => {
                let next = characters.next()?.0;
                if !matches!(next, '"' | '\\') {
                    inside.push('\\');
                }
                inside.push(next);
            }
            other => inside.push(other),
        }
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
        let quote = |quote, at| Err(WordsError::Quote { quote, at });
        assert_eq!(" ".parse::<Words>(), Err(WordsError::Empty));
        assert_eq!("sign 'x".parse::<Words>(), quote('\'', 6));
        assert_eq!("sign \"x\\\"".parse::<Words>(), quote('"', 6));
        assert_eq!("sign \\".parse::<Words>(), Err(WordsError::Backslash));
    }
}
