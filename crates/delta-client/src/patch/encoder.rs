//! One writer for all forms of a file, which tells a full disk from an encoder that
//! cannot go on.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use codec::recipe::zchunk::{ZchunkCuts, ZchunkFile, ZchunkHeader, ZchunkRebuilder};
use codec::recipe::{Facts, Rebuilder, Recipe};
use codec::{Algorithm, Compression, Compressor};
use durable::scratch::Room;

use super::StoredForm;
use crate::cpu;
use crate::hashed::{Hashed, Written};
use crate::pipe::Blocks;

/// Why there is no file.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// The disk fails, whatever is written to it.
    Disk(durable::Error),
    /// The encoder does; in one line. That says nothing of a recipe: memory may have run
    /// out.
    Encoder(String),
}

/// How open content becomes a file.
pub(crate) struct Encoding {
    pub(crate) form: StoredForm,
    /// For the bytes of the file; nothing where they need not be known.
    pub(crate) algorithm: Option<Algorithm>,
    /// Is announced to the encoder, where it is known.
    pub(crate) open_size: Option<u64>,
    /// May be needed by a recipe.
    pub(crate) facts: Facts,
    /// For recipes that need the old file.
    pub(crate) zchunk: Option<ZchunkBase>,
}

/// What a zchunk file is made of besides its open content.
pub(crate) struct ZchunkBase {
    /// The one before it.
    pub(crate) file: ZchunkFile<Box<dyn OldBytes>>,
    /// Where its chunks begin.
    pub(crate) cuts: ZchunkCuts,
    pub(crate) scratch: Room,
}

/// The bytes of an old file.
pub(crate) trait OldBytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> OldBytes for T {}

/// A file that is complete, and not synced yet.
pub(crate) struct Encoded<F> {
    pub(crate) file: F,
    /// What its bytes are, if they were hashed.
    pub(crate) written: Option<Written>,
    /// Of a zchunk file.
    pub(crate) header: Option<ZchunkHeader>,
    /// Processor time of the thread that compressed and wrote it.
    pub(crate) spent: Duration,
}

