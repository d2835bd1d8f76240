//! Metalink documents of mirror managers: where repomd.xml is, and what it is.
//!
//! Version 3 with the extension of `MirrorManager`, as librepo reads it: of the
//! `<file>` called repomd.xml its digests, size and time, the same of versions
//! before it that mirrors may still have (`<alternates>`), and its URLs. Other than
//! librepo it believes no digest that can be forged: neither MD5 nor SHA-1.

use repomd::xml::{Cursor, Tag};
use repomd::{ReadError, files};
use thiserror::Error;

use crate::expand::{Variables, expand};

const REPOMD: &str = "repodata/repomd.xml";
/// More versions or URLs than these are not looked at.
const MAX_ENTRIES: usize = 1000;
/// The types of digests that are believed, the strongest first, with their digits.
const DIGESTS: [(&str, usize); 4] = [("sha512", 128), ("sha384", 96), ("sha256", 64), ("sha224", 56)];
/// The preference of a URL without one.
const NO_PREFERENCE: u32 = 0;

/// Why a document is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetalinkError {
    /// It is no well-formed XML, or not of the form that is expected.
    #[error("{why}")]
    #[non_exhaustive]
    Malformed {
        /// Where, what was expected and what was found.
        why: String,
    },
    /// It does not speak of repomd.xml.
    #[error("expected a file `repomd.xml` in the metalink, found none")]
    NoFile,
    /// It says of no version of repomd.xml what its digest is, or only by types that
    /// can be forged.
    #[error("expected a digest of repomd.xml by SHA-2 in the metalink, found none")]
    NoDigest,
}

/// What a document says of one version of repomd.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepomdVersion {
    /// Types (`sha256`) and digests in lower-case hexadecimal, each type once, the
    /// strongest first. It decides. Weaker types than SHA-224, and digests of another
    /// length than their type has, are left out: a version that has only those is one
    /// of which nothing is known.
    pub digests: Vec<(String, String)>,
    /// In bytes.
    pub size: Option<u64>,
    /// In seconds since 1970.
    pub timestamp: Option<i64>,
}

/// A metalink document, as far as it is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metalink {
    /// The current version.
    pub current: RepomdVersion,
    /// Versions before it that are accepted as well.
    pub alternates: Vec<RepomdVersion>,
    /// URLs of directories that hold `repodata/`, the preferred ones first;
    /// among equals in the order of the document.
    pub urls: Vec<String>,
}

#[derive(Default)]
struct Parts {
    found: bool,
    current: RepomdVersion,
    alternates: Vec<RepomdVersion>,
    /// With their preferences.
    urls: Vec<(u32, String)>,
}

impl Metalink {
    /// Reads a document; variables in its URLs are replaced.
    ///
    /// # Errors
    /// See [`MetalinkError`].
    pub fn parse(text: &str, variables: &Variables) -> Result<Self, MetalinkError> {
        let mut parts = Parts::default();
        let malformed = |error: ReadError| MetalinkError::Malformed { why: error.to_string() };
        parts.read(&mut Cursor::new(text.as_bytes()).map_err(malformed)?).map_err(malformed)?;
        if !parts.found {
            return Err(MetalinkError::NoFile);
        }
        if parts.current.digests.is_empty() && parts.alternates.iter().all(|a| a.digests.is_empty()) {
            return Err(MetalinkError::NoDigest);
        }
        let mut urls = parts.urls;
        urls.sort_by_key(|(preference, _)| std::cmp::Reverse(*preference));
        let urls = urls.into_iter().filter_map(|(_, url)| {
            let url = expand(&url, variables);
            url.strip_suffix(REPOMD).map(str::to_owned)
        });
        Ok(Self { current: parts.current, alternates: parts.alternates, urls: urls.collect() })
    }

    /// The versions of repomd.xml that may be taken, the current one first.
    pub fn versions(&self) -> impl Iterator<Item = &RepomdVersion> {
        std::iter::once(&self.current).chain(&self.alternates)
    }
}

