//! The head of an answer: whether it is the file, or the part of it that was
//! asked for, as the server stores it.
//!
//! The body is not looked at.

use std::io::Read;
use std::time::Duration;

use ureq::http::header::{self, HeaderName};

use super::part;
use crate::date;
use crate::transport::{ByteRange, Extent, TransportErrorKind, Validators};

/// The longest validator that is kept, in bytes.
const MAX_VALIDATOR: usize = 1024;

/// Seconds after which a file will not change any more without a new date.
/// Many servers make the entity tag, too, from that date.
const STABLE_AFTER: u64 = 2;

/// The head of an answer, and its body unread.
pub(super) struct Answer(pub(super) ureq::http::Response<ureq::Body>);

impl Answer {
    /// Where the file is instead; a redirect without a target is an error.
    pub(super) fn redirect(&self) -> Option<Result<String, String>> {
        let status = self.0.status().as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = self.0.headers().get(header::LOCATION);
        Some(match location.map(|value| std::str::from_utf8(value.as_bytes())) {
            Some(Ok(location)) => Ok(location.to_owned()),
            Some(Err(_)) => Err(format!("status {status}, with a location that is not UTF-8")),
            None => Err(format!("status {status}, without a location")),
        })
    }

    pub(super) fn is_not_modified(&self) -> bool {
        self.0.status().as_u16() == 304
    }

    /// Whether an answer that the file was not modified can be about the file that `asked` is of: it names
    /// no other, and no later date.
    pub(super) fn is_about(&self, asked: &Validators) -> bool {
        let Validators { etag, last_modified } = self.named();
        let strong = |etag: &str| etag.trim_start_matches("W/").to_owned();
        if let (Some(asked), Some(found)) = (&asked.etag, &etag) {
            return strong(asked) == strong(found);
        }
        let seconds = |text: &Option<String>| text.as_deref().and_then(date::seconds);
        match (seconds(&asked.last_modified), seconds(&last_modified)) {
            (Some(asked), Some(found)) => found <= asked,
            _ => true,
        }
    }

    /// Refuses every answer but the file, or `range` of it.
    ///
    /// A content encoding is a label, which says nothing that could be relied on:
    /// object stores send `aws-chunked`, `UTF-8` or `none` with plain bytes, others
    /// `gzip` with a file that is stored so. The bytes are taken as they come; their
    /// size and digests tell what they are.
    pub(super) fn expect_file(
        &self,
        range: Option<ByteRange>,
    ) -> Result<Extent, (TransportErrorKind, String)> {
        let other = |why| (TransportErrorKind::Other, why);
        let (status, found) = (self.0.status(), self.found());
        let kind = match (status.as_u16(), range) {
            (200, _) => {
                self.expect_plain_transfer().map_err(other)?;
                return Ok(Extent::Whole);
            }
            (206, Some(range)) => {
                self.expect_plain_transfer().map_err(other)?;
                return part::expect(self.0.headers(), range, self.length()).map_err(other);
            }
            (416, Some(range)) => {
                let why = match part::total_of_refusal(self.0.headers()) {
                    Some(total) => {
                        format!("expected bytes {range}, found {found}: the file has {total} bytes")
                    }
                    None => format!("expected bytes {range}, found {found}"),
                };
                return Err((TransportErrorKind::OutOfRange, why));
            }
            (404 | 410, _) => TransportErrorKind::NotFound,
            (401 | 403 | 407, _) => TransportErrorKind::Denied,
            (status, _) => TransportErrorKind::Status(status),
        };
        let expected = if range.is_some() { "206 or 200" } else { "200" };
        Err((kind, format!("expected status {expected}, found {found}")))
    }

    /// The status, where only a proxy answers so.
    pub(super) fn is_from_proxy(&self) -> Option<String> {
        (self.0.status().as_u16() == 407).then(|| self.found())
    }

    /// The status in words.
    fn found(&self) -> String {
        let status = self.0.status();
        // The standard phrase, not the server's, which may be anything.
        let phrase = status.canonical_reason().map(|phrase| format!(" {phrase}")).unwrap_or_default();
        format!("{}{phrase}", status.as_u16())
    }

    /// How long the server asks to be left alone, where it says so of itself: in
    /// seconds, or as a date, which is held against the server's own clock.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if !matches!(self.0.status().as_u16(), 429 | 503) {
            return None;
        }
        let text = |name: HeaderName| self.0.headers().get(name)?.to_str().ok();
        let after = text(header::RETRY_AFTER)?.trim();
        let seconds = after.parse().ok().or_else(|| {
            let (until, now) = (date::seconds(after)?, date::seconds(text(header::DATE)?)?);
            Some(until.saturating_sub(now))
        });
        seconds.map(Duration::from_secs)
    }

    /// Refuses what has to be decoded before it is the body.
    fn expect_plain_transfer(&self) -> Result<(), String> {
        let other = |coding: &String| !matches!(coding.as_str(), "chunked" | "identity");
        match self.codings(&header::TRANSFER_ENCODING).into_iter().find(other) {
            None => Ok(()),
            Some(coding) => Err(format!(
                "expected the file as it is stored, found transfer encoding `{}`, which was not asked for",
                coding.escape_debug()
            )),
        }
    }

    /// Whether it is a part of the file.
    pub(super) fn is_part(&self) -> bool {
        self.0.status().as_u16() == 206
    }

    /// The codings that a header lists, in lower case.
    fn codings(&self, name: &HeaderName) -> Vec<String> {
        let values = self.0.headers().get_all(name);
        let listed = values.iter().flat_map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            text.split(',').map(|coding| coding.trim().to_owned()).collect::<Vec<_>>()
        });
        listed.filter(|coding| !coding.is_empty()).collect()
    }

    /// The bytes of the body, where they are announced.
    pub(super) fn length(&self) -> Option<u64> {
        // ureq takes an announced length of 0 for no announcement.
        let none = || self.0.headers().get(header::CONTENT_LENGTH).is_some_and(|value| value == "0");
        self.0.body().content_length().or_else(|| none().then_some(0))
    }

    /// What a later request may name; nothing where the file is so fresh that
    /// it could be replaced within the same second, under the same validators.
    pub(super) fn validators(&self) -> Validators {
        let seconds = |name| self.short(name).as_deref().and_then(date::seconds);
        if let (Some(sent), Some(modified)) = (seconds(header::DATE), seconds(header::LAST_MODIFIED))
            && sent < modified.saturating_add(STABLE_AFTER)
        {
            return Validators::default();
        }
        self.named()
    }

    /// What the answer says of the state of the file.
    fn named(&self) -> Validators {
        Validators::new(self.short(header::ETAG), self.short(header::LAST_MODIFIED))
    }

    /// The value of a header, unless it is too long to be kept.
    fn short(&self, name: HeaderName) -> Option<String> {
        let value = self.0.headers().get(name)?.to_str().ok()?;
        (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
    }

    pub(super) fn into_reader(self) -> impl Read + Send + 'static {
        self.0.into_body().into_reader()
    }
}
