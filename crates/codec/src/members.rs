//! Several compressed streams one after the other, read as one; and what follows them.
//!
//! Zero bytes after gzip members are padding, as for gzip itself, and so are multiples of
//! four of them after xz streams. Anything else that is not the beginning of another
//! stream is told as what it is: so many bytes too many.

use std::io::{self, BufRead as _, Read};

use liblzma::stream::{Stream, TELL_UNSUPPORTED_CHECK};

use crate::source::Source;

/// A decoder of one stream that leaves the source where the stream ends.
pub(crate) trait Member: Read + Sized {
    /// What such a stream is called.
    const NAME: &'static str;
    /// Zero bytes may follow, a multiple of so many; 0 for none.
    const PADDING: u64;
    /// What limits the memory that a stream may take; the same for each of them.
    type Limit: Copy;

    fn start(source: Source, limit: Self::Limit) -> io::Result<Self>;
    fn source(&mut self) -> &mut Source;
    fn into_source(self) -> Source;
    /// Whether another stream may begin with this byte.
    fn begins_with(first: u8) -> bool;
}

/// Reads all streams of a source.
pub(crate) struct Members<M: Member> {
    /// Nothing only where the next one could not be started.
    member: Option<M>,
    limit: M::Limit,
}

impl<M: Member> Members<M> {
    pub(crate) fn new(source: Source, limit: M::Limit) -> io::Result<Self> {
        Ok(Self { member: Some(M::start(source, limit)?), limit })
    }

    pub(crate) fn source(&mut self) -> Option<&mut Source> {
        self.member.as_mut().map(M::source)
    }

    /// Goes on to the next stream; `false` at the end of the source.
    fn go_on(&mut self) -> io::Result<bool> {
        let Some(member) = &mut self.member else { return Ok(false) };
        let source = member.source();
        let padding = if M::PADDING > 0 { skip(source, |byte| byte == 0)? } else { 0 };
        let fits = padding == 0 || padding.is_multiple_of(M::PADDING);
        let first = source.fill_buf()?.first().copied();
        if first.is_none() && fits {
            return Ok(false);
        }
        if !fits || !first.is_some_and(M::begins_with) {
            let bytes = padding + skip(source, |_| true)?;
            let noun = if bytes == 1 { "byte" } else { "bytes" };
            let what = format!("{bytes} {noun} after the end of the {} stream", M::NAME);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        if let Some(ended) = self.member.take() {
            self.member = Some(M::start(ended.into_source(), self.limit)?);
        }
        Ok(true)
    }
}

impl<M: Member> Read for Members<M> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let read = member.read(into)?;
            if read > 0 || into.is_empty() || !self.go_on()? {
                return Ok(read);
            }
        }
    }
}

/// Reads over bytes of this kind; how many they were.
fn skip(source: &mut Source, kind: impl Fn(u8) -> bool) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let window = source.fill_buf()?;
        let length = window.iter().position(|byte| !kind(*byte)).unwrap_or(window.len());
        if length == 0 {
            return Ok(skipped);
        }
        source.consume(length);
        skipped += length as u64;
    }
}

impl Member for flate2::bufread::GzDecoder<Source> {
    const NAME: &'static str = "gzip";
    const PADDING: u64 = 1;
    type Limit = ();

    fn start(source: Source, (): ()) -> io::Result<Self> {
        Ok(Self::new(source))
    }

    fn source(&mut self) -> &mut Source {
        self.get_mut()
    }

    fn into_source(self) -> Source {
        self.into_inner()
    }

    fn begins_with(first: u8) -> bool {
        first == 0x1f
    }
}

impl Member for bzip2::bufread::BzDecoder<Source> {
    const NAME: &'static str = "bzip2";
    const PADDING: u64 = 0;
    type Limit = ();

    fn start(source: Source, (): ()) -> io::Result<Self> {
        Ok(Self::new(source))
    }

    fn source(&mut self) -> &mut Source {
        self.get_mut()
    }

    fn into_source(self) -> Source {
        self.into_inner()
    }

    fn begins_with(first: u8) -> bool {
        first == b'B'
    }
}

impl Member for liblzma::bufread::XzDecoder<Source> {
    const NAME: &'static str = "xz";
    const PADDING: u64 = 4;

    /// Bytes.
    type Limit = u64;

    fn start(source: Source, limit: u64) -> io::Result<Self> {
        let stream = Stream::new_stream_decoder(limit, TELL_UNSUPPORTED_CHECK)?;
        Ok(Self::new_stream(source, stream))
    }

    fn source(&mut self) -> &mut Source {
        self.get_mut()
    }

    fn into_source(self) -> Source {
        self.into_inner()
    }

    fn begins_with(first: u8) -> bool {
        first == 0xfd
    }
}

impl Member for zstd::Decoder<'static, Source> {
    const NAME: &'static str = "zstd";
    const PADDING: u64 = 0;

    /// The base-two logarithm of a window.
    type Limit = u32;

    fn start(source: Source, limit: u32) -> io::Result<Self> {
        let mut decoder = Self::with_buffer(source)?.single_frame();
        decoder.window_log_max(limit)?;
        Ok(decoder)
    }

    fn source(&mut self) -> &mut Source {
        self.get_mut()
    }

    fn into_source(self) -> Source {
        self.finish()
    }

    /// A frame, or one to be skipped.
    fn begins_with(first: u8) -> bool {
        first == 0x28 || first & 0xf0 == 0x50
    }
}