impl RepomdVersion {
    /// Reads the element `tag`, if it says something of the version.
    fn read(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), ReadError> {
        match (tag.prefix, tag.name) {
            ("", "size") => self.size = cursor.text()?.trim().parse().ok(),
            ("mm0:", "timestamp") => self.timestamp = cursor.text()?.trim().parse().ok(),
            ("", "verification") => cursor.children(|cursor, hash| {
                let digest = cursor.text()?;
                if let Some(kind) = hash.attribute("type").filter(|_| hash.is("hash")) {
                    self.add(&kind.to_ascii_lowercase(), digest.trim());
                }
                Ok(())
            })?,
            _ => cursor.skip()?,
        }
        Ok(())
    }

    /// Adds a digest, unless it is of no use or there is one of its type.
    fn add(&mut self, kind: &str, digest: &str) {
        let kind = kind.replace('-', "");
        let rank = |kind: &str| DIGESTS.iter().position(|(known, _)| *known == kind);
        let Some((_, digits)) = rank(&kind).and_then(|rank| DIGESTS.get(rank)) else {
            return;
        };
        let is_hex = digest.len() == *digits && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && self.digests.iter().all(|(other, _)| *other != kind) {
            self.digests.push((kind, digest.to_ascii_lowercase()));
            self.digests.sort_by_key(|(kind, _)| rank(kind));
        }
    }
}

