//! Packages in filelists: a handful of files each for most, thousands for a few.

use super::package::Package;
use super::text::{hex, put};
use super::words::{LANGUAGES, STEMS, pick};
use xtask_common::random::{Random, at, below, chance};

/// The most files of one package.
const MOST: u64 = 20_000;
/// The fewest that a package's file count is drawn from.
const FEWEST: u64 = 13;
/// How seldom a file is replaced by one with another name, in upstream versions.
const PERIOD: u64 = 80;

/// Appends the package's chunk.
pub(super) fn package(out: &mut Vec<u8>, package: &Package) {
    put!(out, "<package pkgid=\"", &package.pkgid, "\" name=\"", &package.name, "\" arch=\"", package.arch);
    put!(out, "\">\n  <version");
    package.evr(out);
    put!(out, "/>\n");
    for command in 0..package.commands() {
        put!(out, "  <file>");
        package.command(out, command);
        put!(out, "</file>\n");
        if package.arch == "x86_64" {
            build_id(out, at(package.version_seed, 200 + command as u64));
        }
    }
    let files = count(package.seed);
    let style = Style::of(package);
    let mut directory = Vec::new();
    let (mut done, mut number) = (0, 0);
    while done < files {
        let size = (4 + below(at(package.seed, 300 + number), 40) as u64).min(files - done);
        directory.clear();
        style.directory(&mut directory, package, number);
        put!(out, "  <file type=\"dir\">", &directory, "</file>\n");
        let mut first = done;
        while first < done + size {
            let hash = package.edition(1000 + first, PERIOD);
            first += style.files(out, &directory, hash, first - done);
        }
        done = first;
        number += 1;
    }
    put!(out, "</package>\n");
}

/// How many files a package has: half of all have up to twice [`FEWEST`], and
/// the share that has more than n falls as 1/n.
fn count(seed: u64) -> u64 {
    let hash = at(seed, 12) >> 32;
    ((FEWEST << 32) / (hash + 1)).min(MOST)
}

/// A link named by the digest of the program it belongs to, other in each build.
fn build_id(out: &mut Vec<u8>, seed: u64) {
    let mut rng = Random::new(seed);
    let (start, end) = (rng.draw().to_be_bytes(), rng.draw().to_be_bytes());
    put!(out, "  <file>/usr/lib/.build-id/");
    hex(out, &start[..1]);
    put!(out, "/");
    hex(out, &start[1..]);
    hex(out, &end);
    hex(out, &rng.draw().to_be_bytes()[..3]);
    put!(out, "</file>\n");
}

/// What kind of files a package is made of.
#[derive(Clone, Copy)]
enum Style {
    /// Sources with two compiled files each.
    Modules,
    Headers,
    Pages,
    Translations,
    /// Numbered pictures and the like.
    Data,
    /// Files below a directory that is named after the version.
    Versioned,
}

impl Style {
    fn of(package: &Package) -> Self {
        match at(package.seed, 13) % 100 {
            0..=24 => Self::Modules,
            25..=44 => Self::Headers,
            45..=64 => Self::Pages,
            65..=79 => Self::Translations,
            80..=96 => Self::Data,
            _ => Self::Versioned,
        }
    }

    /// Appends the path of the package's directory with this number.
    fn directory(self, out: &mut Vec<u8>, package: &Package, number: u64) {
        let root = match self {
            Self::Modules => "/usr/lib64/snake3.13/site-packages/",
            Self::Headers => "/usr/include/",
            Self::Pages => "/usr/share/doc/",
            Self::Translations => "/usr/share/locale/",
            Self::Data | Self::Versioned => "/usr/share/",
        };
        put!(out, root);
        let hash = at(package.seed, 400 + number);
        if let Self::Translations = self {
            return put!(out, pick(&LANGUAGES, hash), "/LC_MESSAGES");
        }
        put!(out, &package.source_name);
        if let Self::Versioned = self {
            put!(out, "-", &package.ver);
        }
        if number > 0 || package.index > 0 {
            put!(out, "/", pick(&STEMS, at(package.seed, 500 + number / 6)));
        }
        if number > 0 {
            put!(out, "/", pick(&STEMS, hash));
        }
    }

    /// Appends the files that `hash` names, and says how many: one, or up to three
    /// that belong together.
    fn files(self, out: &mut Vec<u8>, directory: &Vec<u8>, hash: u64, place: u64) -> u64 {
        let (stem, second) = (pick(&STEMS, hash), pick(&STEMS, at(hash, 1)));
        put!(out, "  <file>", directory, "/");
        match self {
            Self::Modules => {
                put!(out, stem, "_", second, ".py</file>\n  <file>", directory, "/__pycache__/", stem, "_");
                put!(out, second, ".snake-313.pyc</file>\n  <file>", directory, "/__pycache__/", stem, "_");
                put!(out, second, ".snake-313.opt-1.pyc</file>\n");
                return 3;
            }
            Self::Headers => {
                put!(out, stem, "_", second, ".h</file>\n  <file>", directory, "/private/", stem, "_");
                put!(out, second, "_private.h</file>\n");
                return 2;
            }
            Self::Pages => {
                put!(out, stem, "-", second, ".html</file>\n  <file>", directory, "/", stem, "-");
                put!(out, second, "-members.html</file>\n  <file>", directory, "/", stem, "-", second);
                put!(out, "-source.html</file>\n");
                return 3;
            }
            Self::Translations => put!(out, stem, "-", second, ".mo"),
            Self::Data if chance(hash, 90) => put!(out, "tile-", place, ".png"),
            Self::Data | Self::Versioned => put!(out, stem, "-", second, ".dat"),
        }
        put!(out, "</file>\n");
        1
    }
}