/// Compresses open content into a file.
struct Encoder<F: Write> {
    format: Format<F>,
    disk_error: DiskError,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each file that is made")]
enum Format<F: Write> {
    Open(Disk<F>),
    Quick(Compressor<Hashed<Disk<F>>>),
    Exact(Box<Rebuilder<Hashed<Disk<F>>>>),
    Zchunk(Box<FromOld<Hashed<Disk<F>>>>),
}

type FromOld<W> = ZchunkRebuilder<W, Box<dyn OldBytes>, Disk<Room>>;

/// What the disk said first.
type DiskError = Rc<RefCell<Option<durable::Error>>>;

/// The file, or a scratch file beside it, and what the disk says of that.
struct Disk<F> {
    file: F,
    path: PathBuf,
    error: DiskError,
}

/// Compresses all blocks into the file.
pub(super) fn encode<F: Write>(
    file: F,
    path: PathBuf,
    encoding: Encoding,
    blocks: Blocks,
) -> Result<Encoded<F>, StoreError> {
    let begun = cpu::of_this_thread();
    let mut encoder = Encoder::new(file, path, encoding)?;
    if !blocks.each(|block| encoder.put(block))? {
        return Err(ended_early());
    }
    let file = encoder.finish()?;
    Ok(Encoded { spent: cpu::of_this_thread().saturating_sub(begun), ..file })
}

/// One side ended before the other.
pub(super) fn ended_early() -> StoreError {
    StoreError::Encoder("the encoder ended early".to_owned())
}

impl<F: Write> Encoder<F> {
    fn new(file: F, path: PathBuf, encoding: Encoding) -> Result<Self, StoreError> {
        let disk_error = DiskError::default();
        let told = (path.clone(), disk_error.clone());
        let disk = Disk { file, path, error: disk_error.clone() };
        let format = match (encoding.form, encoding.algorithm) {
            (StoredForm::Quick(Compression::None), None) => Ok(Format::Open(disk)),
            (form, algorithm) => {
                let out = Hashed::new(disk, algorithm.unwrap_or(Algorithm::Sha256));
                Format::hashed(out, form, encoding, told)
            }
        };
        match format {
            Ok(format) => Ok(Self { format, disk_error }),
            Err(why) => Err(store_error(&disk_error, why)),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let written = match &mut self.format {
            Format::Open(disk) => disk.write_all(bytes),
            Format::Quick(compressor) => compressor.write_all(bytes),
            Format::Exact(rebuilder) => rebuilder.write_all(bytes),
            Format::Zchunk(rebuilder) => rebuilder.write_all(bytes),
        };
        written.map_err(|error| store_error(&self.disk_error, error.to_string()))
    }

    /// Writes the end of the file; not synced yet.
    fn finish(self) -> Result<Encoded<F>, StoreError> {
        let (mut header, spent) = (None, Duration::ZERO);
        let finished = match self.format {
            Format::Open(disk) => return Ok(Encoded { file: disk.file, written: None, header, spent }),
            Format::Quick(compressor) => compressor.finish().map_err(|error| error.to_string()),
            Format::Exact(rebuilder) => rebuilder.finish().map_err(|error| error.to_string()),
            Format::Zchunk(rebuilder) => {
                let rebuilt = rebuilder.finish().map_err(|error| error.to_string());
                rebuilt.map(|rebuilt| {
                    header = Some(rebuilt.header);
                    rebuilt.out
                })
            }
        };
        let (disk, written) = finished.map_err(|why| store_error(&self.disk_error, why))?.finish();
        Ok(Encoded { file: disk.file, written: Some(written), header, spent })
    }
}

impl<F: Write> Format<F> {
    /// All forms but open ones; `told` is where the file is, and what the disk says. The error
    /// is in one line.
    fn hashed(
        out: Hashed<Disk<F>>,
        form: StoredForm,
        encoding: Encoding,
        told: (PathBuf, DiskError),
    ) -> Result<Self, String> {
        match (form, encoding.zchunk) {
            (StoredForm::Exact(recipe), Some(base)) => Self::zchunk(out, recipe, base, told),
            (StoredForm::Exact(recipe), None) => recipe
                .rebuilder_with(out, encoding.open_size, &encoding.facts)
                .map(|rebuilder| Self::Exact(Box::new(rebuilder)))
                .map_err(|error| error.to_string()),
            (StoredForm::Quick(compression), _) => {
                Compressor::new(out, compression).map(Self::Quick).map_err(|error| error.to_string())
            }
        }
    }

    fn zchunk(
        out: Hashed<Disk<F>>,
        recipe: Recipe,
        base: ZchunkBase,
        (path, error): (PathBuf, DiskError),
    ) -> Result<Self, String> {
        let scratch = Disk { file: base.scratch, path, error };
        let rebuilder = recipe.zchunk_rebuilder(out, base.file, base.cuts, None, scratch);
        rebuilder.map(|rebuilder| Self::Zchunk(Box::new(rebuilder))).map_err(|error| error.to_string())
    }
}

fn store_error(disk_error: &DiskError, why: String) -> StoreError {
    disk_error.take().map_or(StoreError::Encoder(why), StoreError::Disk)
}

impl<F> Disk<F> {
    /// Notes what the disk said first, and gives what the encoder is told.
    fn noted(&self, error: io::Error) -> io::Error {
        let kind = error.kind();
        // That the room of a scratch file is used up says nothing of the disk: the system does.
        if kind == ErrorKind::StorageFull && error.raw_os_error().is_none() {
            return error;
        }
        let error = durable::Error::from_io(error, &self.path);
        let told = io::Error::new(kind, error.to_string());
        self.error.borrow_mut().get_or_insert(error);
        told
    }
}

impl<F: Write> Write for Disk<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| self.noted(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<F: Read> Read for Disk<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl<F: Seek> Seek for Disk<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
