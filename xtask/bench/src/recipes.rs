//! `cargo xtask recipes DIR`: which published files can be rebuilt to the bit
//! from their open content, by compression, by what their first bytes say about
//! the program that made them, and by recipe.
//!
//! Nothing is asserted about real files; those that no recipe gives are listed
//! with how far the nearest one goes. What is known about them is written down
//! in `docs/formats/recipes.md`.

use anyhow::{Context as _, Result, bail};
use codec::recipe::{self, Facts, Recipe};
use codec::{Compression, Expect, OpenReader};
use repomd::Repomd;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use xtask_common::paths;
use xtask_common::table::{Align, Table, human};

/// Files of one kind.
#[derive(Default)]
struct Tally {
    files: u64,
    bytes: u64,
    sets: BTreeSet<String>,
}

/// Compression, maker, recipe.
type Kind = (String, &'static str, Option<Recipe>);

/// Looks at every file below `directory` but repomd.xml and its signature.
pub(crate) fn run(directory: &Path) -> Result<()> {
    let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
    let mut misses = Vec::new();
    for file in paths::files(directory)?.into_iter().filter(|file| is_metadata(file)) {
        let below = file.strip_prefix(directory).unwrap_or(&file);
        let set = below.iter().next().unwrap_or_default().to_string_lossy().into_owned();
        let size = fs::metadata(&file)?.len();
        let mut head = Vec::new();
        open(&file)?.take(1024).read_to_end(&mut head)?;
        let compression = Compression::detect(&head);
        let codec = compression.map_or_else(|| "zchunk".to_owned(), |known| known.to_string());
        let found = if compression.is_some() {
            recipe::find_with(open(&file)?, &file, Expect::default(), &facts(&file))?
        } else {
            None
        };
        let maker = maker(compression, &head);
        if found.is_none() && compression.is_some() {
            misses.push((below.to_owned(), maker, size, nearest(&file, compression)?));
        }
        let tally = tallies.entry((codec, maker, found)).or_default();
        tally.files += 1;
        tally.bytes += size;
        tally.sets.insert(set);
    }
    if tallies.is_empty() {
        bail!("no file below `{}`", directory.display());
    }
    print(&tallies, &misses);
    Ok(())
}

fn print(tallies: &BTreeMap<Kind, Tally>, misses: &[(PathBuf, &'static str, u64, Option<Near>)]) {
    let (left, right) = (Align::Left, Align::Right);
    let columns = [
        ("codec", left),
        ("made by", left),
        ("recipe", left),
        ("files", right),
        ("bytes", right),
        ("sets", left),
    ];
    let mut table = Table::new(&columns);
    let (mut exact, mut all) = (0, 0);
    for ((codec, maker, found), tally) in tallies {
        let recipe = found.map_or_else(|| "not rebuilt".to_owned(), |recipe| recipe.name().to_owned());
        let sets: Vec<&str> = tally.sets.iter().map(String::as_str).collect();
        table.row([
            codec.clone(),
            (*maker).to_owned(),
            recipe,
            human(tally.files),
            human(tally.bytes),
            sets.join(", "),
        ]);
        all += tally.files;
        exact += if found.is_some() { tally.files } else { 0 };
    }
    println!("{}", table.render());
    if !misses.is_empty() {
        let columns = [
            ("not rebuilt", left),
            ("made by", left),
            ("bytes", right),
            ("nearest recipe", left),
            ("same bytes after the header", right),
        ];
        let mut table = Table::new(&columns);
        for (file, maker, size, near) in misses {
            let (name, same) = near.as_ref().map_or(("-", String::new()), |near| {
                (near.recipe.name(), if near.whole { "all".to_owned() } else { human(near.same) })
            });
            let cells =
                [file.display().to_string(), (*maker).to_owned(), human(*size), name.to_owned(), same];
            table.row(cells);
        }
        println!("{}", table.render());
    }
    println!("{} of {} files are rebuilt exactly", human(exact), human(all));
}

/// What repomd.xml beside `file` says about it; only its name where there is
/// none that can be read.
fn facts(file: &Path) -> Facts {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read(file.with_file_name("repomd.xml")).unwrap_or_default();
    let model = Repomd::parse(&text).ok();
    Facts::from_repomd(model.as_ref().and_then(|model| model.revision.as_deref()), &name)
}

fn is_metadata(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with("repomd.xml") && name.contains('.') && name != "README.md"
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot open `{}`", path.display()))
}

/// What made a file, as far as its first bytes tell.
fn maker(compression: Option<Compression>, head: &[u8]) -> &'static str {
    let at = |index: usize| head.get(index).copied().unwrap_or_default();
    let dated = head.get(4..8).is_some_and(|time| time != [0; 4]);
    match compression {
        None => "unknown",
        Some(Compression::Gzip) => match (at(3), at(8), at(9), dated) {
            (0, 0, 3, false) => "createrepo_c, or zlib at its default level",
            (0, 2, 3, false) => "createrepo, or zlib at level 9",
            (8, 2, 255, _) => "Python's gzip module",
            (8, _, 3, _) => "gzip",
            (0, _, 3, true) => "a program that writes the time, no name",
            _ => "unknown",
        },
        Some(Compression::Bzip2) => match at(3) {
            b'5' => "createrepo_c",
            b'9' => "createrepo, or bzip2",
            _ => "unknown",
        },
        Some(Compression::Xz) => match at(7) {
            1 => "liblzma with CRC-32, as createrepo_c",
            4 => "xz",
            _ => "unknown",
        },
        Some(Compression::Zstd) => match at(4) {
            0 => "a stream without size and checksum, as createrepo_c",
            4 => "zstd",
            _ => "unknown",
        },
        Some(_) => "-",
    }
}

/// The recipe that goes furthest, of several the most usual.
struct Near {
    recipe: Recipe,
    /// Bytes that are the same, without the header of a gzip file.
    same: u64,
    /// Whether those are all.
    whole: bool,
}

/// Tries all recipes of the compression. What the header of a gzip file says is
/// left aside: it is compared from where its compressed data begin.
fn nearest(path: &Path, compression: Option<Compression>) -> Result<Option<Near>> {
    let (ours, theirs) = match compression {
        Some(Compression::Gzip) => (GZIP_HEADER, gzip_header(&fs::read(path)?)),
        _ => (0, 0),
    };
    let size = fs::metadata(path)?.len();
    let mut best: Option<Near> = None;
    let fits = |recipe: &Recipe| {
        Some(recipe.compression()) == compression && !recipe.needs_facts() && !recipe.needs_old_file()
    };
    for recipe in Recipe::all().filter(fits) {
        let mut reader = OpenReader::new(open(path)?, path, Expect::default())?;
        let mut published = BufReader::new(open(path)?);
        published.seek_relative(i64::try_from(theirs)?)?;
        let mut compare = Compare { published, skip: ours, same: 0 };
        let mut rebuilder = recipe.rebuilder(&mut compare, None)?;
        let done = io::copy(&mut reader, &mut rebuilder).is_ok() && rebuilder.finish().is_ok();
        let same = compare.same;
        let whole = done && same + theirs as u64 == size;
        if best.as_ref().is_none_or(|best| (whole, same) > (best.whole, best.same)) {
            best = Some(Near { recipe, same, whole });
        }
    }
    Ok(best)
}

/// The length of a gzip header without name.
const GZIP_HEADER: usize = 10;

/// The length of a gzip file's header, which may have a name and nothing else.
fn gzip_header(file: &[u8]) -> usize {
    let named = file.get(3).is_some_and(|flags| flags & 8 != 0);
    let name = file.iter().skip(GZIP_HEADER).position(|byte| *byte == 0).filter(|_| named);
    GZIP_HEADER + name.map_or(0, |length| length + 1)
}

/// Counts what is the same, and stops at the first difference.
struct Compare {
    published: BufReader<File>,
    /// Bytes of what is written that are not compared.
    skip: usize,
    same: u64,
}

impl Write for Compare {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.skip > 0 {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            return Ok(skipped);
        }
        let mut there = Vec::new();
        self.published.by_ref().take(bytes.len() as u64).read_to_end(&mut there)?;
        let same = there.iter().zip(bytes).take_while(|(there, here)| there == here).count();
        self.same += same as u64;
        if same < bytes.len() { Err(io::Error::other("other bytes")) } else { Ok(same) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
