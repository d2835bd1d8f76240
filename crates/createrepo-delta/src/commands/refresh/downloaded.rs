//! How many bytes came from sources: counted where they arrive, so that it is true whatever
//! comes of them.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use delta_client::transport::{Request, Response, Transport, TransportError};

/// The bytes of one repository. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Downloaded(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    lists: AtomicU64,
    files: AtomicU64,
}

impl Downloaded {
    /// Of lists of mirrors.
    pub(super) fn lists(&self) -> u64 {
        self.0.lists.load(Ordering::Relaxed)
    }

    /// Of all else.
    pub(super) fn files(&self) -> u64 {
        self.0.files.load(Ordering::Relaxed)
    }

    /// A list came.
    pub(super) fn list(&self, bytes: u64) {
        self.0.lists.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A source whose bytes are counted.
    pub(super) fn counting(&self, source: Box<dyn Transport>) -> Box<dyn Transport> {
        Box::new(Counting { source, downloaded: self.clone() })
    }
}

struct Counting {
    source: Box<dyn Transport>,
    downloaded: Downloaded,
}

impl Transport for Counting {
    fn name(&self) -> String {
        self.source.name()
    }

    fn identity(&self) -> String {
        self.source.identity()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let Response::Body(mut body) = self.source.get(request)? else { return Ok(Response::NotModified) };
        let inner = std::mem::replace(&mut body.reader, Box::new(io::empty()));
        body.reader = Box::new(Counted { inner, downloaded: self.downloaded.clone() });
        Ok(Response::Body(body))
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    downloaded: Downloaded,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.downloaded.0.files.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
