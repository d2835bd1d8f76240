//! Getting one file from the sources: mirrors in turn, again after transient
//! failures, and nothing but the bytes that were ordered.
//!
//! Bytes are verified while they are stored, before anybody decompresses them.

use std::fmt;
use std::io::{ErrorKind, Read, Write as _};
use std::time::{Duration, Instant};

use codec::{Digest, Hasher};
use durable::{Dir, Pending};
use repomd::Location;

use crate::progress::Meter;
use crate::transport::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// The longest pause between two rounds.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Of the first pause after a failure that was told at once: a host that cannot be
/// reached. It doubles like the others.
const SOON: u32 = 5;

/// How often to come back, and after which pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How often a source is asked again.
    pub(crate) retries: u32,
    /// Before the first of them; doubled each time.
    pub(crate) pause: Duration,
    /// When everything has to be over.
    pub(crate) deadline: Option<Instant>,
    /// How long one file may take from one source.
    pub(crate) per_file: Option<Duration>,
    /// The longest time for which a source that asks for it is left alone and then
    /// asked again; nothing where only the deadline counts.
    pub(crate) longest_wait: Option<Duration>,
}

impl Patience {
    /// One attempt at each source.
    pub(crate) fn once(self) -> Self {
        Self { retries: 0, ..self }
    }

    /// The request with the time that is left for it.
    ///
    /// # Errors
    /// When none is.
    pub(crate) fn limit<'r>(&self, request: Request<'r>) -> Result<Request<'r>, TransportError> {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Err(out_of_time(&request.location.to_string()));
        }
        let of_file = self.per_file.and_then(|time| now.checked_add(time));
        let deadline = self.deadline.into_iter().chain(of_file).min();
        Ok(deadline.map_or(request, |deadline| request.with_deadline(deadline)))
    }

    /// When a source may be asked again that was asked so often already; nothing
    /// where that would be too late.
    fn again(&self, verdict: Verdict, asked: u32) -> Option<Instant> {
        let doubled = |pause: Duration| {
            pause.saturating_mul(2_u32.saturating_pow(asked.saturating_sub(1))).min(MAX_PAUSE)
        };
        let wait = match verdict {
            Verdict::NotHere | Verdict::Never => return None,
            _ if asked > self.retries => return None,
            Verdict::Soon => doubled(self.pause / SOON),
            Verdict::Later => doubled(self.pause),
            Verdict::After(wait) if wait > self.longest_wait.unwrap_or(Duration::MAX) => return None,
            Verdict::After(wait) => wait,
        };
        let at = Instant::now().checked_add(wait)?;
        self.deadline.is_none_or(|deadline| at < deadline).then_some(at)
    }
}

/// The error of a file whose time is over.
pub(crate) fn out_of_time(file: &str) -> TransportError {
    TransportError::about(TransportErrorKind::OutOfTime, file, "its time is over")
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
    /// The same source may do better at once: its host could not be reached.
    Soon,
    /// The same source may do better a little later.
    Later,
    /// The same source asks to be left alone for so long.
    After(Duration),
    /// This source cannot help.
    NotHere,
    /// Nobody can.
    Never,
}

impl Verdict {
    /// What is left to do after an error of a source.
    pub(crate) fn from_error(error: &TransportError) -> Self {
        use TransportErrorKind::{Connect, Proxy};
        match (error.retry_after(), error.kind()) {
            _ if !error.is_transient() => Self::NotHere,
            (Some(wait), _) => Self::After(wait),
            (None, Connect | Proxy) => Self::Soon,
            (None, _) => Self::Later,
        }
    }
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

/// What came of asking one source.
struct Asked<E> {
    error: E,
    times: u32,
    /// When it may be asked again.
    again: Option<Instant>,
}

/// Asks so many sources in turn, by their number, until one gives a result.
///
/// Those that may do better later are asked again, each after a pause of its own.
/// The errors are the last of each source, in their order.
pub(crate) fn ask<T, E>(
    sources: usize,
    patience: Patience,
    mut attempt: impl FnMut(usize) -> Result<T, E>,
    verdict: impl Fn(&E) -> Verdict,
) -> Result<T, Vec<E>> {
    let mut all: Vec<Option<Asked<E>>> = (0..sources).map(|_| None).collect();
    loop {
        for (number, asked) in all.iter_mut().enumerate() {
            if asked.as_ref().is_some_and(|asked| asked.again.is_none_or(|again| again > Instant::now())) {
                continue;
            }
            let times = asked.as_ref().map_or(1, |asked| asked.times.saturating_add(1));
            let error = match attempt(number) {
                Ok(result) => return Ok(result),
                Err(error) if verdict(&error) == Verdict::Never => return Err(vec![error]),
                Err(error) => error,
            };
            let again = patience.again(verdict(&error), times);
            *asked = Some(Asked { error, times, again });
        }
        let Some(next) = all.iter().flatten().filter_map(|asked| asked.again).min() else {
            break;
        };
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Err(all.into_iter().flatten().map(|asked| asked.error).collect())
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
    let mut once = |number: usize, anew: bool| {
        let source = *sources.get(number).ok_or_else(no_source)?;
        begin(meter);
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
