//! Getting parts of one file from the sources, where nobody knows beforehand
//! how much is needed: the first bytes say it.
//!
//! A server without ranges sends the whole file; then it is read from its start
//! and left where nothing more is wanted. Retries and mirrors are those of
//! [`fetch`](crate::fetch). The bytes are not verified here: who reads them
//! knows their digests.

use std::io::{self, ErrorKind, Read};

use repomd::Location;

use crate::fetch::{FetchError, Refused};
use crate::progress::Meter;
use crate::retry::{Patience, ask};
use crate::transport::{
    Body, ByteRange, Extent, Request, Response, Transport, TransportError, TransportErrorKind, Validators,
};

/// Bytes that are read though nobody wants them, so that the connection can be
/// used again: less than another one costs.
const MAX_DRAINED: u64 = 16 << 10;

/// A part of a file that is to be fetched first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RangeOrder<'a> {
    pub(crate) location: &'a Location,
    /// Of the whole file, in bytes; nothing else is taken for it.
    pub(crate) size: u64,
    /// What is asked for first, as far as the file has it.
    pub(crate) range: ByteRange,
    /// The most bytes that are received and thrown away to get to others, where
    /// a source gives nothing but the whole file.
    pub(crate) max_skipped: u64,
}

/// Lets `take` read from the first source from which it gets what it needs.
///
/// An error of `take` is one of that source, like any other: it is called again
/// with the next one, or with the same one a little later if its kind is
/// transient. So it has to begin afresh each time.
pub(crate) fn fetch_range<T>(
    sources: &[&dyn Transport],
    order: &RangeOrder<'_>,
    patience: Patience,
    meter: &mut Meter<'_>,
    begin: impl Fn(&Meter<'_>),
    mut take: impl FnMut(&mut RangeReader<'_, '_>) -> Result<T, Refused>,
) -> Result<T, FetchError> {
    let mut once = |number: usize, anew: bool| -> Result<T, Refused> {
        let source = *sources.get(number).ok_or_else(crate::fetch::no_source)?;
        begin(meter);
        let mut reader = RangeReader::open(source, order, Asking { patience, anew }, meter)?;
        let result = take(&mut reader)?;
        reader.drain();
        Ok(result)
    };
    let attempt = |number: usize| match once(number, false) {
        Err(refused) if refused.may_be_stale() => once(number, true),
        result => result,
    };
    ask(sources.len(), patience, attempt, Refused::verdict).map_err(FetchError::from)
}

/// How a source is asked.
#[derive(Clone, Copy, Debug)]
struct Asking {
    patience: Patience,
    /// Past caches on the way.
    anew: bool,
}

/// The bytes of a file from a first position on, up to an end that may be moved.
///
/// Reading ends there with no bytes; before it, an end is an error with the
/// number of bytes expected and found. Errors are made from
/// [`TransportError`]s and name file and source.
pub(crate) struct RangeReader<'r, 'm> {
    source: &'r dyn Transport,
    order: &'r RangeOrder<'r>,
    asking: Asking,
    meter: &'r mut Meter<'m>,
    /// The answer at hand.
    answer: RangeAnswer,
    /// Bytes that were received for nothing from a source that sends the whole file.
    skipped: u64,
    /// Of the next byte.
    position: u64,
    /// After the last byte that is wanted.
    end: u64,
    #[cfg(test)]
    requests: u32,
    /// Of the first answer.
    first: Validators,
}

/// What a source sent, as far as it was not read yet.
struct RangeAnswer {
    reader: Box<dyn Read + Send>,
    /// Of its first byte.
    start: u64,
    /// After its last byte.
    end: u64,
    is_whole: bool,
    validators: Validators,
}

impl<'r, 'm> RangeReader<'r, 'm> {
    fn open(
        source: &'r dyn Transport,
        order: &'r RangeOrder<'r>,
        asking: Asking,
        meter: &'r mut Meter<'m>,
    ) -> Result<Self, TransportError> {
        let range = within(source, order, order.range)?;
        let answer = request(source, order, asking, range)?;
        let mut reader = Self {
            source,
            order,
            asking,
            meter,
            skipped: 0,
            position: answer.start,
            end: range.end(),
            #[cfg(test)]
            requests: 1,
            first: answer.validators.clone(),
            answer,
        };
        reader.skip_to(range.first())?;
        Ok(reader)
    }

    /// How many requests were made to this source.
    #[cfg(test)]
    pub(crate) fn requests(&self) -> u32 {
        self.requests
    }

    /// Goes on with another part of the file.
    ///
    /// What is within reach is read from the answer at hand; another request is
    /// made for the rest when its first byte is read, at once if nothing is.
    pub(crate) fn move_to(&mut self, range: ByteRange) -> Result<(), TransportError> {
        let range = within(self.source, self.order, range)?;
        self.end = range.end();
        if range.first() < self.position && self.answer.is_whole {
            let why = format!(
                "expected bytes from {} on, found the whole file, read up to {}",
                range.first(),
                self.position
            );
            return Err(about(self.source, self.order, TransportErrorKind::Other, &why));
        }
        if range.first() < self.position || range.first() >= self.answer.end {
            self.drain();
            return self.again(range);
        }
        self.skip_to(range.first())
    }

    /// The error of a source whose bytes are not the ones expected. It says so if
    /// the file changed while parts of it were fetched.
    pub(crate) fn wrong(&self, expected: &str, found: &str) -> Refused {
        let (first, last) = (&self.first, &self.answer.validators);
        let changed = [
            ("entity tag", &first.etag, &last.etag),
            ("date", &first.last_modified, &last.last_modified),
        ]
        .into_iter()
        .find_map(|(what, first, last)| match (first, last) {
            (Some(first), Some(last)) if first != last => {
                let (first, last) = (first.escape_debug(), last.escape_debug());
                Some(format!(
                    " (it may have changed between two requests: {what} first `{first}`, then `{last}`)"
                ))
            }
            _ => None,
        });
        Refused::Wrong {
            name: self.source.name(),
            file: self.order.location.to_string(),
            expected: expected.to_owned(),
            found: format!("{found}{}", changed.unwrap_or_default()),
        }
    }

    /// Another request, for what the answer at hand does not have.
    fn again(&mut self, range: ByteRange) -> Result<(), TransportError> {
        self.answer = request(self.source, self.order, self.asking, range)?;
        #[cfg(test)]
        {
            self.requests += 1;
        }
        self.position = self.answer.start;
        self.skip_to(range.first())
    }

    /// Receives and throws away what comes before `position`.
    fn skip_to(&mut self, position: u64) -> Result<(), TransportError> {
        if self.answer.is_whole {
            self.skipped = self.skipped.saturating_add(position.saturating_sub(self.position));
            if self.skipped > self.order.max_skipped {
                let why = format!(
                    "expected bytes from {position} on, found the whole file, with {} bytes before them",
                    self.skipped
                );
                return Err(about(self.source, self.order, TransportErrorKind::Other, &why));
            }
        }
        let end = std::mem::replace(&mut self.end, position);
        let copied = io::copy(self, &mut io::sink());
        self.end = end;
        copied.map(drop).map_err(TransportError::from_io)
    }

    /// Receives the rest of a part if there is little of it.
    fn drain(&mut self) {
        let left = self.answer.end - self.position;
        if !self.answer.is_whole && (1..=MAX_DRAINED).contains(&left) {
            // If that fails, another connection is made for what comes next.
            let _ = self.skip_to(self.answer.end);
        }
    }
}

impl Read for RangeReader<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.end || buffer.is_empty() {
            return Ok(0);
        }
        if self.position >= self.answer.end
            && let Some(rest) = ByteRange::between(self.position, self.end)
        {
            self.again(rest)?;
        }
        let wanted = self.end.min(self.answer.end) - self.position;
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(buffer.len());
        let read = match self.answer.reader.read(buffer.get_mut(..wanted).unwrap_or_default()) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(TransportError::from_io(error).into()),
            Ok(read) => read,
        };
        if read == 0 {
            let (expected, found) = (self.answer.end - self.answer.start, self.position - self.answer.start);
            let why = format!("expected {expected} bytes, found an end after {found}");
            // A whole file that ends too early without an error of the transport is another one.
            let kind = if self.answer.is_whole {
                TransportErrorKind::OutOfRange
            } else {
                TransportErrorKind::Interrupted
            };
            return Err(about(self.source, self.order, kind, &why).into());
        }
        self.position += read as u64;
        self.meter.download(read as u64);
        Ok(read)
    }
}

