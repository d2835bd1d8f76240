//! Sources that turned out to be slow or out of reach, so that the others are
//! asked first for all that follows.
//!
//! Nothing is decided here about the request at hand.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind};

/// A source, and whether it kept somebody waiting.
#[derive(Clone)]
pub(super) struct Watched<'a> {
    inner: &'a dyn Transport,
    is_slow: Flag,
}

#[derive(Clone, Default)]
struct Flag(Arc<AtomicBool>);

impl Flag {
    fn hear(&self, error: &TransportError) {
        use TransportErrorKind::{Connect, OutOfTime, Proxy, Timeout};
        if matches!(error.kind(), Connect | OutOfTime | Proxy | Timeout) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

impl<'a> Watched<'a> {
    pub(super) fn new(inner: &'a dyn Transport) -> Self {
        Self { inner, is_slow: Flag::default() }
    }

    pub(super) fn is_slow(&self) -> bool {
        self.is_slow.0.load(Ordering::Relaxed)
    }
}

impl Transport for Watched<'_> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let answer = self.inner.get(request).inspect_err(|error| self.is_slow.hear(error))?;
        Ok(match answer {
            Response::Body(mut body) => {
                body.reader = Box::new(Reader { inner: body.reader, is_slow: self.is_slow.clone() });
                Response::Body(body)
            }
            other => other,
        })
    }
}

struct Reader {
    inner: Box<dyn Read + Send>,
    is_slow: Flag,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        if let Err(error) = &read
            && let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref())
        {
            self.is_slow.hear(error);
        }
        read
    }
}
