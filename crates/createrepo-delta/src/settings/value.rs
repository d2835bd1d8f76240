//! Values of settings: each kind is parsed by one piece of code, on the command line
//! from its text, in a configuration file from a text, a number, a flag or an array,
//! as its kind allows. Which kinds there are is in `kinds`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How most of a text is quoted in an error, in characters.
const QUOTED: usize = 60;

/// A kind of values.
pub(crate) trait Value: FromStr<Err: fmt::Display> {
    /// What is expected, for errors.
    const EXPECTED: &'static str;
    /// Whether a file may say it as a text.
    const IS_TEXT: bool = true;
    /// Whether a file may say it as a whole number.
    const IS_NUMBER: bool = false;

    /// The value for `true` or `false` in a file, if that is one.
    fn from_flag(_flag: bool) -> Option<Self> {
        None
    }

    /// The value for an array of texts in a file, if that can be one.
    fn from_texts(_texts: Vec<String>) -> Option<Self> {
        None
    }
}

/// Why a text is no value: what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct Expected(pub(crate) &'static str);

/// Reads a value from a configuration file.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Value>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(One(PhantomData))
}

/// Reads a list from a configuration file: an array of values, or a text in which commas
/// separate them, as on the command line.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Value>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    deserializer.deserialize_any(Many(PhantomData)).map(Some)
}

/// `derive`s of serde for a kind that is written as its text.
macro_rules! as_text {
    ($kind:ty) => {
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        $crate::settings::value::from_file!($kind);
    };
}

/// The half of serde that reads.
macro_rules! from_file {
    ($kind:ty) => {
        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::settings::value::deserialize(deserializer)
            }
        }
    };
}

pub(crate) use {as_text, from_file};

struct One<T>(PhantomData<T>);

impl<T: Value> One<T> {
    fn parse<E: Error>(text: &str, shown: &str) -> Result<T, E> {
        text.parse().map_err(|wrong| E::custom(format_args!("{wrong}, found {shown}")))
    }

    fn wrong<E: Error>(found: impl fmt::Display) -> E {
        E::custom(format_args!("expected {}, found {found}", T::EXPECTED))
    }
}

impl<'de, T: Value> Visitor<'de> for One<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let shown = quoted(text);
        if T::IS_TEXT { Self::parse(text, &shown) } else { Err(Self::wrong(shown)) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        let shown = format!("the number {number}");
        if T::IS_NUMBER { Self::parse(&number.to_string(), &shown) } else { Err(Self::wrong(shown)) }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let shown = format!("the number {number}");
        if T::IS_NUMBER { Self::parse(&number.to_string(), &shown) } else { Err(Self::wrong(shown)) }
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<T, E> {
        Err(Self::wrong(format_args!("the number {number}")))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<T, E> {
        Err(Self::wrong(format_args!("the number {number}")))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Err(Self::wrong(format_args!("the number {number}")))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        T::from_flag(flag).ok_or_else(|| Self::wrong(format_args!("`{flag}`")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<T, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(text)) = array.next_element()? {
            texts.push(text);
        }
        T::from_texts(texts).ok_or_else(|| Self::wrong("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _map: A) -> Result<T, A::Error> {
        Err(Self::wrong("a table or a date"))
    }
}

/// A text of an array; what else is in it is no text.
pub(crate) struct Text(pub(crate) String);

impl Value for Text {
    const EXPECTED: &'static str = "an array of texts that are not empty";
}

impl FromStr for Text {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        if text.is_empty() { Err(Expected(Self::EXPECTED)) } else { Ok(Self(text.to_owned())) }
    }
}

from_file!(Text);

struct Many<T>(PhantomData<T>);

impl<'de, T: Value> Visitor<'de> for Many<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {}", T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        text.split(',').map(|part| One::parse(part, &quoted(part))).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Vec<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(Element(value)) = array.next_element()? {
            values.push(value);
        }
        if values.is_empty() {
            return Err(One::<T>::wrong("an empty array"));
        }
        Ok(values)
    }
}

struct Element<T>(T);

impl<'de, T: Value> serde::Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// A text in an error.
pub(crate) fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "an empty text".to_owned();
    }
    let mut shown = "the text `\"".to_owned();
    shown.extend(text.chars().take(QUOTED).flat_map(char::escape_debug));
    shown + if text.chars().nth(QUOTED).is_some() { "…\"`" } else { "\"`" }
}
