//! The kinds of values that settings and options have: numbers, sizes, ages, times to
//! wait, names. Each is one type that reads its text; `value` does the rest.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use delta_publish::options::Threshold;
use serde::{Serialize, Serializer};

use super::value::{Expected, Value, as_text, from_file};

/// A setting that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl Value for Flag {
    const EXPECTED: &'static str = "`true` or `false`";
    const IS_TEXT: bool = false;

    fn from_flag(flag: bool) -> Option<Self> {
        Some(Self(flag))
    }
}

impl FromStr for Flag {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        text.parse().map(Self).map_err(|_| Expected(Self::EXPECTED))
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(self.0)
    }
}

from_file!(Flag);

/// A number of things, at least `LEAST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const LEAST: u32>(u32);

impl<const LEAST: u32> Count<LEAST> {
    /// The number as a length.
    pub(crate) fn len(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// A number of the library's; those that are too large are taken as the largest.
    pub(crate) fn from_len(len: usize) -> Self {
        Self(u32::try_from(len).unwrap_or(u32::MAX).max(LEAST))
    }
}

impl<const LEAST: u32> Value for Count<LEAST> {
    const EXPECTED: &'static str =
        if LEAST == 0 { "a whole number of at least 0" } else { "a whole number of at least 1" };
    const IS_TEXT: bool = false;
    const IS_NUMBER: bool = true;
}

impl<const LEAST: u32> FromStr for Count<LEAST> {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let number = text.parse().ok().filter(|number| *number >= LEAST);
        number.map(Self).ok_or(Expected(Self::EXPECTED))
    }
}

impl<const LEAST: u32> Serialize for Count<LEAST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

from_file!(Count<0>);
from_file!(Count<1>);

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SizeError {
    /// It is something else.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A few bytes, of which the unit was probably forgotten.
    #[error("expected a size with a unit; did you mean `{meant}`? `{found}B` is {found} bytes")]
    Unit {
        /// The number.
        found: u64,
        /// With the unit that is likely.
        meant: String,
    },
    /// No bytes at all.
    #[error("expected more than 0; {0}")]
    Zero(&'static str),
}

/// Sizes below this are refused without a unit.
const LEAST_WITHOUT_UNIT: u64 = 1024;

/// The size in a text that is no number of bytes of which the unit is missing.
fn with_unit(text: &str, expected: &'static str, unit: &str) -> Result<Threshold, SizeError> {
    let size = text.parse().map_err(|_| SizeError::Expected(expected))?;
    match size {
        Threshold::Bytes(found @ 1..LEAST_WITHOUT_UNIT)
            if text.trim().bytes().all(|b| b.is_ascii_digit()) =>
        {
            let unit = if unit == "%" && found > 100 { "K" } else { unit };
            Err(SizeError::Unit { found, meant: format!("{found}{unit}") })
        }
        size => Ok(size),
    }
}

/// The most that something may have, in bytes or percent of the full file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) Threshold);

impl Value for Size {
    const EXPECTED: &'static str = "a size such as `5%`, `64K`, `2M`, `1G` or `20000`";
    const IS_NUMBER: bool = true;
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        match with_unit(text, Self::EXPECTED, "%")? {
            Threshold::Bytes(0) | Threshold::Share(0) => Err(SizeError::Zero(
                "`--no-deltas` and `--no-journal` (in a file `no-deltas = true`, `no-journal = true`) publish none",
            )),
            size => Ok(Self(size)),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Threshold::Bytes(bytes) => Bytes(bytes).fmt(f),
            share @ Threshold::Share(_) => share.fmt(f),
        }
    }
}

as_text!(Size);

/// A size at which a window ends. A number alone is bytes, as it was in the original
/// design, however few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowSize(pub(crate) Threshold);

impl Value for WindowSize {
    const EXPECTED: &'static str = "sizes such as `5%`, `64K`, `2M`, `1G` or `20000`";
    const IS_NUMBER: bool = true;
}

impl FromStr for WindowSize {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        text.parse().map(Self).map_err(|_| Expected(Self::EXPECTED))
    }
}

impl fmt::Display for WindowSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

as_text!(WindowSize);

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl Value for Bytes {
    const EXPECTED: &'static str = "bytes such as `64K`, `64M`, `1G` or `20000`";
    const IS_NUMBER: bool = true;
}

impl FromStr for Bytes {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        match with_unit(text, Self::EXPECTED, "M")? {
            Threshold::Bytes(0) => Err(SizeError::Zero("leave it out for the default")),
            Threshold::Bytes(bytes) => Ok(Self(bytes)),
            Threshold::Share(_) => Err(SizeError::Expected(Self::EXPECTED)),
        }
    }
}

impl fmt::Display for Bytes {
    /// In the largest unit in which it is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)];
        let fits = |unit: &&(&str, u64)| self.0 > 0 && self.0.is_multiple_of(unit.1);
        let bare = (if self.0 < LEAST_WITHOUT_UNIT { "B" } else { "" }, 1);
        let (unit, bytes) = units.iter().find(fits).unwrap_or(&bare);
        write!(f, "{}{unit}", self.0 / bytes)
    }
}

as_text!(Bytes);

/// An age in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age(pub(crate) u64);

/// Units of ages, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Value for Age {
    const EXPECTED: &'static str =
        "days, hours, minutes or seconds, such as `14d`, `36h`, `90m` or `3600`; less than 3600 needs a unit";
    const IS_NUMBER: bool = true;
}

