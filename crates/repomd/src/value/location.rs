//! Locations: where in the repository a file is, safe to join to a directory
//! or to a URL.
//!
//! The text is kept as written, percent escapes included; nothing is
//! normalised, because another text could be another file. Whether the file
//! exists, and under which name it is stored, is not decided here.

use std::fmt;

use crate::excerpt::excerpt;

/// The longest location and the longest component of one, in bytes: what
/// Linux file systems take.
const MAX_LENGTH: usize = 4096;
const MAX_COMPONENT: usize = 255;

/// A relative path below the root of the repository.
///
/// Components are separated by single `/`; none is empty, `.` or `..`. There
/// is no scheme, no leading `/`, no backslash, no control character, no `?`
/// and no `#`, also not after percent escapes are decoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location(String);

/// Why a location must not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// There is no text at all.
    #[error("expected a relative path, found an empty location")]
    Empty,
    /// The path or one of its components is longer than file systems take.
    #[error("expected at most {limit} bytes, found {length} in location `{found}`")]
    TooLong {
        /// The start of the location, escaped.
        found: String,
        /// The number of bytes.
        length: usize,
        /// The number of bytes that is allowed.
        limit: usize,
    },
    /// The path starts with `/`.
    #[error("expected a relative path, found absolute location `{found}`")]
    Absolute {
        /// The start of the location, escaped.
        found: String,
    },
    /// The first component has a colon: a URL, or a drive.
    #[error("expected a relative path, found a scheme in location `{found}`")]
    Scheme {
        /// The start of the location, escaped.
        found: String,
    },
    /// A component is empty, `.` or `..`.
    #[error("expected a normalized path, found component `{component}` in location `{found}`")]
    Component {
        /// The start of the location, escaped.
        found: String,
        /// The component, decoded.
        component: String,
    },
    /// A character that is not allowed in locations.
    #[error("expected a plain path, found character {character:?} in location `{found}`")]
    Character {
        /// The start of the location, escaped.
        found: String,
        /// The character, decoded.
        character: char,
    },
    /// A `%` that is not followed by two hexadecimal digits.
    #[error("expected two hexadecimal digits after each `%`, found location `{found}`")]
    Escape {
        /// The start of the location, escaped.
        found: String,
    },
}

impl Location {
    /// Checks a path, whose XML references are resolved and whose percent
    /// escapes are not.
    pub fn new(text: &str) -> Result<Self, LocationError> {
        check(text, text)?;
        let decoded = percent_decode(text).ok_or_else(|| LocationError::Escape { found: excerpt(text) })?;
        // Bytes that are not UTF-8 become replacement characters, which is good
        // enough to check.
        let decoded = String::from_utf8_lossy(&decoded);
        // An escaped slash separates where the raw text has one component.
        if decoded.matches('/').count() != text.matches('/').count() {
            return Err(LocationError::Character { found: excerpt(text), character: '/' });
        }
        check(text, &decoded)?;
        Ok(Self(text.to_owned()))
    }

    /// The location as written in the document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes of the path that the location stands for, its percent escapes
    /// decoded: what a web server looks for.
    #[must_use]
    pub fn decoded(&self) -> Vec<u8> {
        // Malformed escapes were refused.
        percent_decode(&self.0).unwrap_or_else(|| self.0.clone().into_bytes())
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The file name, where the file is directly in `repodata/`.
    #[must_use]
    pub fn in_repodata(&self) -> Option<&str> {
        self.0.strip_prefix("repodata/").filter(|name| !name.contains('/'))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks one reading of the location `raw`: itself, or itself decoded.
fn check(raw: &str, reading: &str) -> Result<(), LocationError> {
    let found = || excerpt(raw);
    if reading.is_empty() {
        return Err(LocationError::Empty);
    }
    if reading.len() > MAX_LENGTH {
        return Err(LocationError::TooLong { found: found(), length: reading.len(), limit: MAX_LENGTH });
    }
    if reading.starts_with('/') {
        return Err(LocationError::Absolute { found: found() });
    }
    let forbidden = |c: char| c.is_control() || matches!(c, '\\' | '?' | '#');
    if let Some(character) = reading.chars().find(|&c| forbidden(c)) {
        return Err(LocationError::Character { found: found(), character });
    }
    for (index, component) in reading.split('/').enumerate() {
        if index == 0 && component.contains(':') {
            return Err(LocationError::Scheme { found: found() });
        }
        if matches!(component, "" | "." | "..") {
            return Err(LocationError::Component { found: found(), component: component.to_owned() });
        }
        if component.len() > MAX_COMPONENT {
            return Err(LocationError::TooLong {
                found: found(),
                length: component.len(),
                limit: MAX_COMPONENT,
            });
        }
    }
    Ok(())
}

/// Decodes percent escapes once; nothing where one is malformed.
fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        out.push(u8::try_from(value).ok()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Location, LocationError};

    #[test]
    fn plain_paths_are_taken_as_they_are() {
        for good in [
            "repodata/primary.xml.gz",
            "repodata/a%20b+c~d.xml",
            "primary.xml",
            "a/b/..c/d..e/...",
            "repodata/1:2.xml",
            "repodata/naïve.xml",
        ] {
            assert_eq!(Location::new(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn names_within_repodata() {
        let name = |text| {
            let location = Location::new(text).unwrap();
            let inside = location.in_repodata().map(str::to_owned);
            (location.file_name().to_owned(), inside)
        };
        assert_eq!(name("repodata/a.xml"), ("a.xml".into(), Some("a.xml".into())));
        assert_eq!(name("repodata/b/a.xml"), ("a.xml".into(), None));
        assert_eq!(name("a.xml"), ("a.xml".into(), None));
    }

    #[test]
    fn escapes_become_bytes_once() {
        let location = Location::new("a%20b%2541%C3%BC").unwrap();
        assert_eq!(location.decoded(), b"a b%41\xc3\xbc");
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "http://example.com/a",
            "C:a",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{85}b",
            "a?b",
            "a#b",
            "%2e%2E/a",
            "a/%2e./b",
            "a%2fb",
            "%2fa",
            "a%5cb",
            "a%00b",
            "a%0Ab",
            "a%c2%85b",
            "a%3fb",
            "a%23b",
            "http%3a/a",
            "a%",
            "a%2",
            "a%zz",
            "a%+1",
        ] {
            assert!(Location::new(bad).is_err(), "{bad:?}");
        }
        assert!(Location::new(&"a".repeat(256)).is_err());
        assert!(Location::new(&"a/".repeat(3000)).is_err());
    }

    #[test]
    fn the_reason_quotes_what_was_written() {
        let error = Location::new("a/%2e%2e/b").unwrap_err();
        assert!(matches!(error, LocationError::Component { .. }));
        assert_eq!(
            error.to_string(),
            "expected a normalized path, found component `..` in location `a/%2e%2e/b`"
        );
    }
}
