//! Writing a generation as createrepo_c would: three compressed files, named by
//! their checksums, and repomd.xml.
//!
//! Chunks are compressed as they are made; no file is in memory as a whole.

use super::history::{Binary, History};
use super::package::{Package, published};
use super::text::{hex, put};
use super::{filelists, other, primary};
use anyhow::{Context as _, Result, anyhow};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::thread;

/// Open bytes that are made before they are compressed.
const BATCH: usize = 256 << 10;

/// A metadata file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its type in repomd.xml.
    pub(crate) data_type: &'static str,
    /// Compressed bytes.
    pub(crate) size: u64,
    /// Open bytes.
    pub(crate) open_size: u64,
    checksum: String,
    open_checksum: String,
}

/// A metadata type: its name, root element, namespace, and how a package is put.
struct Kind {
    name: &'static str,
    root: &'static str,
    namespaces: &'static str,
    package: fn(&mut Vec<u8>, &Package),
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "primary",
        root: "metadata",
        namespaces: "common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm",
        package: primary::package,
    },
    Kind { name: "filelists", root: "filelists", namespaces: "filelists", package: filelists::package },
    Kind { name: "other", root: "otherdata", namespaces: "other", package: other::package },
];

impl History {
    /// Writes `generation` below `directory` as `repodata/`, and stays there.
    ///
    /// # Errors
    /// A directory that cannot be written to.
    pub(crate) fn write(&mut self, generation: u32, directory: &Path) -> Result<Vec<Written>> {
        self.go_to(generation)?;
        let repodata = directory.join("repodata");
        match fs::remove_dir_all(&repodata) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::create_dir_all(&repodata).with_context(|| format!("cannot create `{}`", repodata.display()))?;
        let history = &*self;
        let written: Vec<Written> = thread::scope(|scope| {
            let threads = KINDS
                .iter()
                .map(|kind| scope.spawn(|| history.write_kind(kind, &repodata)))
                .collect::<Vec<_>>();
            threads
                .into_iter()
                .map(|t| t.join().map_err(|_| anyhow!("a writer failed"))?)
                .collect::<Result<_>>()
        })
        .with_context(|| format!("cannot write in `{}`", repodata.display()))?;
        fs::write(repodata.join("repomd.xml"), repomd(&written, published(generation)))?;
        Ok(written)
    }

    fn write_kind(&self, kind: &Kind, repodata: &Path) -> Result<Written> {
        let unnamed = repodata.join(format!("{}.xml.gz", kind.name));
        let mut sink = Sink::new(File::create(&unnamed)?);
        let mut buffer = Vec::with_capacity(2 * BATCH);
        put!(&mut buffer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<", kind.root);
        put!(&mut buffer, " xmlns=\"http://linux.duke.edu/metadata/", kind.namespaces);
        put!(&mut buffer, "\" packages=\"", self.packages() as u64, "\">\n");
        for binary in &self.listed {
            self.put_package(kind, *binary, &mut buffer);
            if buffer.len() >= BATCH {
                sink.write(&buffer)?;
                buffer.clear();
            }
        }
        put!(&mut buffer, "</", kind.root, ">");
        sink.write(&buffer)?;
        let written = sink.finish(kind.name)?;
        fs::rename(unnamed, repodata.join(format!("{}-{}.xml.gz", written.checksum, kind.name)))?;
        Ok(written)
    }

    fn put_package(&self, kind: &Kind, binary: Binary, buffer: &mut Vec<u8>) {
        (kind.package)(buffer, &Package::new(self, binary));
    }
}

/// Compresses, counts and digests what is written.
struct Sink {
    open: Sha256,
    open_size: u64,
    encoder: GzEncoder<Counted>,
}

impl Sink {
    fn new(file: File) -> Self {
        let counted = Counted { file: BufWriter::new(file), digest: Sha256::new(), size: 0 };
        // The operating system that createrepo_c's files name is 3, Unix.
        let encoder = GzBuilder::new().operating_system(3).write(counted, Compression::new(6));
        Self { open: Sha256::new(), open_size: 0, encoder }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.open.update(bytes);
        self.open_size += bytes.len() as u64;
        Ok(self.encoder.write_all(bytes)?)
    }

    fn finish(self, data_type: &'static str) -> Result<Written> {
        let mut counted = self.encoder.finish()?;
        counted.file.flush()?;
        Ok(Written {
            data_type,
            size: counted.size,
            open_size: self.open_size,
            checksum: digits(counted.digest),
            open_checksum: digits(self.open),
        })
    }
}

/// A file with the size and the digest of what was written to it.
struct Counted {
    file: BufWriter<File>,
    digest: Sha256,
    size: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(bytes)?;
        self.digest.update(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn digits(digest: Sha256) -> String {
    let mut digits = Vec::new();
    hex(&mut digits, &digest.finalize());
    String::from_utf8_lossy(&digits).into_owned()
}

fn repomd(written: &[Written], time: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put!(&mut out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    put!(&mut out, "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" ");
    put!(&mut out, "xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n  <revision>", time, "</revision>\n");
    for file in written {
        let (checksum, open) = (file.checksum.as_str(), file.open_checksum.as_str());
        put!(&mut out, "  <data type=\"", file.data_type, "\">\n    <checksum type=\"sha256\">", checksum);
        put!(&mut out, "</checksum>\n    <open-checksum type=\"sha256\">", open, "</open-checksum>\n");
        put!(&mut out, "    <location href=\"repodata/", checksum, "-", file.data_type, ".xml.gz\"/>\n");
        put!(&mut out, "    <timestamp>", time, "</timestamp>\n    <size>", file.size, "</size>\n");
        put!(&mut out, "    <open-size>", file.open_size, "</open-size>\n  </data>\n");
    }
    put!(&mut out, "</repomd>\n");
    out
}
