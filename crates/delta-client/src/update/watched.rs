//! Sources that turned out to be slow or out of reach, so that the others are
//! asked first for all that follows; and how fast they sent what they sent.
//!
//! Nothing is decided here about the request at hand.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind};

/// A source, whether it kept somebody waiting, and its answers: bytes, and how long they took.
pub(super) struct Watched<'a> {
    inner: &'a dyn Transport,
    is_slow: Arc<AtomicBool>,
    sent: Arc<Mutex<Vec<(u64, Duration)>>>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(inner: &'a dyn Transport) -> Self {
        Self { inner, is_slow: Arc::default(), sent: Arc::default() }
    }

    /// Gives out what it sent since this was asked last.
    pub(super) fn take_sent(&self) -> Vec<(u64, Duration)> {
        std::mem::take(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }
}

fn hear(is_slow: &AtomicBool, error: &TransportError) {
    use TransportErrorKind::{Connect, OutOfTime, Proxy, Timeout};
    if matches!(error.kind(), Connect | OutOfTime | Proxy | Timeout) {
        is_slow.store(true, Ordering::Relaxed);
    }
}

impl Transport for Watched<'_> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let started = Instant::now();
        let mut answer = self.inner.get(request).inspect_err(|error| hear(&self.is_slow, error))?;
        if let Response::Body(body) = &mut answer {
            let inner = std::mem::replace(&mut body.reader, Box::new(io::empty()));
            let (is_slow, sent) = (Arc::clone(&self.is_slow), Arc::clone(&self.sent));
            body.reader = Box::new(Reader { inner, is_slow, sent, bytes: 0, spent: started.elapsed() });
        }
        Ok(answer)
    }
}

struct Reader {
    inner: Box<dyn Read + Send>,
    is_slow: Arc<AtomicBool>,
    sent: Arc<Mutex<Vec<(u64, Duration)>>>,
    bytes: u64,
    spent: Duration,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let started = Instant::now();
        let read = self.inner.read(buffer);
        self.spent += started.elapsed();
        self.bytes += read.as_ref().map_or(0, |read| *read as u64);
        if let Err(error) = &read
            && let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref())
        {
            hear(&self.is_slow, error);
        }
        read
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push((self.bytes, self.spent));
    }
}
