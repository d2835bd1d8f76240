//! Source packages that have several packages each, and are in the repository themselves: all
//! packages of one are a chunk, where nothing is between them.

use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use xtask_common::packages::{Generation, builder, changelog_date};
use xtask_common::{paths, process};

/// A source package.
struct Family {
    name: &'static str,
    /// Its packages, with the generation that has each first and the one that has it no more.
    packages: &'static [(&'static str, usize, usize)],
    /// Generations in which it is a new version.
    updates: &'static [usize],
    /// How many files each package has.
    files: usize,
}

const ALWAYS: (usize, usize) = (0, usize::MAX);

const FAMILIES: [Family; 4] = [
    Family {
        name: "cobaltfern",
        packages: &[
            ("cobaltfern", ALWAYS.0, ALWAYS.1),
            ("cobaltfern-devel", ALWAYS.0, ALWAYS.1),
            ("cobaltfern-doc", ALWAYS.0, 6),
            ("cobaltfern-tools", 4, ALWAYS.1),
            // Another family is between this one and the others.
            ("libcobaltfern", ALWAYS.0, ALWAYS.1),
        ],
        updates: &[2, 5, 8],
        files: 120,
    },
    Family {
        name: "duskmeadow",
        packages: &[("duskmeadow", ALWAYS.0, ALWAYS.1), ("duskmeadow-data", ALWAYS.0, ALWAYS.1)],
        updates: &[3, 5],
        files: 300,
    },
    Family {
        name: "larkspindle",
        packages: &[("larkspindle", ALWAYS.0, 7), ("larkspindle-plugins", ALWAYS.0, 7)],
        updates: &[1, 6],
        files: 60,
    },
    Family {
        name: "zinnia",
        packages: &[("zinnia", 3, ALWAYS.1), ("zinnia-devel", 3, ALWAYS.1)],
        updates: &[7, 9],
        files: 40,
    },
];

impl Family {
    /// Those that a generation has.
    fn packages(&self, generation: usize) -> impl Iterator<Item = &'static str> {
        let there = move |(_, from, until): &&(&str, usize, usize)| (*from..*until).contains(&generation);
        self.packages.iter().filter(there).map(|(name, ..)| *name)
    }

    /// The generation that built what is there in this one.
    fn built_in(&self, generation: usize) -> usize {
        let mut changed =
            self.updates.iter().copied().chain(self.packages.iter().flat_map(|one| [one.1, one.2]));
        let last = |most: Option<usize>, one: usize| most.max((one <= generation).then_some(one));
        changed.by_ref().fold(None, last).unwrap_or(0)
    }

    fn spec(&self, generations: &[Generation], built: usize) -> Result<String> {
        let releases: Vec<usize> =
            [0].iter().chain(self.updates).copied().filter(|one| *one <= built).collect();
        let version = releases.len();
        let mut spec = format!(
            "Name: {}\nVersion: 1.{version}\nRelease: {}.demo\nSummary: The family {0}\nLicense: MIT\n\
             BuildArch: noarch\nAutoReqProv: no\n%description\nOf {0}.\n",
            self.name,
            built + 1
        );
        for name in self.packages(built) {
            if name != self.name {
                writeln!(spec, "%package -n {name}\nSummary: {name} of {}", self.name)?;
                writeln!(spec, "%description -n {name}\nA part of {}, which is {name}.", self.name)?;
            }
        }
        let directory = "%{buildroot}/usr/share";
        writeln!(spec, "%install")?;
        for name in self.packages(built) {
            writeln!(spec, "mkdir -p {directory}/{name}")?;
            writeln!(
                spec,
                "for n in $(seq {}); do touch {directory}/{name}/part-$n-{version}; done",
                self.files
            )?;
        }
        for name in self.packages(built) {
            writeln!(spec, "%files -n {name}\n/usr/share/{name}")?;
        }
        writeln!(spec, "%changelog")?;
        for (number, update) in releases.iter().enumerate().rev() {
            let date =
                changelog_date(generations.get(*update).context("there are too few generations")?.time);
            writeln!(spec, "* {date} Builder <builder@example.org> - 1.{}-1", number + 1)?;
            writeln!(spec, "- Release {} of {}\n", number + 1, self.name)?;
        }
        Ok(spec)
    }
}

/// Puts the packages of all families and their sources as of a generation into `directory`,
/// which is emptied; `work` keeps what was built.
pub(super) fn lay_out(
    generations: &[Generation],
    number: usize,
    work: &Path,
    directory: &Path,
) -> Result<()> {
    paths::make_empty(directory)?;
    for family in &FAMILIES {
        if family.packages(number).next().is_none() {
            continue;
        }
        let built = family.built_in(number);
        for file in build(family, generations, built, work)? {
            fs::copy(&file, directory.join(file.file_name().context("a package without a name")?))?;
        }
    }
    Ok(())
}

/// The packages of a family, built unless they are there.
fn build(family: &Family, generations: &[Generation], built: usize, work: &Path) -> Result<Vec<PathBuf>> {
    let work = work.join(format!("{}-{built}", family.name));
    let (binaries, sources) = (work.join("top/RPMS/noarch"), work.join("top/SRPMS"));
    if !sources.exists() {
        paths::make_empty(&work)?;
        let spec = work.join(format!("{}.spec", family.name));
        fs::write(&spec, family.spec(generations, built)?)?;
        let time = generations.get(built).context("there are too few generations")?.time - 1800;
        process::run(builder(&work, time).arg("-ba").arg(&spec))?;
    }
    let mut files = Vec::new();
    for directory in [binaries, sources] {
        for entry in fs::read_dir(&directory)? {
            files.push(entry?.path());
        }
    }
    Ok(files)
}
