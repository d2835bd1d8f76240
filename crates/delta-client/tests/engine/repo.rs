//! A repository through time, with deltas, and a client's cache beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use codec::recipe::{Facts, Recipe};
use codec::{Algorithm, Compression, Expect, OpenReader};
use delta_client::error::UpdateError;
use delta_client::options::{CopyAs, Options};
use delta_client::progress::Silent;
use delta_client::report::{PathTaken, Updated};
use delta_client::transport::{DirectoryTransport, Transport};
use delta_client::{check, update};
use repomd::edit::Additions;
use repomd::journal::Recipe as ListedRecipe;
use repomd::{Journal, Repomd};

/// What a publish has: three types with deltas, one without, one that nobody
/// wants.
pub(crate) const TYPES: [&str; 5] = ["primary", "filelists", "other", "updateinfo", "primary_db"];

/// Those that a client holds.
pub(crate) const CLIENT_TYPES: [&str; 4] = ["primary", "filelists", "other", "updateinfo"];

/// The timestamp of generation 0; they are hours apart.
pub(crate) const EPOCH: u64 = 1_790_000_000;

pub(crate) struct Repo {
    pub(crate) temp: tempfile::TempDir,
    pub(crate) simple_names: bool,
    /// Whether journals are published, though the files are small.
    pub(crate) journals: bool,
    /// The recipe that files are made by, instead of an encoder that nobody knows.
    pub(crate) recipe: Option<u8>,
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Algorithm::Sha256.digest(bytes).to_hex()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The open content of a type in a generation: some packages of 60 change.
pub(crate) fn open_content(data_type: &str, generation: u64) -> Vec<u8> {
    let generation = if data_type == "updateinfo" { generation / 2 } else { generation };
    let mut file = format!("<?xml version=\"1.0\"?>\n<{data_type}>\n").into_bytes();
    for package in 0..60_u64 {
        let version = (0..=generation).rev().find(|g| (g * 7 + package) % 31 == 0).unwrap_or(0);
        let mut state = package * 1000 + version + 1;
        let text: String = (0..12).fold(String::new(), |mut text, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(text, "{:x} ", state >> 24).unwrap();
            text
        });
        file.extend(format!("<package name=\"p{package}\">{text}</package>\n").bytes());
    }
    file.extend(format!("</{data_type}>").bytes());
    file
}