impl Parts {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
        let is_metalink = cursor.root()?.is("metalink");
        cursor.children(|cursor, tag| {
            if is_metalink && tag.is("files") {
                return cursor.children(|cursor, tag| self.file(cursor, &tag));
            }
            cursor.skip()
        })?;
        cursor.finish()
    }

    /// Reads a `<file>` if it is the first one that is repomd.xml.
    fn file(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), ReadError> {
        if self.found || !tag.is("file") || tag.attribute("name") != Some(files::REPOMD) {
            return cursor.skip();
        }
        self.found = true;
        cursor.children(|cursor, tag| match (tag.prefix, tag.name) {
            ("mm0:", "alternates") => cursor.children(|cursor, tag| self.alternate(cursor, &tag)),
            ("", "resources") => cursor.children(|cursor, tag| self.url(cursor, &tag)),
            _ => self.current.read(cursor, &tag),
        })
    }

    fn alternate(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), ReadError> {
        if !tag.is("mm0:alternate") || self.alternates.len() >= MAX_ENTRIES {
            return cursor.skip();
        }
        let mut version = RepomdVersion::default();
        cursor.children(|cursor, tag| version.read(cursor, &tag))?;
        self.alternates.push(version);
        Ok(())
    }

    fn url(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), ReadError> {
        if !tag.is("url") || self.urls.len() >= MAX_ENTRIES {
            return cursor.skip();
        }
        let preference = tag.attribute("preference").and_then(|text| text.trim().parse().ok());
        let preference = preference.filter(|number| *number <= 100).unwrap_or(NO_PREFERENCE);
        self.urls.push((preference, cursor.text()?.trim().to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" xmlns:mm0="http://fedorahosted.org/mirrormanager">
 <files>
  <file name="other.xml"><size>7</size><verification><hash type="sha256">ff</hash></verification></file>
  <file name="repomd.xml">
   <mm0:timestamp>1790834400</mm0:timestamp>
   <size>1559</size>
   <verification><hash type="md5">00000000000000000000000000000000</hash><hash type="sha256">00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF</hash><hash>bb</hash></verification>
   <mm0:alternates>
    <mm0:alternate>
     <mm0:timestamp>1790834000</mm0:timestamp><size>1558</size>
     <verification><hash type="SHA-256">0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a</hash></verification>
    </mm0:alternate>
   </mm0:alternates>
   <resources maxconnections="1">
    <url protocol="http" location="XX" preference="90">http://a/$releasever/repodata/repomd.xml</url>
    <url protocol="rsync" preference="100">rsync://b/repodata/repomd.xml</url>
    <url protocol="https" preference="100">https://c/x?a=1&amp;b=2/repodata/repomd.xml</url>
    <url preference="101">https://d/repodata/repomd.xml</url>
    <url preference="95">https://e/elsewhere.xml</url>
   </resources>
  </file>
  <file name="repomd.xml"><size>8</size></file>
 </files>
</metalink>"#;

    #[test]
    fn digests_and_urls_of_repomd() {
        let variables = Variables::from([("releasever".to_owned(), "9".to_owned())]);
        let metalink = Metalink::parse(TEXT, &variables).unwrap();
        let sha256 = |digits: &str| ("sha256".to_owned(), digits.repeat(64 / digits.len()));
        assert_eq!(metalink.current.digests, [sha256("00ff")]);
        assert_eq!((metalink.current.size, metalink.current.timestamp), (Some(1559), Some(1_790_834_400)));
        let [alternate] = &*metalink.alternates else { panic!("{metalink:?}") };
        assert_eq!(alternate.digests, [sha256("0a")]);
        assert_eq!((alternate.size, alternate.timestamp), (Some(1558), Some(1_790_834_000)));
        let urls = ["rsync://b/", "https://c/x?a=1&b=2/", "http://a/9/", "https://d/"];
        assert_eq!(metalink.urls, urls);
        assert_eq!(metalink.versions().count(), 2);
    }

    #[test]
    fn weak_malformed_and_repeated_digests_are_left_out() {
        let mut version = RepomdVersion::default();
        for (kind, length, digit) in [
            ("md5", 32, "1"),
            ("sha1", 40, "1"),
            ("sha256", 40, "1"),
            ("sha256", 1 << 20, "1"),
            ("sha256", 64, "x"),
            ("crc32", 8, "1"),
        ] {
            version.add(kind, &digit.repeat(length));
            assert!(version.digests.is_empty(), "{kind} {length}");
        }
        for (kind, length, digit) in
            [("sha256", 64, "A"), ("sha256", 64, "b"), ("sha-512", 128, "c"), ("sha384", 96, "d")]
        {
            version.add(kind, &digit.repeat(length));
        }
        let expected = [("sha512", "c".repeat(128)), ("sha384", "d".repeat(96)), ("sha256", "a".repeat(64))];
        assert_eq!(version.digests, expected.map(|(kind, digest)| (kind.to_owned(), digest)));
    }

    #[test]
    fn documents_without_repomd_or_digests_are_refused() {
        let none = Variables::new();
        let parse = |text: &str| Metalink::parse(text, &none).unwrap_err();
        assert_eq!(parse(&TEXT.replace("\"repomd.xml\"", "\"x\"")), MetalinkError::NoFile);
        assert_eq!(parse(&TEXT.replace("hash type", "hash kind")), MetalinkError::NoDigest);
        let weak = TEXT.replace("sha256", "sha1").replace("SHA-256", "sha1");
        assert_eq!(parse(&weak), MetalinkError::NoDigest);
        assert_eq!(parse("<html/>"), MetalinkError::NoFile);
        let bomb = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
        for broken in [
            "",
            "text",
            "<html>",
            "<a></b>",
            "<a/><b/>",
            bomb,
            &TEXT.replace("<metalink", "<!DOCTYPE a><metalink"),
        ] {
            assert!(matches!(parse(broken), MetalinkError::Malformed { .. }), "{broken}");
        }
        assert!(matches!(parse(&TEXT[..TEXT.len() - 5]), MetalinkError::Malformed { .. }));
    }

    proptest::proptest! {
        #[test]
        fn damaged_documents_are_no_danger(at in 0..TEXT.len(), byte in 0_u8..128) {
            let mut bytes = TEXT.as_bytes().to_vec();
            bytes[at] = byte;
            if let Ok(text) = String::from_utf8(bytes) {
                let _ = Metalink::parse(&text, &Variables::new());
            }
        }
    }
}
