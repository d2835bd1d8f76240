//! Sources in turn: how often each is asked again, after which pause, and for how long in all.
//!
//! What they are asked for is not known here.

use std::time::{Duration, Instant};

use crate::transport::{Request, TransportError, TransportErrorKind};

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
    TransportError::about(TransportErrorKind::OutOfTime, file, "no time is left for it")
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
