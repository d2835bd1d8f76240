//! Histories of single metadata files, `gen-*/FILE` without a repomd.xml: each
//! file is put into a repository of its own, with a repomd.xml as createrepo_c
//! would write one. Timestamps count the generations.

use crate::generation::{Generation, in_order};
use anyhow::{Context as _, Result, bail};
use codec::{Algorithm, Compression, Expect, OpenReader};
use flate2::write::GzEncoder;
use repomd::Repomd;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use xtask_common::paths;

/// Type of metadata by what file names begin with.
const TYPES: [(&str, &str); 7] = [
    ("primary", "primary"),
    ("filelists", "filelists"),
    ("other", "other"),
    ("modules", "modules"),
    ("comps", "group"),
    ("updateinfo", "updateinfo"),
    ("prestodelta", "prestodelta"),
];
/// The timestamp of the first generation.
const FIRST: u64 = 1_600_000_000;

/// The generations below `directory` that are one file each, wrapped in `work`,
/// which is emptied. Open files are compressed with gzip.
pub(crate) fn generations(directory: &Path, work: &Path) -> Result<Vec<Generation>> {
    paths::make_empty(work)?;
    let mut found = Vec::new();
    for (timestamp, path) in (FIRST..).zip(in_order(directory)?) {
        let files: Vec<_> = fs::read_dir(&path)?.collect::<Result<_, _>>()?;
        let [file] = &files[..] else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let repodata = work.join(&name).join("repodata");
        fs::create_dir_all(&repodata)?;
        let repomd = wrap(&file.path(), &repodata, timestamp)
            .with_context(|| format!("`{}`", file.path().display()))?;
        let model = Repomd::parse(repomd.as_bytes())?;
        fs::write(repodata.join("repomd.xml"), repomd)?;
        found.push(Generation { name, repodata, model });
    }
    Ok(found)
}

/// Copies `file` to `repodata`; the repomd.xml that goes with it.
fn wrap(file: &Path, repodata: &Path, timestamp: u64) -> Result<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((_, data_type)) = TYPES.iter().find(|(begin, _)| name.starts_with(begin)) else {
        bail!("a file of no known type");
    };
    let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
    let opened = OpenReader::new(File::open(file)?, file, expect)?.finish()?;
    let open = opened.open_digest(Algorithm::Sha256).context("no digest")?.to_hex();
    let mut bytes = fs::read(file)?;
    let mut location = name;
    if opened.compression == Compression::None {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        gzip.write_all(&bytes)?;
        bytes = gzip.finish()?;
        location += ".gz";
    }
    let (sum, size, open_size) = (Algorithm::Sha256.digest(&bytes).to_hex(), bytes.len(), opened.open_size);
    let location = format!("{sum}-{location}");
    fs::write(repodata.join(&location), bytes)?;
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>{timestamp}</revision>
  <data type="{data_type}">
    <checksum type="sha256">{sum}</checksum>
    <open-checksum type="sha256">{open}</open-checksum>
    <location href="repodata/{location}"/>
    <timestamp>{timestamp}</timestamp>
    <size>{size}</size>
    <open-size>{open_size}</open-size>
  </data>
</repomd>
"#
    ))
}
