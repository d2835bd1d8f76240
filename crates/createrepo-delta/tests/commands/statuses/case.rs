//! One row of the table, and how it is brought about.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use history::History;

use crate::support::{Bench, Ran, obedient_program, program, program_with_small_files, run};

/// A row.
pub(super) struct Case {
    pub(super) status: i32,
    /// The reasons that `--json` gives for status 3.
    pub(super) reasons: &'static [&'static str],
    /// What the situation is.
    pub(super) how: &'static str,
    /// Brings it about, from a repository whose third state is not published yet.
    pub(super) prepare: fn(&Bench),
    /// The arguments; a word `@NAME` is the path NAME of the bench.
    pub(super) line: &'static str,
    pub(super) whose: Whose,
}

/// For whom the program runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Whoever runs the tests.
    Mine,
    /// Somebody for whom permissions hold.
    Obedient,
    /// Somebody whose files may have so many blocks of 512 bytes.
    Small(u32),
    /// Whoever runs the tests, while another process has the history.
    Second,
}

/// A row of a status without reasons.
pub(super) const fn row(status: i32, how: &'static str, prepare: fn(&Bench), line: &'static str) -> Case {
    Case { status, reasons: &[], how, prepare, line, whose: Whose::Mine }
}

/// A row of status 3 with reasons.
pub(super) const fn reduced(
    reasons: &'static [&'static str],
    how: &'static str,
    prepare: fn(&Bench),
    line: &'static str,
) -> Case {
    Case { status: 3, reasons, how, prepare, line, whose: Whose::Mine }
}

/// Three states, of which two are published.
static PREPARED: LazyLock<Bench> = LazyLock::new(|| {
    let bench = Bench::published(2);
    bench.create(3);
    bench
});

/// Nothing to prepare.
pub(super) fn as_it_is(_: &Bench) {}

impl Case {
    pub(super) const fn by(mut self, whose: Whose) -> Self {
        self.whose = whose;
        self
    }

    /// `generate`, `history list`.
    pub(super) fn command(&self) -> String {
        let words: Vec<&str> = self.line.split(' ').collect();
        if words[0] == "history" { words[..2].join(" ") } else { words[0].to_owned() }
    }

    /// Brings it about.
    pub(super) fn prepared(&self) -> Bench {
        let bench = PREPARED.copy();
        (self.prepare)(&bench);
        bench
    }

    /// Runs it with further options.
    pub(super) fn run(&self, bench: &Bench, options: &[&str]) -> Ran {
        let mut command = match self.whose {
            Whose::Mine | Whose::Second => Command::new(env!("CARGO_BIN_EXE_createrepo-delta")),
            Whose::Obedient => obedient_program(),
            Whose::Small(blocks) => program_with_small_files(blocks),
        };
        let held = (self.whose == Whose::Second).then(|| History::open(&bench.history()).unwrap());
        for word in self.line.split(' ') {
            match word.strip_prefix('@') {
                Some(name) => command.arg(bench.path(name)),
                None => command.arg(word),
            };
        }
        let ran = run(command.args(options).env("TMPDIR", bench.path(".")).current_dir(bench.path(".")));
        drop(held);
        ran
    }

    /// Runs it and fails unless it ends as the row says.
    pub(super) fn check(&self) -> (Bench, Ran) {
        let bench = self.prepared();
        let ran = self.run(&bench, &[]);
        assert_eq!(ran.status, self.status, "{} ({}):\n{}\n{}", self.line, self.how, ran.stdout, ran.stderr);
        (bench, ran)
    }
}

/// The files of `repodata/` and of the history, and their bytes.
pub(super) fn bytes_of(bench: &Bench, directory: &str) -> Vec<(PathBuf, String)> {
    let below = bench.path(directory);
    bench.snapshot().into_iter().filter(|(path, _)| path.starts_with(&below)).collect()
}

/// Makes a path in the history what a newer version would have written: the number at
/// the end of its first line is one higher.
pub(super) fn make_newer(bench: &Bench, name: &str) {
    let path = bench.history().join(name);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    bytes[end - 1] += 1;
    fs::write(&path, &bytes).unwrap();
}

/// Sets the permission bits of a path of the bench.
pub(super) fn mode(bench: &Bench, name: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

/// Changes the text of repomd.xml.
pub(super) fn edit_repomd(bench: &Bench, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(bench.repomd()).unwrap();
    fs::write(bench.repomd(), change(text)).unwrap();
}

/// The full file of a type.
pub(super) fn full_file(bench: &Bench, data_type: &str) -> PathBuf {
    bench.files(&format!("-{data_type}.xml.gz")).remove(0)
}

/// Publishes what is in the repository.
pub(super) fn publish(bench: &Bench) {
    run(program("generate").arg("--history").arg(bench.history()).arg(bench.repo())).expect(0);
}
