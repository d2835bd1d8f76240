//! Tiny repositories and histories in a temporary directory, and runs of the
//! program on them.

mod key;
mod system;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

pub(crate) use key::Key;
pub(crate) use system::{System, fill};

/// The metadata types that a repository here has.
pub(crate) const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// A repository and its history, removed at the end.
pub(crate) struct Bench {
    work: tempfile::TempDir,
    /// The name of the recipe that files are made by, instead of an encoder that
    /// nobody knows.
    recipe: Option<&'static str>,
}

/// What a run of the program gave.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { work: tempfile::tempdir().unwrap(), recipe: None };
        fs::create_dir_all(bench.repodata()).unwrap();
        bench
    }

    /// With the metadata of a version, which is not published.
    pub(crate) fn created(version: u64) -> Self {
        let bench = Self::new();
        bench.create(version);
        bench
    }

    /// With versions 1 to `last`, published.
    pub(crate) fn published(last: u64) -> Self {
        let bench = Self::new();
        bench.publish_to(last);
        bench
    }

    /// One whose files can be rebuilt, by a recipe for gzip.
    pub(crate) fn with_recipe(recipe: &'static str) -> Self {
        Self { recipe: Some(recipe), ..Self::new() }
    }

    /// A copy of all of it, at another place.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { work: tempfile::tempdir().unwrap(), recipe: self.recipe };
        copy_tree(&self.path("."), &copy.path("."));
        copy
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    pub(crate) fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    pub(crate) fn repodata(&self) -> PathBuf {
        self.repo().join("repodata")
    }

    pub(crate) fn repomd(&self) -> PathBuf {
        self.repodata().join("repomd.xml")
    }

    pub(crate) fn history(&self) -> PathBuf {
        self.path("history")
    }

    /// Makes the metadata as `createrepo_c` would: `version` 1, 2, … differ in
    /// one package each, and are a day apart.
    pub(crate) fn create(&self, version: u64) {
        self.create_from(version, open);
    }

    /// The same with other content.
    pub(crate) fn create_from(&self, version: u64, open: impl Fn(&str, u64) -> String) {
        fs::remove_dir_all(self.repodata()).unwrap();
        fs::create_dir(self.repodata()).unwrap();
        let mut records = String::new();
        for data_type in TYPES {
            let open = open(data_type, version);
            let bytes = self.compressed(&open);
            let checksum = sha256(&bytes);
            let href = format!("repodata/{checksum}-{data_type}.xml.gz");
            fs::write(self.repo().join(&href), &bytes).unwrap();
            let record = format!(
                "  <data type=\"{data_type}\">\n    <checksum type=\"sha256\">{checksum}</checksum>\n    \
                 <open-checksum type=\"sha256\">{}</open-checksum>\n    <location href=\"{href}\"/>\n    \
                 <timestamp>{}</timestamp>\n    <size>{}</size>\n    <open-size>{}</open-size>\n  </data>\n",
                sha256(open.as_bytes()),
                timestamp(version),
                bytes.len(),
                open.len()
            );
            records.push_str(&record);
        }
        let repomd = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  <revision>{version}</revision>\n\
             {records}</repomd>\n"
        );
        fs::write(self.repomd(), repomd).unwrap();
    }

    fn compressed(&self, open: &str) -> Vec<u8> {
        let by_recipe = |name: &str| {
            let recipe = codec::recipe::Recipe::all().find(|recipe| recipe.name() == name).unwrap();
            let mut rebuilder = recipe.rebuilder(Vec::new(), None).unwrap();
            rebuilder.write_all(open.as_bytes()).unwrap();
            rebuilder.finish().unwrap()
        };
        self.recipe.map_or_else(|| gzip(open), by_recipe)
    }

    /// Runs `generate` with `options`.
    pub(crate) fn generate(&self, options: &[&str]) -> Ran {
        let mut command = program("generate");
        command.arg("--history").arg(self.history()).args(options).arg(self.repo());
        run(&mut command)
    }

    /// Makes and publishes a version, with deltas of format 1 alone.
    pub(crate) fn publish(&self, version: u64) {
        self.create(version);
        self.generate(&["--no-journal", "--windows", "2"]).expect(0);
    }

    /// Makes and publishes a version as `generate` does by default.
    pub(crate) fn publish_with_journal(&self, version: u64) {
        self.create(version);
        self.generate(&[]).expect(0);
    }

    /// Makes and publishes versions 1 to `last`.
    pub(crate) fn publish_to(&self, last: u64) {
        (1..=last).for_each(|version| self.publish(version));
    }

    /// Publishes a generation of metadata that `createrepo_c` made.
    pub(crate) fn publish_demo(&self, generation: u32) {
        self.compose_demo(generation);
        self.generate(&[]).expect(0);
    }

    /// As [`Self::publish_demo`], without deltas.
    pub(crate) fn compose_demo(&self, generation: u32) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../testdata/demo-history/gen-{generation:04}/repodata"));
        fs::remove_dir_all(self.repodata()).unwrap();
        fs::create_dir(self.repodata()).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, self.repodata().join(path.file_name().unwrap())).unwrap();
        }
    }

    /// Runs `history ACTION DIR …`.
    pub(crate) fn history_command(&self, action: &str, rest: &[&str]) -> Ran {
        run(program("history").arg(action).arg(self.history()).args(rest))
    }

    /// The files in repodata/ whose names contain `part`, sorted.
    pub(crate) fn files(&self, part: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.repodata()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            entries.filter(|path| path.file_name().unwrap().to_string_lossy().contains(part)).collect();
        files.sort();
        files
    }

    /// Every file below the work directory, and a digest of its bytes. A lock
    /// file is what it is: it has the number of the last process.
    pub(crate) fn snapshot(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        let mut directories = vec![self.work.path().to_owned()];
        while let Some(directory) = directories.pop() {
            let Ok(entries) = fs::read_dir(directory) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else if !path.ends_with("lock") {
                    let digest = fs::read(&path).map_or("unreadable".to_owned(), |bytes| sha256(&bytes));
                    files.push((path, digest));
                }
            }
        }
        files.sort();
        files
    }
}