impl Repo {
    pub(crate) fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap(), simple_names: false, journals: false, recipe: None }
    }

    /// A repository with generations 0 to `last`, each published with deltas.
    pub(crate) fn at(last: u64) -> Self {
        let repo = Self::new();
        (0..=last).for_each(|generation| repo.publish(generation));
        repo
    }

    /// The same with journals and, where it is given, files made by a recipe.
    pub(crate) fn with_journals(recipe: Option<u8>, last: u64) -> Self {
        let repo = Self { journals: true, recipe, ..Self::new() };
        (0..=last).for_each(|generation| repo.publish(generation));
        repo
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("repo")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path("cache")
    }

    pub(crate) fn repomd(&self) -> Vec<u8> {
        fs::read(self.root().join("repodata/repomd.xml")).unwrap()
    }

    pub(crate) fn model(&self) -> Repomd {
        Repomd::parse(&self.repomd()).unwrap()
    }

    /// The generation that was published last.
    pub(crate) fn last(&self) -> Option<u64> {
        (0..9).rev().find(|generation| self.path(&format!("repomd-{generation}.xml")).exists())
    }

    /// Changes what repomd.xml says.
    pub(crate) fn edit(&self, change: impl Fn(&str) -> String) {
        let text = String::from_utf8(self.repomd()).unwrap();
        let changed = change(&text);
        assert_ne!(changed, text);
        fs::write(self.root().join("repodata/repomd.xml"), changed).unwrap();
    }

    /// The journal that repomd.xml lists.
    pub(crate) fn journal(&self) -> Journal {
        self.model().journal.unwrap()
    }

    /// Lists another journal, and the deltas as before.
    pub(crate) fn list(&self, journal: Journal) {
        let deltas =
            |record: &repomd::Record| (record.kind.clone(), record.usable_deltas().cloned().collect());
        let deltas = self.model().records.iter().map(deltas).collect();
        let edited =
            repomd::with_deltas(&self.repomd(), &Additions { journal: Some(journal), deltas }).unwrap();
        fs::write(self.root().join("repodata/repomd.xml"), edited).unwrap();
    }

    /// Lists another recipe for each of the files that have one, or none.
    pub(crate) fn edit_recipes(&self, change: impl Fn(ListedRecipe) -> Option<ListedRecipe>) {
        let mut journal = self.journal();
        let before = std::mem::take(&mut journal.recipes);
        let changed = |(kind, recipe): (&String, &ListedRecipe)| Some((kind.clone(), change(*recipe)?));
        journal.recipes = before.iter().filter_map(changed).collect();
        assert_ne!(journal.recipes, before);
        self.list(journal);
    }

    /// The file of the cache whose name contains `part`.
    pub(crate) fn cached(&self, part: &str) -> PathBuf {
        let entries = fs::read_dir(self.cache().join("repodata")).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.find(|path| path.to_str().unwrap().contains(part)).unwrap()
    }

    pub(crate) fn publish(&self, generation: u64) {
        self.compose(generation, EPOCH + generation * 3600, generation);
        self.generate(generation);
    }

    /// Publishes what was composed as this generation.
    pub(crate) fn generate(&self, generation: u64) {
        let mut options = delta_publish::Options::default();
        let journal = delta_publish::options::JournalOptions::default().with_min_full(0);
        options.journal = self.journals.then_some(journal);
        delta_publish::generate(&self.root(), &self.path("history"), &options).unwrap();
        fs::write(self.path(&format!("repomd-{generation}.xml")), self.repomd()).unwrap();
    }

    /// Metadata without deltas. Old files stay, as composes leave them.
    pub(crate) fn compose(&self, revision: u64, timestamp: u64, generation: u64) {
        let repodata = self.root().join("repodata");
        fs::create_dir_all(&repodata).unwrap();
        let mut repomd = format!(
            "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  <revision>{revision}</revision>\n"
        );
        for data_type in TYPES {
            let open = open_content(data_type, generation);
            let (file, suffix) = self.compressed(&open, revision, data_type);
            let simple = format!("{data_type}.xml{suffix}");
            let name = if self.simple_names { simple } else { format!("{}-{simple}", sha256(&file)) };
            fs::write(repodata.join(&name), &file).unwrap();
            repomd.push_str(&record((data_type, &name), (&file, &open), timestamp, ""));
        }
        repomd.push_str("</repomd>\n");
        fs::write(repodata.join("repomd.xml"), repomd).unwrap();
    }

    fn compressed(&self, open: &[u8], revision: u64, data_type: &str) -> (Vec<u8>, &'static str) {
        let Some(recipe) = self.recipe.and_then(Recipe::from_number) else {
            return (gzip(open), ".gz");
        };
        let facts = Facts::from_repomd(Some(&revision.to_string()), &format!("{data_type}.xml"));
        let mut rebuilder = recipe.rebuilder_with(Vec::new(), None, &facts).unwrap();
        rebuilder.write_all(open).unwrap();
        let suffix = match recipe.compression() {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Bzip2 => ".bz2",
            Compression::Xz => ".xz",
            Compression::Zstd => ".zst",
            other => panic!("no recipe makes {other}"),
        };
        (rebuilder.finish().unwrap(), suffix)
    }

    /// Where the full file of a type is, and where its first delta is.
    pub(crate) fn locations(&self, data_type: &str) -> (String, Option<String>) {
        let model = self.model();
        let record = model.record(data_type).unwrap();
        let delta = record.usable_deltas().next().map(|delta| delta.location.to_string());
        (record.local_location().unwrap().to_string(), delta)
    }

    pub(crate) fn update(&self) -> Result<Updated, UpdateError> {
        self.update_with(&options())
    }

    pub(crate) fn update_with(&self, options: &Options) -> Result<Updated, UpdateError> {
        let source = DirectoryTransport::open(&self.root()).unwrap();
        self.update_from(&[&source], options)
    }

    pub(crate) fn update_from(
        &self,
        sources: &[&dyn Transport],
        options: &Options,
    ) -> Result<Updated, UpdateError> {
        update(sources, &self.cache(), options, &Silent)
    }

    /// The generation of which `dir` is an exact copy: it has the repomd.xml and
    /// the files that were published then.
    #[track_caller]
    pub(crate) fn assert_is_exact(&self, dir: &Path) -> u64 {
        let ours = fs::read(dir.join("repomd.xml")).unwrap();
        let published = |generation| fs::read(self.path(&format!("repomd-{generation}.xml"))).ok();
        let generation = (0..9).find(|generation| published(*generation).is_some_and(|one| one == ours));
        let model = Repomd::parse(&ours).unwrap();
        for record in model.records.iter().filter(|record| CLIENT_TYPES.contains(&record.kind.as_str())) {
            let name = record.local_location().unwrap().in_repodata().unwrap();
            let file = fs::read(dir.join(name)).unwrap();
            assert_eq!(record.checksum.as_ref().unwrap().hex(), sha256(&file), "{name}");
        }
        generation.unwrap()
    }

    /// As [`Repo::assert_is_exact`] for the cache, of which nothing may be wrong.
    #[track_caller]
    pub(crate) fn assert_cache_is_exact(&self) -> u64 {
        let checked = check(&self.cache(), &Options::default(), &Silent).unwrap();
        assert_eq!(checked.problems, [""; 0]);
        assert!(checked.exact && !self.cache().join("repodata/upstream").exists());
        self.assert_is_exact(&self.cache().join("repodata"))
    }

    /// Every file of the cache, but for the lock.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = tree(&self.cache());
        files.remove(".createrepo-delta.lock");
        files
    }

    /// The generation that a reader of the cache sees. Fails unless all that
    /// repomd.xml names is there and right, and of one generation.
    #[track_caller]
    pub(crate) fn assert_cache_is_whole(&self) -> u64 {
        let repodata = self.cache().join("repodata");
        let model = Repomd::parse(&fs::read(repodata.join("repomd.xml")).unwrap()).unwrap();
        let timestamp = model.records[0].timestamp.as_ref().unwrap().seconds();
        let generation = (timestamp - EPOCH) / 3600;
        for record in &model.records {
            let name = record.local_location().unwrap().in_repodata().unwrap();
            assert_eq!(record.timestamp.as_ref().unwrap().seconds(), timestamp);
            assert!(record.deltas.is_empty());
            let file = fs::read(repodata.join(name)).unwrap();
            assert_eq!(record.size, Some(file.len() as u64));
            assert_eq!(record.checksum.as_ref().unwrap().hex(), sha256(&file));
            let open = open(file);
            assert!(open == open_content(&record.kind, generation), "{}", record.kind);
            assert_eq!(record.open_size, Some(open.len() as u64));
            assert_eq!(record.open_checksum.as_ref().unwrap().hex(), sha256(&open));
        }
        let problems = check(&self.cache(), &Options::default(), &Silent).unwrap().problems;
        assert_eq!(problems, [""; 0]);
        generation
    }
}

