//! Getting one file from the sources: mirrors in turn, again after transient
//! failures, and nothing but the bytes that were ordered.
//!
//! Bytes are verified while they are stored, before anybody decompresses them.

use std::fmt;
use std::io::{ErrorKind, Read, Write as _};
use std::time::Instant;

use codec::{Digest, Hasher};
use durable::{Dir, Pending};
use repomd::Location;

use crate::progress::{Meter, Step};
use crate::retry::{Patience, Verdict, ask, out_of_time};
use crate::transport::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// What is to be fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    pub(crate) location: &'a Location,
    /// Its size in bytes, where it is known.
    pub(crate) size: Option<u64>,
    /// The most bytes that are taken, whatever the size should be.
    pub(crate) max_size: u64,
    pub(crate) checksum: &'a Digest,
    /// What progress calls it.
    pub(crate) step: Step,
}

/// Why one source did not give a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("`{file}` of `{name}` is not what repomd.xml says: expected {expected}, found {found}")]
    Wrong { name: String, file: String, expected: String, found: String },
    /// It could not be stored here.
    #[error(transparent)]
    Store(durable::Error),
}

impl Refused {
    /// Whether a cache on the way may have given what the server had before: then
    /// it is asked for once more, past the cache.
    pub(crate) fn may_be_stale(&self) -> bool {
        match self {
            Self::Wrong { .. } => true,
            Self::Transport(error) => {
                matches!(error.kind(), TransportErrorKind::TooLarge | TransportErrorKind::OutOfRange)
            }
            Self::Store(_) => false,
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Transport(error) => Verdict::from_error(error),
            Self::Wrong { .. } => Verdict::NotHere,
            Self::Store(_) => Verdict::Never,
        }
    }
}

/// Why no source gave a file.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// Every one of them refused, the first first.
    Sources(Vec<Refused>),
    /// It could not be stored here.
    Store(durable::Error),
}

impl FetchError {
    /// What kind of failure it was at the first source, if it did not give other bytes.
    pub(crate) fn kind(&self) -> Option<TransportErrorKind> {
        match self {
            Self::Sources(refused) => match refused.first()? {
                Refused::Transport(error) => Some(error.kind()),
                Refused::Wrong { .. } | Refused::Store(_) => None,
            },
            Self::Store(_) => None,
        }
    }
}

impl From<Vec<Refused>> for FetchError {
    /// From what [`ask`] gives: an error of the disk comes alone, or last.
    fn from(mut refused: Vec<Refused>) -> Self {
        match refused.pop() {
            Some(Refused::Store(error)) => return Self::Store(error),
            last => refused.extend(last),
        }
        Self::Sources(refused)
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources(refused) => {
                let texts: Vec<String> = refused.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// Fetches a file into `dir`, where it is called `name` until it gets its own.
pub(crate) fn fetch(
    sources: &[&dyn Transport],
    order: &Order<'_>,
    patience: Patience,
    (dir, name): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Pending, FetchError> {
    let mut once = |number: usize, anew: bool| {
        let source = *sources.get(number).ok_or_else(no_source)?;
        meter.begin(order.step, order.size);
        let max = order.size.map_or(order.max_size, |size| size.min(order.max_size));
        let request = patience.limit(Request::new(order.location).with_max_bytes(max))?;
        let request = if anew { request.with_revalidation() } else { request };
        let body = match source.get(&request)? {
            Response::Body(body) => body,
            Response::NotModified => return Err(wrong(source, order, "a file", "not modified")),
        };
        let pending = dir.create_new(name).map_err(Refused::Store)?;
        store(source, order, request.deadline, body, pending, meter)
    };
    let attempt = |number: usize| match once(number, false) {
        Err(refused) if refused.may_be_stale() => once(number, true),
        result => result,
    };
    ask(sources.len(), patience, attempt, Refused::verdict).map_err(FetchError::from)
}

/// Stores a body if it is what was ordered.
fn store(
    source: &dyn Transport,
    order: &Order<'_>,
    deadline: Option<Instant>,
    body: Body,
    mut pending: Pending,
    meter: &mut Meter<'_>,
) -> Result<Pending, Refused> {
    let limit = order.size.map_or(order.max_size, |size| size.min(order.max_size));
    let expected_size =
        || order.size.map_or(format!("at most {limit} bytes"), |size| format!("{size} bytes"));
    // What is announced to be wrong need not be downloaded to find out.
    if let (Some(length), Some(size)) = (body.length, order.size)
        && length != size
    {
        return Err(wrong(source, order, &expected_size(), &format!("{length} bytes announced")));
    }
    let path = pending.path();
    let mut reader = body.reader.take(limit.saturating_add(1));
    let mut hasher = Hasher::new(order.checksum.algorithm());
    let mut block = vec![0; BLOCK];
    let mut stored = 0_u64;
    loop {
        let read = match reader.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(TransportError::from_io(error).into()),
        };
        // Not every transport can end so precisely.
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(out_of_time(&order.location.to_string()).into());
        }
        let bytes = block.get(..read).unwrap_or_default();
        stored += read as u64;
        meter.download(read as u64);
        if stored > limit {
            return Err(wrong(source, order, &expected_size(), "more"));
        }
        hasher.update(bytes);
        pending.write_all(bytes).map_err(|error| Refused::Store(durable::Error::from_io(error, &path)))?;
    }
    if order.size.is_some_and(|size| size != stored) {
        return Err(wrong(source, order, &expected_size(), &format!("{stored} bytes")));
    }
    let found = hasher.finish();
    if found != *order.checksum {
        return Err(wrong(source, order, &order.checksum.to_string(), &found.to_string()));
    }
    Ok(pending)
}

/// Cannot happen: sources are asked by their numbers.
pub(crate) fn no_source() -> TransportError {
    TransportError::new(TransportErrorKind::Other, "there is no such source")
}

fn wrong(source: &dyn Transport, order: &Order<'_>, expected: &str, found: &str) -> Refused {
    Refused::Wrong {
        name: source.name(),
        file: order.location.to_string(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