impl Ran {
    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard error contains each of `parts`.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "nothing says `{part}`:\n{}", self.stderr);
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }
}

/// The program with a command.
pub(crate) fn program(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_createrepo-delta"));
    program.arg(command).env_remove("CLICOLOR_FORCE");
    program
}

/// The program, for which permissions hold also where the tests run as root.
pub(crate) fn obedient_program() -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    let path = env!("CARGO_BIN_EXE_createrepo-delta");
    if id.stdout != b"0\n" {
        return Command::new(path);
    }
    let mut program = Command::new("setpriv");
    program.args(["--bounding-set", "-dac_override,-dac_read_search,-fowner", "--", path]);
    program
}

/// The program, with files of at most so many blocks of 512 bytes; a write beyond
/// fails.
pub(crate) fn program_with_small_files(blocks: u32) -> Command {
    let mut program = Command::new("bash");
    let script = format!("trap '' XFSZ; ulimit -f {blocks} -S; exec \"$@\"");
    program.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_createrepo-delta")]);
    program
}

/// Copies a directory and all that is in it.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Changes a byte in the middle of a file.
pub(crate) fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Ran {
        status: status.code().expect("an exit status, not a signal"),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// The open metadata of a version: version 7 has another `p7` than those before.
pub(crate) fn open(data_type: &str, version: u64) -> String {
    let package = |number: u64| {
        let version = u64::from(number <= version);
        let digest = sha256(format!("{data_type} {number} {version}").as_bytes());
        format!("<package name=\"p{number}\" pkgid=\"{digest}\"><version>{version}</version></package>\n")
    };
    let packages: String = (0..200).map(package).collect();
    format!("<?xml version=\"1.0\"?>\n<{data_type} packages=\"200\">\n{packages}</{data_type}>\n")
}

pub(crate) fn timestamp(version: u64) -> u64 {
    1_700_000_000 + 86_400 * version
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// By an encoder that no recipe knows.
fn gzip(open: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(open.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn gunzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}
