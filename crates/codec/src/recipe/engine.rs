//! The encoders behind one face: some input, some room, and what became of
//! them. Which bytes come out does not depend on how the content is cut.

use encoders::{Gzip, Step, Zstd};
use liblzma::stream::{Check, Stream as Xz};

use super::bzblocks::Blocks;
use super::gzfile::GzFile;
use super::list::{Method, XzCheck};

/// An encoder that has been started.
pub(super) enum Engine {
    /// Copies.
    None,
    Gzip(Gzip),
    GzFile(Box<GzFile>),
    Bzip2(Box<Blocks>),
    Xz(Xz),
    Zstd(Zstd),
}

impl Engine {
    /// Starts the encoder; the error is what it says. Where several threads make the
    /// same bytes, it may take `threads` of them.
    pub(super) fn start(method: Method, threads: usize) -> Result<Self, String> {
        let said = |error: encoders::Error| error.to_string();
        Ok(match method {
            Method::None => Self::None,
            Method::Gzip { level } => Self::Gzip(Gzip::new(level).map_err(said)?),
            Method::GzipNg { level } => Self::GzFile(Box::new(GzFile::new(level))),
            Method::Bzip2 { level } => Self::Bzip2(Box::new(Blocks::new(level, threads))),
            Method::Xz { preset, check } => {
                let check = match check {
                    XzCheck::Crc32 => Check::Crc32,
                    XzCheck::Crc64 => Check::Crc64,
                };
                let stream = Xz::new_easy_encoder(u32::from(preset), check);
                Self::Xz(stream.map_err(|error| format!("liblzma: {error}"))?)
            }
            Method::Zstd { level, splitting } => Self::Zstd(Zstd::new(level, splitting).map_err(said)?),
            Method::Zchunk { .. } => return Err("its files are not made of the content alone".to_owned()),
        })
    }

    /// Compresses some of `input` into `output`; with `end`, goes towards the
    /// end of the file, `input` being the rest of the content.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8], end: bool) -> Result<Step, String> {
        match self {
            Self::None => {
                let length = input.len().min(output.len());
                if let (Some(from), Some(into)) = (input.get(..length), output.get_mut(..length)) {
                    into.copy_from_slice(from);
                }
                Ok(Step { read: length, written: length, ended: end && length == input.len() })
            }
            Self::Gzip(gzip) => gzip.step(input, output, end).map_err(|error| error.to_string()),
            Self::GzFile(gzip) => gzip.step(input, output, end),
            Self::Bzip2(blocks) => blocks.step(input, output, end),
            Self::Zstd(zstd) => zstd.step(input, output, end).map_err(|error| error.to_string()),
            Self::Xz(xz) => {
                let before = (xz.total_in(), xz.total_out());
                let action = if end { liblzma::stream::Action::Finish } else { liblzma::stream::Action::Run };
                let status = xz.process(input, output, action);
                let status = status.map_err(|error| format!("liblzma: {error}"))?;
                let ended = status == liblzma::stream::Status::StreamEnd;
                Ok(step(before, (xz.total_in(), xz.total_out()), ended))
            }
        }
    }
}

/// From the totals before and after a step, in and out.
pub(super) fn step(before: (u64, u64), after: (u64, u64), ended: bool) -> Step {
    let difference = |before: u64, after: u64| usize::try_from(after.saturating_sub(before)).unwrap_or(0);
    Step { read: difference(before.0, after.0), written: difference(before.1, after.1), ended }
}
