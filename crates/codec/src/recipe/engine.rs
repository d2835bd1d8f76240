//! The encoders behind one face: some input, some room, and what became of
//! them. Which bytes come out does not depend on how the content is cut.

use bzip2::{Action, Compress as Bzip2, Compression, Status};
use encoders::{Gzip, Step, Zstd};
use liblzma::stream::{Check, Stream as Xz};

use super::gzfile::GzFile;
use super::list::{Method, XzCheck};

/// The work factor that bzip2 takes if it is given none. It changes the time, not the
/// bytes.
const WORK_FACTOR: u32 = 0;

/// An encoder that has been started.
pub(super) enum Engine {
    /// Copies.
    None,
    Gzip(Gzip),
    GzFile(Box<GzFile>),
    Bzip2(Bzip2),
    Xz(Xz),
    Zstd(Zstd),
}

impl Engine {
    /// Starts the encoder; the error is what it says.
    pub(super) fn start(method: Method) -> Result<Self, String> {
        let said = |error: encoders::Error| error.to_string();
        Ok(match method {
            Method::None => Self::None,
            Method::Gzip { level } => Self::Gzip(Gzip::new(level).map_err(said)?),
            Method::GzipNg { level } => Self::GzFile(Box::new(GzFile::new(level))),
            Method::Bzip2 { level } => {
                Self::Bzip2(Bzip2::new(Compression::new(u32::from(level)), WORK_FACTOR))
            }
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
            Self::Bzip2(bzip2) => {
                let before = (bzip2.total_in(), bzip2.total_out());
                let action = if end { Action::Finish } else { Action::Run };
                let status = bzip2.compress(input, output, action);
                let status = status.map_err(|error| format!("bzip2: {error}"))?;
                let ended = status == Status::StreamEnd;
                Ok(Step::between(before, (bzip2.total_in(), bzip2.total_out()), ended))
            }
            Self::Zstd(zstd) => zstd.step(input, output, end).map_err(|error| error.to_string()),
            Self::Xz(xz) => {
                let before = (xz.total_in(), xz.total_out());
                let action = if end { liblzma::stream::Action::Finish } else { liblzma::stream::Action::Run };
                let status = xz.process(input, output, action);
                let status = status.map_err(|error| format!("liblzma: {error}"))?;
                let ended = status == liblzma::stream::Status::StreamEnd;
                Ok(Step::between(before, (xz.total_in(), xz.total_out()), ended))
            }
        }
    }
}