/// The record of a file with this open content.
pub(crate) fn record(
    (data_type, name): (&str, &str),
    (file, open): (&[u8], &[u8]),
    timestamp: u64,
    further: &str,
) -> String {
    format!(
        "  <data type=\"{data_type}\">\n    <checksum type=\"sha256\">{}</checksum>\n    \
         <open-checksum type=\"sha256\">{}</open-checksum>\n    <location href=\"repodata/{name}\"/>\n    \
         <timestamp>{timestamp}</timestamp>\n    <size>{}</size>\n    <open-size>{}</open-size>\n{further}  \
         </data>\n",
        sha256(file),
        sha256(open),
        file.len(),
        open.len()
    )
}

/// Overwrites one byte of a file, which may have several names.
pub(crate) fn damage(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

pub(crate) fn options() -> Options {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    Options::default().with_pause(Duration::ZERO).with_copy(CopyAs::Open).with_now(now)
}

pub(crate) fn open(file: Vec<u8>) -> Vec<u8> {
    let mut reader = OpenReader::new(std::io::Cursor::new(file), "file", Expect::default()).unwrap();
    let mut open = Vec::new();
    reader.read_to_end(&mut open).unwrap();
    open
}

pub(crate) fn paths(updated: &Updated) -> Vec<(&str, PathTaken)> {
    updated.types.iter().map(|of_type| (&*of_type.data_type, of_type.path)).collect()
}

#[track_caller]
pub(crate) fn reason<'u>(updated: &'u Updated, data_type: &str) -> &'u str {
    &updated.types.iter().find(|of_type| of_type.data_type == data_type).unwrap().reason
}

pub(crate) fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tree = BTreeMap::new();
    let Ok(entries) = fs::read_dir(dir) else { return tree };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            tree.extend(
                self::tree(&entry.path()).into_iter().map(|(n, bytes)| (format!("{name}/{n}"), bytes)),
            );
        } else {
            tree.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    tree
}
