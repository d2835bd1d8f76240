//! User names and passwords by host, from a file like `~/.netrc`: the words that
//! curl reads.
//!
//! Who may read the file is not looked at.

use std::fmt;
use std::path::Path;

use super::url::{Credentials, Url};
use crate::transport::{TransportError, TransportErrorKind};

/// The most bytes that are read.
const MAX_BYTES: usize = 1 << 20;

/// What a netrc file says.
#[derive(Clone, Default)]
pub struct Netrc {
    entries: Vec<Entry>,
}

#[derive(Clone, Default)]
struct Entry {
    /// In lower case; any other host where there is none.
    machine: Option<String>,
    login: String,
    password: String,
}

impl Netrc {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no netrc file.
    pub fn read(path: &Path) -> Result<Self, TransportError> {
        let cannot = |why: &dyn fmt::Display| {
            let message = format!("cannot use the passwords in `{}`: {why}", path.display());
            TransportError::new(TransportErrorKind::Other, message)
        };
        let bytes = std::fs::read(path).map_err(|why| cannot(&why))?;
        if bytes.len() > MAX_BYTES {
            return Err(cannot(&format!("expected at most {MAX_BYTES} bytes, found {}", bytes.len())));
        }
        let text = String::from_utf8(bytes).map_err(|_| cannot(&"expected UTF-8, found something else"))?;
        Self::parse(&text).map_err(|why| cannot(&why))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// In one line what is wrong, without passwords.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = Words { rest: text };
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(word) = words.next()? {
            let mut value =
                |what: &str| words.next()?.ok_or(format!("expected a word after `{what}`, found the end"));
            match word.as_str() {
                "machine" => {
                    let machine = Some(value("machine")?.to_ascii_lowercase());
                    entries.push(Entry { machine, ..Entry::default() });
                }
                "default" => entries.push(Entry::default()),
                "macdef" => words.skip_macro(),
                "login" | "password" | "account" => {
                    let value = value(&word)?;
                    let entry = entries.last_mut().ok_or_else(|| format!("expected `machine` before `{word}`"))?;
                    match word.as_str() {
                        "login" => entry.login = value,
                        "password" => entry.password = value,
                        _ => {}
                    }
                }
                _ => return Err("expected `machine`, `default`, `login`, `password`, `account` or `macdef`, found another word".to_owned()),
            }
        }
        Ok(Self { entries })
    }

    /// What is to be sent to the host of this URL: of the first entry for it.
    #[must_use]
    pub fn credentials(&self, url: &str) -> Option<Credentials> {
        let (url, _) = Url::absolute(url.trim()).ok()?;
        let host = url.host.trim_start_matches('[').trim_end_matches(']');
        let fits = |entry: &&Entry| entry.machine.as_deref().is_none_or(|machine| machine == host);
        self.entries.iter().find(fits).map(|entry| Credentials::new(&entry.login, &entry.password))
    }
}

impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.machine)).finish()
    }
}

/// Words between white space; those in double quotes may have some in them.
struct Words<'t> {
    rest: &'t str,
}

impl Words<'_> {
    fn next(&mut self) -> Result<Option<String>, String> {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with('#') {
            self.skip_line();
            self.rest = self.rest.trim_start();
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        if let Some(quoted) = self.rest.strip_prefix('"') {
            return self.quoted(quoted.chars()).map(Some);
        }
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Some(word.to_owned()))
    }

    fn quoted(&mut self, mut characters: std::str::Chars<'_>) -> Result<String, String> {
        let mut word = String::new();
        let unfinished = || "expected a quotation mark at the end of a word, found none".to_owned();
        loop {
            match characters.next().ok_or_else(unfinished)? {
                '"' => break,
                '\\' => word.push(match characters.next().ok_or_else(unfinished)? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                other => word.push(other),
            }
        }
        let left = characters.as_str().len();
        self.rest = self.rest.get(self.rest.len() - left..).unwrap_or_default();
        Ok(word)
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    /// A macro ends with an empty line.
    fn skip_macro(&mut self) {
        while let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            if line.trim().is_empty() {
                return;
            }
        }
        self.rest = "";
    }
}

#[cfg(test)]
mod tests {
    use super::Netrc;

    fn found(text: &str, url: &str) -> Option<(String, String)> {
        let credentials = Netrc::parse(text).unwrap().credentials(url)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some((text(&credentials.user), text(&credentials.password)))
    }

    #[test]
    fn the_first_entry_for_the_host_counts() {
        let text = "# a comment\nmachine a.example login me password secret\n\
                    machine A.example login other password no\n\
                    macdef x\n machine b.example\n\nmachine b.example\n\tpassword p\n\tlogin l account z\n";
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(found(text, "https://A.example/r"), pair("me", "secret"));
        assert_eq!(found(text, "http://b.example:8080/"), pair("l", "p"));
        assert_eq!(found(text, "http://c.example/"), None);
        let text = format!("{text}default login anonymous password x");
        assert_eq!(found(&text, "http://c.example/"), pair("anonymous", "x"));
    }

    #[test]
    fn quoted_words_have_spaces_and_escapes() {
        let text = r#"machine h login "a b" password "q\"\\ \t#x""#;
        assert_eq!(found(text, "http://h/").unwrap(), ("a b".into(), "q\"\\ \t#x".into()));
        assert_eq!(found("machine h login a password b#c", "http://h/").unwrap().1, "b#c");
    }

    #[test]
    fn what_is_no_netrc_is_refused_without_its_words() {
        for bad in ["secret", "login secret", "machine", "machine h password \"secret", "machine h secret"] {
            let error = Netrc::parse(bad).unwrap_err();
            assert!(!error.contains("secret") && error.starts_with("expected"), "{error}");
        }
        let netrc = Netrc::parse("machine h login a password secret").unwrap();
        assert!(!format!("{netrc:?}").contains("secret"));
    }
}