/// What the file has of a range.
fn within(
    source: &dyn Transport,
    order: &RangeOrder<'_>,
    range: ByteRange,
) -> Result<ByteRange, TransportError> {
    range.within(order.size).ok_or_else(|| {
        let why = format!("expected bytes {range}, found that it has {} bytes", order.size);
        about(source, order, TransportErrorKind::OutOfRange, &why)
    })
}

/// One request, and the answer to it: just that range, or the whole file.
fn request(
    source: &dyn Transport,
    order: &RangeOrder<'_>,
    asking: Asking,
    range: ByteRange,
) -> Result<RangeAnswer, TransportError> {
    let wrong = |kind, expected: &str, found: &str| {
        let why = format!("expected {expected}, found {found}");
        Err(about(source, order, kind, &why))
    };
    let other = |expected: &str, found: &str| wrong(TransportErrorKind::Other, expected, found);
    let request = Request::new(order.location).with_max_bytes(order.size).with_range(range);
    let request = asking.patience.limit(if asking.anew { request.with_revalidation() } else { request })?;
    let Body { reader, extent, length, validators } = match source.get(&request)? {
        Response::Body(body) => body,
        Response::NotModified => return other(&format!("bytes {range}"), "not modified"),
    };
    let (sent, is_whole, total) = match extent {
        Extent::Whole => (ByteRange::new(0, order.size), true, length),
        Extent::Part { range, total } => (Some(range), false, total),
    };
    if let Some(total) = total
        && total != order.size
    {
        let kind =
            if total > order.size { TransportErrorKind::TooLarge } else { TransportErrorKind::OutOfRange };
        return wrong(kind, &format!("a file of {} bytes", order.size), &format!("one of {total}"));
    }
    match sent {
        // Not even a transport of the caller's own is believed to answer well.
        Some(sent) if is_whole || sent == range => {
            Ok(RangeAnswer { reader, start: sent.first(), end: sent.end(), is_whole, validators })
        }
        Some(sent) => other(&format!("bytes {range}"), &format!("bytes {sent}")),
        None => other(&format!("bytes {range}"), "an empty file"),
    }
}

/// An error about the file of a source.
fn about(
    source: &dyn Transport,
    order: &RangeOrder<'_>,
    kind: TransportErrorKind,
    why: &str,
) -> TransportError {
    let message = format!("cannot fetch `{}` from `{}`: {why}", order.location, source.name());
    TransportError::new(kind, message)
}

#[cfg(test)]
mod tests;