/// Seconds without a unit from here on: whoever writes `14` means days.
const LEAST_BARE_AGE: u64 = 3_600;

impl FromStr for Age {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let found = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
        let (number, seconds) = found.unwrap_or((text, 1));
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u64> = if digits { number.parse().ok() } else { None };
        let number = number.filter(|number| found.is_some() || *number >= LEAST_BARE_AGE);
        number.and_then(|number| number.checked_mul(seconds)).map(Self).ok_or(Expected(Self::EXPECTED))
    }
}

impl fmt::Display for Age {
    /// In the largest unit in which it is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |seconds: &&(char, u64)| self.0 > 0 && self.0.is_multiple_of(seconds.1);
        let (unit, seconds) = UNITS.iter().find(fits).unwrap_or(&('s', 1));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

as_text!(Age);

/// A time to wait, more than none and at most a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

impl Value for Wait {
    const EXPECTED: &'static str =
        "seconds or minutes, such as `30`, `0.5s` or `2m`, more than 0 and at most a day";
    const IS_NUMBER: bool = true;
}

impl FromStr for Wait {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let units = [('s', 1.0), ('m', 60.0)];
        let found = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
        let (number, seconds) = found.unwrap_or((text, 1.0));
        let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number: Option<f64> = if digits { number.parse().ok() } else { None };
        let wait = number.and_then(|number| Duration::try_from_secs_f64(number * seconds).ok());
        let in_range = |wait: &Duration| !wait.is_zero() && *wait <= Duration::from_secs(86_400);
        wait.filter(in_range).map(Self).ok_or(Expected(Self::EXPECTED))
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if self.0.subsec_nanos() == 0 && seconds.is_multiple_of(60) {
            write!(f, "{}m", seconds / 60)
        } else {
            write!(f, "{}s", self.0.as_secs_f64())
        }
    }
}

as_text!(Wait);

/// The name of a metadata type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName(pub(crate) String);

impl Value for TypeName {
    const EXPECTED: &'static str = "names of metadata types such as `primary`";
}

/// On the command line commas separate them, and blanks end the option.
const LIST_OF_TYPES: &str = "names of metadata types separated by commas alone, such as `primary,filelists`";

impl FromStr for TypeName {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let name = text.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(Expected(LIST_OF_TYPES));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(TypeName);

/// The path of a file or directory. In a configuration file it is taken from the
/// directory of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) PathBuf);

impl Value for Place {
    const EXPECTED: &'static str = "a path that is not empty";
}

impl FromStr for Place {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        if text.is_empty() { Err(Expected(Self::EXPECTED)) } else { Ok(Self(text.into())) }
    }
}

/// Fails where the path is not UTF-8, which TOML cannot say.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let absolute = std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone());
        let wrong = || format!("`{}`: expected a path in UTF-8", absolute.display());
        serializer.serialize_str(absolute.to_str().ok_or_else(|| serde::ser::Error::custom(wrong()))?)
    }
}

from_file!(Place);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_as_people_write_them() {
        let cases = [("14d", 1_209_600), ("36h", 129_600), ("90m", 5_400), ("7s", 7), ("3600", 3_600)];
        for (text, seconds) in cases {
            assert_eq!(text.parse(), Ok(Age(seconds)), "{text}");
        }
        for (seconds, text) in [(1_209_600, "14d"), (129_600, "36h"), (5_400, "90m"), (7, "7s"), (0, "0s")] {
            assert_eq!(Age(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(Age(seconds)));
        }
        for text in [
            "",
            "d",
            "-1",
            "+1",
            "14",
            "3599",
            "1w",
            "1.5d",
            "1 d",
            "99999999999999999999",
            "999999999999999999d",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_to_wait() {
        for (text, millis, shown) in
            [("30", 30_000, "30s"), ("0.25", 250, "0.25s"), ("10s", 10_000, "10s"), ("1.5m", 90_000, "90s")]
        {
            let wait: Wait = text.parse().unwrap();
            assert_eq!((wait.0.as_millis(), wait.to_string()), (millis, shown.to_owned()));
        }
        for text in ["", "0", "0.0", "-1", "+1", "1e3", "inf", "nan", ".", "s", "1.2.3", "1h", "99999999"] {
            assert!(text.parse::<Wait>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_whose_unit_was_forgotten_are_refused_with_the_likely_one() {
        let said = |text: &str| text.parse::<Size>().map_err(|error| error.to_string());
        for (text, meant) in [("60", "`60%`"), ("1", "`1%`"), (" 100 ", "`100%`"), ("512", "`512K`")] {
            let error = said(text).unwrap_err();
            let text = text.trim();
            let expected = format!("did you mean {meant}? `{text}B` is {text} bytes");
            assert!(error.ends_with(&expected), "{error}");
        }
        for text in ["60%", "1K", "1024", "0.5%", "2M", "60B", "3G"] {
            let size = said(text).unwrap();
            assert_eq!(said(&size.to_string()), Ok(size), "{text}");
        }
        for text in ["0", "0%", "0K"] {
            assert!(said(text).unwrap_err().contains("--no-deltas"), "{text}");
        }
        assert!("64".parse::<Bytes>().unwrap_err().to_string().contains("did you mean `64M`?"));
        assert!("0".parse::<Bytes>().is_err() && "5%".parse::<Bytes>().is_err());
        // The original's option has plain bytes.
        assert_eq!("60".parse(), Ok(WindowSize(Threshold::Bytes(60))));
    }
}
