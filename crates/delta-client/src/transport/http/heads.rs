//! Heads of answers as some servers write them: what is unusual and clear is put
//! into the form that the library reads. And heads of requests as proxies expect them.
//!
//! In answers only white space is moved or stands in for the end of a line, so nothing grows
//! or shrinks. Nothing but heads is changed.

use std::io;
use std::time::Instant;

use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use super::absolute::absolute;

/// The longest head of an answer, in bytes; a longer one is given on as it is, to be
/// refused.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// Reads the heads of all answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    /// Whether the connection leads to a proxy, which is asked for the whole URL.
    pub(super) is_proxied: bool,
}

impl<In: Transport> Connector<In> for Heads {
    type Out = Mending<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Mending<In>>, ureq::Error> {
        let config = details.config;
        let buffers = || LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        let authority = details.uri.authority().filter(|_| self.is_proxied);
        Ok(chained.map(|inner| Mending {
            inner,
            buffers: buffers(),
            origin: authority.map(|authority| format!("http://{authority}")),
            in_head: false,
            pending: Vec::new(),
            at: 0,
        }))
    }
}

/// A connection whose answers have plain heads.
#[derive(Debug)]
pub(super) struct Mending<T> {
    inner: T,
    buffers: LazyBuffers,
    /// The server behind a proxy that is asked for the whole URL.
    origin: Option<String>,
    /// Whether what comes next is of a head.
    in_head: bool,
    /// What came of a head that is not whole; or what is to be given out, from `at`.
    pending: Vec<u8>,
    at: usize,
}

impl<T: Transport> Mending<T> {
    /// Gives out what is pending, as far as there is room.
    fn give_out(&mut self) -> bool {
        let pending = self.pending.get(self.at..).unwrap_or_default();
        let room = self.buffers.input_append_buf();
        let moved = pending.len().min(room.len());
        let (from, to) = (pending.get(..moved), room.get_mut(..moved));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
        }
        self.buffers.input_appended(moved);
        self.at += moved;
        if self.at >= self.pending.len() {
            self.pending.clear();
            self.at = 0;
        }
        moved > 0
    }

    /// Takes what came, and gives it out unless it is a head that is not whole.
    fn take(&mut self) -> bool {
        let input = self.inner.buffers().input();
        let taken = input.len();
        self.pending.extend_from_slice(input);
        self.inner.buffers().input_consume(taken);
        let mut start = 0;
        while self.in_head {
            let rest = self.pending.get_mut(start..).unwrap_or_default();
            let Some(end) = end_of_head(rest) else {
                break;
            };
            let head = rest.get_mut(..end).unwrap_or_default();
            // Behind an interim answer comes another head.
            self.in_head = is_interim(head);
            mend(head);
            start += end;
        }
        self.in_head &= self.pending.len() <= MAX_HEAD;
        !self.in_head && self.give_out()
    }
}

impl<T: Transport> Transport for Mending<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if !self.pending.is_empty() {
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
        }
        let ours = self.buffers.output().get(..amount).unwrap_or_default();
        // All else is none of our requests: TLS in a tunnel.
        self.in_head = ours.starts_with(b"GET ");
        // ureq writes the head of a request, which has no body, in one piece.
        let whole = self.origin.as_deref().and_then(|origin| absolute(ours, origin));
        let sent = whole.as_deref().unwrap_or(ours);
        let theirs = self.inner.buffers().output().get_mut(..sent.len());
        let theirs = theirs.ok_or_else(|| ureq::Error::Other("the request is too long".into()))?;
        theirs.copy_from_slice(sent);
        self.inner.transmit_output(sent.len(), timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        if !self.in_head && self.at < self.pending.len() {
            return Ok(self.give_out());
        }
        let started = Instant::now();
        loop {
            let mut left = timeout;
            if let Duration::Exact(after) = timeout.after {
                left.after = after.saturating_sub(started.elapsed()).into();
            }
            if !self.inner.maybe_await_input(left)? && self.inner.buffers().input().is_empty() {
                // The end: what there is of a head is nobody's business here.
                self.in_head = false;
                return Ok(self.give_out());
            }
            if self.take() {
                return Ok(true);
            }
        }
    }

    fn is_open(&mut self) -> bool {
        // What came without being asked for would be taken for the next answer.
        self.pending.is_empty() && self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Behind the empty line that ends a head.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    // Empty lines before the first are no end.
    let mut has_begun = false;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let line = bytes.get(start..at).unwrap_or_default();
        let is_empty = matches!(line, [] | [b'\r']);
        if is_empty && has_begun {
            return Some(at + 1);
        }
        has_begun |= !is_empty;
        start = at + 1;
    }
    None
}

/// Whether another answer follows.
fn is_interim(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').find(|line| !matches!(line, [] | [b'\r']));
    let status = line.and_then(|line| line.split(|byte| *byte == b' ').nth(1));
    matches!(status, Some([b'1', b'0', b'0' | b'2' | b'3', ..]))
}

/// Unfolds lines, and moves white space from before a colon to behind it.
fn mend(head: &mut [u8]) {
    let mut lines = 0;
    for at in 0..head.len().saturating_sub(1) {
        if head.get(at) == Some(&b'\n') {
            lines += 1;
            // Not behind the first line, which is no header.
            if lines > 1 && matches!(head.get(at + 1), Some(b' ' | b'\t')) {
                let ends = if at > 0 && head.get(at - 1) == Some(&b'\r') { at - 1..=at } else { at..=at };
                head.get_mut(ends).unwrap_or_default().fill(b' ');
            }
        }
    }
    for line in head.split_mut(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = line.get(..colon).unwrap_or_default();
        let end = name.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
        if end > 0 {
            line.get_mut(end..=colon).unwrap_or_default().rotate_right(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{end_of_head, is_interim, mend};

    #[test]
    fn only_white_space_moves() {
        for (head, mended) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA \t: b : c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: \t b : c\r\n\r\n"),
            ("HTTP/1.1 200 OK\nA : b\n\n", "HTTP/1.1 200 OK\nA:  b\n\n"),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b   c  \td\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA: b\n c : d\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b  c : d\r\n\r\n"),
            // These are no one's to guess.
            ("HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\n: b\r\nA B: c\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\nA B: c\r\n\r\n"),
        ] {
            let mut bytes = head.as_bytes().to_vec();
            mend(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), mended);
        }
    }

    #[test]
    fn a_head_ends_with_its_first_empty_line() {
        for (bytes, end) in [
            ("HTTP/1.1 200 OK\r\n\r\nx", Some(19)),
            ("HTTP/1.1 200 OK\n\nx", Some(17)),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", Some(21)),
            ("HTTP/1.1 200 OK\r\n\r", None),
            ("\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(end_of_head(bytes.as_bytes()), end, "{bytes:?}");
        }
    }

    #[test]
    fn interim_answers_are_told_by_their_status() {
        for (head, is) in [
            ("HTTP/1.1 100 Continue\r\n\r\n", true),
            ("\r\nHTTP/1.1 103 Early Hints\r\n\r\n", true),
            ("HTTP/1.1 101 Switching\r\n\r\n", false),
            ("HTTP/1.1 200 100\r\n\r\n", false),
            ("junk", false),
        ] {
            assert_eq!(is_interim(head.as_bytes()), is, "{head:?}");
        }
    }
}
