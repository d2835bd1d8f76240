//! Sources that turned out to be slow or out of reach, so that the others are
//! asked first for all that follows.
//!
//! Nothing is decided here about the request at hand.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind};

/// A source, and whether it kept somebody waiting.
pub(super) struct Watched<'a> {
    inner: &'a dyn Transport,
    is_slow: Arc<AtomicBool>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(inner: &'a dyn Transport) -> Self {
        Self { inner, is_slow: Arc::default() }
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

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let mut answer = self.inner.get(request).inspect_err(|error| hear(&self.is_slow, error))?;
        if let Response::Body(body) = &mut answer {
            let inner = std::mem::replace(&mut body.reader, Box::new(io::empty()));
            body.reader = Box::new(Reader { inner, is_slow: Arc::clone(&self.is_slow) });
        }
        Ok(answer)
    }
}

struct Reader {
    inner: Box<dyn Read + Send>,
    is_slow: Arc<AtomicBool>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        if let Err(error) = &read
            && let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref())
        {
            hear(&self.is_slow, error);
        }
        read
    }
}
