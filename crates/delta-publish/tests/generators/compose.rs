//! Repositories of any style: types, compressions, checksums, names, and ways to
//! write repomd.xml; and a client that follows them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use codec::Algorithm;
use delta_client::progress::Silent;
use delta_client::report::{PathTaken, Updated};
use delta_client::transport::DirectoryTransport;
use delta_core::Rule;
use delta_publish::options::VerifyOptions;
use delta_publish::report::Generated;
use delta_publish::{Options, generate, verify};

/// The first timestamp; generation `n` is published `n` hours later.
pub const EPOCH: u64 = 1_790_000_000;

/// One record and its file.
#[derive(Clone)]
pub struct File {
    pub kind: String,
    /// Of the open file, without a checksum.
    pub name: String,
    pub open: Vec<u8>,
    /// `""`, `gz`, `bz2`, `xz`, `zst` or `zck`.
    pub compression: &'static str,
    /// The file, where it is not just compressed.
    pub stored: Option<Vec<u8>>,
    /// Seconds after the others.
    pub later: u64,
}

impl File {
    pub fn new(kind: &str, n: u64) -> Self {
        let name = match Rule::family(kind) {
            "modules" => "modules.yaml".to_owned(),
            "group" => "comps-Demo.x86_64.xml".to_owned(),
            family => format!("{family}.xml"),
        };
        Self {
            kind: kind.to_owned(),
            name,
            open: open_file(kind, n),
            compression: "gz",
            stored: None,
            later: 0,
        }
    }

    pub fn compressed(self, compression: &'static str) -> Self {
        Self { compression, ..self }
    }
}

/// How a generator writes.
#[derive(Clone)]
pub struct Style {
    pub checksum: &'static str,
    pub unique_names: bool,
    pub timestamps: Option<&'static str>,
    pub open_checksums: bool,
    pub sizes: bool,
    pub layout: fn(String) -> String,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            checksum: "sha256",
            unique_names: true,
            timestamps: Some(""),
            open_checksums: true,
            sizes: true,
            layout: |text| text,
        }
    }
}

/// Open metadata of generation `n`: 40 records, some of which change each time.
pub fn open_file(kind: &str, n: u64) -> Vec<u8> {
    let Some(rule) = Rule::for_type(kind) else { return format!("SQLite format 3\0{n}").into_bytes() };
    let mut file = b"<?xml version=\"1.0\"?>\n<root>\n".to_vec();
    if rule.begins() > 0 {
        file.clear();
    }
    for record in 0..40_u64 {
        let version = (0..=n).rev().find(|g| (g * 7 + record) % 13 == 0).unwrap_or(0);
        let markers = rule.markers();
        let marker = &markers[usize::try_from(record).unwrap() % markers.len()][rule.begins()..];
        file.extend_from_slice(marker);
        let mut state = record * 1000 + version + 1;
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(file, "{:x} ", state >> 24).unwrap();
        }
        file.extend_from_slice(if rule.begins() > 0 { b"\n" } else { b"</x>\n" });
    }
    if rule.begins() == 0 {
        file.extend_from_slice(b"</root>");
    }
    file
}

pub fn compress(open: &[u8], compression: &str) -> Vec<u8> {
    match compression {
        "" => open.to_vec(),
        "gz" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(open).unwrap();
            encoder.finish().unwrap()
        }
        "bz2" => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            encoder.write_all(open).unwrap();
            encoder.finish().unwrap()
        }
        "xz" => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 5);
            encoder.write_all(open).unwrap();
            encoder.finish().unwrap()
        }
        "zst" => zstd::encode_all(open, 3).unwrap(),
        "zck" => zchunk(open),
        other => panic!("{other}"),
    }
}

/// A zchunk file of one chunk.
pub fn zchunk(open: &[u8]) -> Vec<u8> {
    let sum = |bytes: &[u8]| Algorithm::Sha256.digest(bytes).as_bytes().to_vec();
    let integer = |value: usize| {
        let low = u8::try_from(value & 0x7f).unwrap();
        match u8::try_from(value >> 7).unwrap() {
            0 => vec![low | 0x80],
            high if high < 0x80 => vec![low, high | 0x80],
            _ => panic!("{value}"),
        }
    };
    let chunk = zstd::bulk::compress(open, 3).unwrap();
    let nothing = [vec![0; 32], integer(0), integer(0)].concat();
    let one = [sum(&chunk), integer(chunk.len()), integer(open.len())].concat();
    let index = [integer(1), integer(2), nothing, one].concat();
    let header = [sum(&chunk), integer(0), integer(2), integer(index.len()), index, integer(0)].concat();
    let lead = [b"\0ZCK1".to_vec(), integer(1), integer(header.len())].concat();
    let header_sum = sum(&[&lead[..], &header].concat());
    [lead, header_sum, header, chunk].concat()
}

/// A repository, its history, and a client that keeps up with it.
pub struct Site {
    temp: tempfile::TempDir,
    /// The open files that are published now.
    now: BTreeMap<String, Vec<u8>>,
}

