//! From compressed to open bytes, block by block, one format at a time.
//!
//! It does not look at what comes out; caps and digests of the open bytes are
//! the module `check`'s.

use std::io::{self, BufRead as _, Read};
use std::path::PathBuf;

use flate2::bufread::GzDecoder;

use crate::block::{Block, Fed};
use crate::compression::{Detected, detect};
use crate::members::Members;
use crate::memory::{self, XZ_MEMORY, ZSTD_WINDOW_LOG};
use crate::source::Source;
use crate::zchunk::Zchunk;
use crate::{Compression, Error};

/// A source and the decoder that fits it.
pub(crate) struct Decoder {
    format: Format,
    compression: Compression,
    path: PathBuf,
}

enum Format {
    None(Box<Source>),
    Gzip(Box<Members<GzDecoder<Source>>>),
    Bzip2(Box<Members<bzip2::bufread::BzDecoder<Source>>>),
    /// With the memory that it may take.
    Xz(Box<Members<liblzma::bufread::XzDecoder<Source>>>, u64),
    /// With the base-two logarithm of the largest window that it may have.
    Zstd(Box<Members<zstd::Decoder<'static, Source>>>, u32),
    Zchunk(Box<Zchunk>),
}

impl Decoder {
    /// Chooses by the first bytes of a primed source.
    pub(crate) fn new(source: Source, path: PathBuf) -> Result<Self, Error> {
        let compression = match detect(source.magic()) {
            Detected::Known(compression) => compression,
            Detected::Unsupported(format) => return Err(Error::Unsupported { path, format }),
        };
        match Format::new(compression, source) {
            Ok(format) => Ok(Self { format, compression, path }),
            Err(error) => Err(Error::Decode { path, compression, reason: error.to_string() }),
        }
    }

    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// Fills a block as far as possible, or ends.
    pub(crate) fn next(&mut self, mut block: Block) -> Result<Fed, Error> {
        let space = block.space();
        let mut filled = 0;
        while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.format.reader().read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) => return Err(self.explain(error)),
            }
        }
        if filled > 0 {
            block.set_filled(filled);
            return Ok(Fed::Block(block));
        }
        // Decoders go on to the end of the source; make sure of it.
        let more = |source: &mut Source| source.fill_buf().map(|rest| !rest.is_empty());
        match self.format.source().map(more) {
            Some(Err(error)) => return Err(self.explain(error)),
            Some(Ok(true)) => {
                return Err(Error::Decode {
                    path: self.path.clone(),
                    compression: self.compression,
                    reason: "something follows the compressed data".to_owned(),
                });
            }
            Some(Ok(false)) | None => {}
        }
        let totals = self.format.source().map(Source::totals);
        Ok(Fed::End(totals.unwrap_or_default()))
    }

    /// Tells errors of the source, in disguise, from those of the decoder.
    fn explain(&mut self, error: io::Error) -> Error {
        let other = match error.downcast::<Error>() {
            Ok(inner) => return inner,
            Err(other) => other,
        };
        if let Some(format) = self.needs_more_later(&other) {
            return Error::Unsupported { path: self.path.clone(), format };
        }
        let size = self.format.source().map_or(0, |source| source.size());
        Error::from_decoder(other, &self.path, self.compression, size)
    }
}

impl Decoder {
    /// The format's name, where the decoder stopped at the limit that the beginning of
    /// the file set, not at that of all files.
    fn needs_more_later(&self, error: &io::Error) -> Option<&'static str> {
        match self.format {
            Format::Xz(_, limit) if limit < XZ_MEMORY => {
                let inner = error.get_ref()?.downcast_ref::<liblzma::stream::Error>();
                matches!(inner, Some(liblzma::stream::Error::MemLimit))
                    .then_some("xz (with a later block that needs more memory than the first)")
            }
            Format::Zstd(_, log) if log < ZSTD_WINDOW_LOG => error
                .to_string()
                .contains("too much memory")
                .then_some("zstd (with a later frame that needs more memory than the first)"),
            _ => None,
        }
    }
}

impl Format {
    fn new(compression: Compression, source: Source) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::None(Box::new(source)),
            Compression::Gzip => Self::Gzip(Box::new(Members::new(source, ())?)),
            Compression::Bzip2 => Self::Bzip2(Box::new(Members::new(source, ())?)),
            Compression::Xz => {
                let limit = memory::xz_memory(source.head());
                Self::Xz(Box::new(Members::new(source, limit)?), limit)
            }
            Compression::Zstd => {
                let limit = memory::zstd_window_log(source.head());
                Self::Zstd(Box::new(Members::new(source, limit)?), limit)
            }
            Compression::Zchunk => Self::Zchunk(Box::new(Zchunk::new(source))),
        })
    }

    fn reader(&mut self) -> &mut dyn Read {
        match self {
            Self::None(source) => source,
            Self::Gzip(decoder) => decoder,
            Self::Bzip2(decoder) => decoder,
            Self::Xz(decoder, _) => decoder,
            Self::Zstd(decoder, _) => decoder,
            Self::Zchunk(decoder) => decoder,
        }
    }

    /// Nothing where a decoder failed and lost it.
    fn source(&mut self) -> Option<&mut Source> {
        match self {
            Self::None(source) => Some(source),
            Self::Gzip(decoder) => decoder.source(),
            Self::Bzip2(decoder) => decoder.source(),
            Self::Xz(decoder, _) => decoder.source(),
            Self::Zstd(decoder, _) => decoder.source(),
            Self::Zchunk(decoder) => Some(decoder.source()),
        }
    }
}
