//! Compression libraries of the versions that distributions publish with now, which
//! Debian does not have: built from the source in Python's packages of them, and put
//! before those that `createrepo_c` would load.

use crate::{paths, process};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A library for [`Library::before`].
#[derive(Clone, Copy)]
pub struct Library {
    /// Name and version, for people.
    pub name: &'static str,
    /// The package that has the source, and its version.
    package: (&'static str, &'static str),
    /// Where the source is in it.
    source: &'static str,
    /// Builds `libbuilt.so` there.
    build: &'static str,
}

/// The last of the series that Fedora has.
pub const ZLIB_NG: Library = Library {
    name: "zlib-ng 2.3.3",
    package: ("zlib_ng", "1.1.0"),
    source: "src/zlib_ng/zlib-ng",
    build: "./configure --zlib-compat && make -j2 libz.so.1.3.1.zlib-ng && cp libz.so.1.3.1.zlib-ng libbuilt.so",
};

/// The last one that does not split blocks.
pub const ZSTD_1_5_6: Library = Library {
    name: "zstd 1.5.6",
    package: ("zstandard", "0.23.0"),
    source: "zstd",
    build: "cc -O2 -shared -fPIC -o libbuilt.so zstd.c",
};

/// The first one that does.
pub const ZSTD_1_5_7: Library =
    Library { name: "zstd 1.5.7", package: ("zstandard", "0.25.0"), ..ZSTD_1_5_6 };

/// All of them.
pub const ALL: [Library; 3] = [ZLIB_NG, ZSTD_1_5_6, ZSTD_1_5_7];

/// Those that are not built.
pub fn missing() -> impl Iterator<Item = Library> {
    ALL.into_iter().filter(|library| !library.path().is_file())
}

impl Library {
    /// Where it is once it is built.
    fn path(&self) -> PathBuf {
        paths::scratch().join("libraries").join(format!("{}.so", self.name.replace(' ', "-")))
    }

    /// Has `command` load it before its own.
    pub fn before(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.path());
    }

    /// The command that fetches its source into `directory`.
    pub fn fetch(&self, directory: &Path) -> Command {
        let mut pip = Command::new(paths::venv().join("bin/python"));
        pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--no-binary", ":all:", "--dest"])
            .arg(directory)
            .arg(format!("{}=={}", self.package.0, self.package.1));
        pip
    }

    /// Fetches and builds it.
    pub fn make(&self) -> Result<()> {
        let path = self.path();
        let work = path.with_extension("source");
        paths::make_empty(&work)?;
        process::stream(&mut self.fetch(&work))
            .with_context(|| format!("cannot fetch the source of {}\n\nhint: is it reachable?", self.name))?;
        let root = format!("{}-{}", self.package.0, self.package.1);
        process::run(Command::new("tar").current_dir(&work).arg("-xzf").arg(format!("{root}.tar.gz")))?;
        let source = work.join(root).join(self.source);
        process::run(Command::new("sh").current_dir(&source).args(["-c", self.build]))
            .with_context(|| format!("cannot build {}", self.name))?;
        let built = source.join("libbuilt.so");
        ensure!(built.is_file(), "`{}` was not built", built.display());
        fs::rename(&built, &path)?;
        fs::remove_dir_all(&work)?;
        Ok(())
    }
}