impl Site {
    pub fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap(), now: BTreeMap::new() }
    }

    pub fn root(&self) -> PathBuf {
        self.temp.path().join("repo")
    }

    pub fn history(&self) -> PathBuf {
        self.temp.path().join("history")
    }

    pub fn repomd(&self) -> Vec<u8> {
        fs::read(self.root().join("repodata/repomd.xml")).unwrap()
    }

    /// A new repodata/ with these files, published in hour `n`.
    pub fn compose(&mut self, n: u64, files: &[File], style: &Style) {
        let repodata = self.root().join("repodata");
        let _ = fs::remove_dir_all(&repodata);
        fs::create_dir_all(&repodata).unwrap();
        let algorithm = Algorithm::from_name(style.checksum).unwrap();
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  <revision>1</revision>\n".to_owned();
        self.now.clear();
        for file in files {
            let bytes = file.stored.clone().unwrap_or_else(|| compress(&file.open, file.compression));
            let sum = |bytes: &[u8]| algorithm.digest(bytes).to_hex();
            let dot = if file.compression.is_empty() { "" } else { "." };
            let mut name = format!("{}{dot}{}", file.name, file.compression);
            if style.unique_names {
                name = format!("{}-{name}", sum(&bytes));
            }
            fs::write(repodata.join(&name), &bytes).unwrap();
            let (kind, checksum) = (&file.kind, style.checksum);
            text += &format!(
                "  <data type=\"{kind}\">\n    <checksum type=\"{checksum}\">{}</checksum>\n",
                sum(&bytes)
            );
            if style.open_checksums {
                let sum = sum(&file.open);
                text += &format!("    <open-checksum type=\"{checksum}\">{sum}</open-checksum>\n");
            }
            text += &format!("    <location href=\"repodata/{name}\"/>\n");
            if let Some(fraction) = style.timestamps {
                let timestamp = EPOCH + n * 3600 + file.later;
                text += &format!("    <timestamp>{timestamp}{fraction}</timestamp>\n");
            }
            if style.sizes {
                let (size, open_size) = (bytes.len(), file.open.len());
                text += &format!("    <size>{size}</size>\n    <open-size>{open_size}</open-size>\n");
            }
            text += "  </data>\n";
            self.now.insert(kind.clone(), file.open.clone());
        }
        fs::write(repodata.join("repomd.xml"), (style.layout)(text + "</repomd>\n")).unwrap();
    }

    /// Publishes deltas, and checks that each of them does what it says and that
    /// removing them gives repomd.xml back as it was.
    pub fn publish(&self, options: &Options) -> Generated {
        let bare = self.repomd();
        let outcome = generate(&self.root(), &self.history(), options).unwrap();
        let verified = verify(&self.root(), Some(&self.history()), &VerifyOptions::default()).unwrap();
        assert_eq!(verified.problems, [""; 0]);
        let with_deltas = self.repomd();
        assert_eq!(repomd::strip(&with_deltas).unwrap(), bare);
        // A second run finds nothing to do.
        let again = generate(&self.root(), &self.history(), options).unwrap();
        assert!(!again.changed && again.types.iter().all(|one| !one.recorded), "{:?}", again.types);
        assert_eq!(self.repomd(), with_deltas);
        outcome
    }

    /// Brings the client up to date, nothing having been downloaded in vain; how
    /// each type came.
    pub fn update(&self) -> BTreeMap<String, PathTaken> {
        let (paths, warnings) = self.update_in_vain();
        assert_eq!(warnings, [""; 0]);
        paths
    }

    /// The same, and what was said.
    pub fn update_in_vain(&self) -> (BTreeMap<String, PathTaken>, Vec<String>) {
        self.update_client("cache")
    }

    /// The same of a client with a cache of its own.
    pub fn update_client(&self, name: &str) -> (BTreeMap<String, PathTaken>, Vec<String>) {
        let mut options = delta_client::options::Options::default();
        options.types = Some(self.now.keys().cloned().collect());
        let cache = self.temp.path().join(name);
        let source = DirectoryTransport::open(&self.root()).unwrap();
        let updated: Updated = delta_client::update(&[&source], &cache, &options, &Silent).unwrap();
        for of_type in &updated.types {
            let file = of_type.file.clone().unwrap();
            let file = fs::File::open(cache.join("repodata").join(file)).unwrap();
            let mut open = Vec::new();
            let mut reader = codec::OpenReader::new(file, "held", codec::Expect::default()).unwrap();
            std::io::Read::read_to_end(&mut reader, &mut open).unwrap();
            assert!(open == self.now[&of_type.data_type], "{}", of_type.data_type);
        }
        let paths = updated.types.into_iter().map(|of_type| (of_type.data_type, of_type.path)).collect();
        (paths, updated.warnings)
    }

    /// The locations of the deltas of each record, newest first.
    pub fn listed(&self) -> BTreeMap<String, Vec<String>> {
        let model = repomd::Repomd::parse(&self.repomd()).unwrap();
        let of = |record: &repomd::Record| {
            record.usable_deltas().map(|delta| delta.location.to_string()).collect()
        };
        model.records.iter().map(|record| (record.kind.clone(), of(record))).collect()
    }

    /// The tracks of the history.
    pub fn tracks(&self) -> Vec<String> {
        history::History::read(&self.history()).unwrap().types().unwrap()
    }
}
