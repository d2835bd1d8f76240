//! A repository as createrepo_c leaves it, through time.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests; each uses its part"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use delta_client::patch::{Target, apply_files};
use delta_client::select::{CopyVersion, Selection, select};
use delta_publish::report::Generated;
use delta_publish::{Error, Options, generate};
use repomd::Repomd;
use sha2::{Digest, Sha256};

pub const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// The first timestamp; generation `n` is published `n` hours later.
pub const EPOCH: u64 = 1_790_000_000;

pub struct Repo {
    pub temp: tempfile::TempDir,
    /// Open content by (type, generation published).
    pub published: Vec<BTreeMap<String, (u64, Vec<u8>)>>,
    pub unique_names: bool,
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut s, b| {
        write!(s, "{b:02x}").unwrap();
        s
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Open metadata of generation `n`: 60 packages, some of which change each time.
pub fn open_file(data_type: &str, n: u64) -> Vec<u8> {
    let mut file = format!("<?xml version=\"1.0\"?>\n<{data_type}>\n").into_bytes();
    for package in 0..60_u64 {
        let version = (0..=n).rev().find(|g| (g * 7 + package) % 31 == 0).unwrap_or(0);
        let mut state = package * 1000 + version + 1;
        let text: String = (0..12).fold(String::new(), |mut text, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(text, "{:x} ", state >> 24).unwrap();
            text
        });
        let text = format!("<package name=\"p{package}\" v=\"{version}\">{text}</package>\n");
        file.extend(text.bytes());
    }
    file.extend(format!("</{data_type}>").bytes());
    file
}

impl Repo {
    pub fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap(), published: Vec::new(), unique_names: true }
    }

    /// Another one, with the same past.
    pub fn copy(&self) -> Self {
        let copy = Self {
            temp: tempfile::tempdir().unwrap(),
            published: self.published.clone(),
            unique_names: self.unique_names,
        };
        for (name, bytes) in tree(self.temp.path()) {
            let path = copy.temp.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        copy
    }

    pub fn root(&self) -> PathBuf {
        self.temp.path().join("repo")
    }

    pub fn repodata(&self) -> PathBuf {
        self.root().join("repodata")
    }

    pub fn repomd(&self) -> Vec<u8> {
        fs::read(self.repodata().join("repomd.xml")).unwrap()
    }

    pub fn history(&self) -> PathBuf {
        self.temp.path().join("history")
    }

    /// Generation `n` at its hour.
    pub fn compose(&mut self, n: u64) {
        let files = TYPES.map(|t| (t, open_file(t, n)));
        self.compose_files(&files, Some(EPOCH + n * 3600));
    }

    /// What createrepo_c does: makes a new directory, copies what it does not
    /// know, and swaps.
    pub fn compose_files(&mut self, files: &[(&str, Vec<u8>)], timestamp: Option<u64>) {
        let new = self.root().join(".repodata");
        fs::create_dir_all(&new).unwrap();
        let mut repomd = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  <revision>1</revision>\n".to_owned();
        let mut published = BTreeMap::new();
        for (data_type, open) in files {
            let file = gzip(open);
            let name = if self.unique_names {
                format!("{}-{data_type}.xml.gz", sha256(&file))
            } else {
                format!("{data_type}.xml.gz")
            };
            fs::write(new.join(&name), &file).unwrap();
            let stamp = timestamp.map_or(String::new(), |t| format!("    <timestamp>{t}</timestamp>\n"));
            write!(
                repomd,
                "  <data type=\"{data_type}\">\n    <checksum type=\"sha256\">{}</checksum>\n    <open-checksum type=\"sha256\">{}</open-checksum>\n    <location href=\"repodata/{name}\"/>\n{stamp}    <size>{}</size>\n    <open-size>{}</open-size>\n  </data>\n",
                sha256(&file),
                sha256(open),
                file.len(),
                open.len()
            )
            .unwrap();
            published.insert((*data_type).to_owned(), (timestamp.unwrap_or(0), open.clone()));
        }
        repomd.push_str("</repomd>\n");
        fs::write(new.join("repomd.xml"), repomd).unwrap();
        if self.repodata().exists() {
            let old = Repomd::parse(&self.repomd()).unwrap();
            let named: Vec<&str> =
                old.records.iter().filter_map(|r| r.local_location().ok()?.in_repodata()).collect();
            for entry in fs::read_dir(self.repodata()).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                if name != "repomd.xml" && !named.contains(&name.as_str()) && !new.join(&name).exists() {
                    fs::copy(entry.path(), new.join(&name)).unwrap();
                }
            }
            fs::remove_dir_all(self.repodata()).unwrap();
        }
        fs::rename(&new, self.repodata()).unwrap();
        self.published.push(published);
    }

    pub fn generate(&self, options: &Options) -> Result<Generated, Error> {
        generate(&self.root(), &self.history(), options)
    }

    /// Every file below repodata/ by name.
    pub fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.repodata())
    }

    pub fn delta_files(&self) -> Vec<String> {
        self.tree().into_keys().filter(|n| n.contains(".delta")).collect()
    }

    /// Checks that repomd.xml names only what is there, and that each client of
    /// a past generation for whom a delta is listed gets the current file.
    /// Returns how many deltas were applied.
    pub fn assert_clients_are_served(&self) -> usize {
        let model = Repomd::parse(&self.repomd()).unwrap();
        let current = self.published.last().unwrap();
        let mut applied = 0;
        for record in &model.records {
            let location = record.local_location().unwrap();
            let file = fs::read(self.root().join(location.as_str())).unwrap();
            assert_eq!(record.checksum.as_ref().unwrap().hex(), sha256(&file));
            for delta in record.usable_deltas() {
                let bytes = fs::read(self.root().join(delta.location.as_str())).unwrap();
                assert_eq!((delta.size, delta.checksum.hex()), (bytes.len() as u64, &*sha256(&bytes)));
            }
            for past in &self.published[..self.published.len() - 1] {
                let Some((timestamp, open)) = past.get(&record.kind) else { continue };
                let held = CopyVersion { timestamp: Some(*timestamp), open_checksum: None };
                let Selection::Delta(delta) = select(record, &held) else { continue };
                let old = self.temp.path().join("old");
                let new = self.temp.path().join("new");
                fs::write(&old, open).unwrap();
                let mut wanted = Target::default();
                let checksum = record.open_checksum.as_ref().unwrap();
                wanted.open_checksum = Some(codec::Digest::parse(checksum.kind(), checksum.hex()).unwrap());
                wanted.open_size = record.open_size;
                apply_files(&record.kind, &old, &self.root().join(delta.location.as_str()), &new, &wanted)
                    .unwrap();
                assert_eq!(fs::read(&new).unwrap(), current[&record.kind].1);
                applied += 1;
            }
        }
        applied
    }
}

pub fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = BTreeMap::new();
    let Ok(entries) = fs::read_dir(dir) else { return tree };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            for (inner, bytes) in self::tree(&entry.path()) {
                tree.insert(format!("{name}/{inner}"), bytes);
            }
        } else {
            tree.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    tree
}
