//! Getting one file from the sources: mirrors in turn, again after transient
//! failures, and nothing but the bytes that were ordered.
//!
//! Bytes are verified while they are stored, before anybody decompresses them.

use std::fmt;
use std::io::{ErrorKind, Read, Write as _};
use std::time::Duration;

use codec::{Digest, Hasher};
use durable::{Dir, Pending};
use repomd::Location;

use crate::progress::Meter;
use crate::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// The longest pause between two rounds.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// How often to come back, and after which pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Further rounds after the first.
    pub(crate) retries: u32,
    /// Before the first of them; doubled each time.
    pub(crate) pause: Duration,
}

impl Patience {
    /// One attempt.
    pub(crate) const NONE: Self = Self { retries: 0, pause: Duration::ZERO };
}

/// What is to be fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    pub(crate) location: &'a Location,
    /// Its size in bytes, where it is known.
    pub(crate) size: Option<u64>,
    /// The most bytes that are taken, whatever the size should be.
    pub(crate) max_size: u64,
    pub(crate) checksum: &'a Digest,
}

/// What is left to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same source may do better a little later.
    Later,
    /// This source cannot help.
    NotHere,
    /// Nobody can.
    Never,
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
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Transport(error) if error.is_transient() => Verdict::Later,
            Self::Transport(_) | Self::Wrong { .. } => Verdict::NotHere,
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

/// Asks so many sources in turn, by their number, until one gives a result.
///
/// Those that may do better later are asked again, in rounds with pauses
/// between them. The errors are the last of each source, in their order.
pub(crate) fn ask<T, E>(
    sources: usize,
    patience: Patience,
    mut attempt: impl FnMut(usize) -> Result<T, E>,
    verdict: impl Fn(&E) -> Verdict,
) -> Result<T, Vec<E>> {
    let mut errors: Vec<Option<E>> = (0..sources).map(|_| None).collect();
    let mut pause = patience.pause;
    for round in 0..=patience.retries {
        if round > 0 {
            std::thread::sleep(pause);
            pause = pause.saturating_mul(2).min(MAX_PAUSE);
        }
        for (number, error) in errors.iter_mut().enumerate() {
            if error.as_ref().is_some_and(|error| verdict(error) != Verdict::Later) {
                continue;
            }
            match attempt(number) {
                Ok(result) => return Ok(result),
                Err(found) if verdict(&found) == Verdict::Never => return Err(vec![found]),
                Err(found) => *error = Some(found),
            }
        }
        if errors.iter().flatten().all(|error| verdict(error) != Verdict::Later) {
            break;
        }
    }
    Err(errors.into_iter().flatten().collect())
}

/// Fetches a file into `dir`, where it is called `name` until it gets its own.
pub(crate) fn fetch(
    sources: &[&dyn Transport],
    order: &Order<'_>,
    patience: Patience,
    (dir, name): (&Dir, &str),
    meter: &mut Meter<'_>,
    begin: impl Fn(&Meter<'_>),
) -> Result<Pending, FetchError> {
    let attempt = |number: usize| {
        let source = *sources.get(number).ok_or_else(no_source)?;
        begin(meter);
        let max = order.size.map_or(order.max_size, |size| size.min(order.max_size));
        let request = Request::new(order.location).with_max_bytes(max);
        let body = match source.get(&request)? {
            Response::Body(body) => body,
            Response::NotModified => return Err(wrong(source, order, "a file", "not modified")),
        };
        let pending = dir.create_new(name).map_err(Refused::Store)?;
        store(source, order, body, pending, meter)
    };
    ask(sources.len(), patience, attempt, Refused::verdict).map_err(FetchError::from)
}

/// Stores a body if it is what was ordered.
fn store(
    source: &dyn Transport,
    order: &Order<'_>,
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
