//! Other tools that make a delta of a pair of files, and what each makes of one.

use crate::measure::{self, shell};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A tool that makes a delta of a pair of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// The program's own delta for that pair alone.
    Diff,
    Zck,
    Xdelta3,
    Zstd,
    Bsdiff,
    DiffE,
}

/// All of them.
pub(crate) const PEERS: [Peer; 6] =
    [Peer::Diff, Peer::Zck, Peer::Xdelta3, Peer::Zstd, Peer::Bsdiff, Peer::DiffE];
/// bsdiff needs 17 times the size of the file in memory.
const BSDIFF_MOST: u64 = 400 << 20;
/// Bytes of a dictionary for zck, and of the sample it is trained on.
const DICTIONARY: u64 = 100 << 10;
const SAMPLE: u64 = 32 << 20;

/// Those that know nothing of metadata.
pub(crate) const GENERAL: [Peer; 4] = [Peer::Xdelta3, Peer::Zstd, Peer::Bsdiff, Peer::DiffE];

/// What a peer made of a pair.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// Bytes, wall seconds and KiB of memory.
    Bytes(u64, f64, f64),
    TooSlow,
    TooLarge,
}

/// Two open files of one type.
pub(crate) struct Pair<'a> {
    pub(crate) data_type: &'a str,
    pub(crate) old: &'a Path,
    pub(crate) new: &'a Path,
}

impl Peer {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Diff => "createrepo-delta diff",
            Self::Zck => "zck",
            Self::Xdelta3 => "xdelta3 -9 -S lzma",
            Self::Zstd => "zstd -19 --patch-from",
            Self::Bsdiff => "bsdiff",
            Self::DiffE => "diff -e + gzip -9",
        }
    }

    /// Makes a delta of a pair, which is removed again, within `limit`.
    pub(crate) fn run(self, pair: &Pair<'_>, program: &Path, limit: Duration) -> Result<Outcome> {
        let size = fs::metadata(pair.old)?.len();
        if self == Self::Bsdiff && size > BSDIFF_MOST {
            return Ok(Outcome::TooLarge);
        }
        let out = pair.old.with_extension(format!("{self:?}"));
        let mut command = self.command(pair, program, size, &out);
        command.env("LC_ALL", "C");
        let Some((sample, _)) = measure::within(&command, limit)? else { return Ok(Outcome::TooSlow) };
        let bytes = if self == Self::Zck { zck_bytes(&out)? } else { fs::metadata(&out)?.len() };
        fs::remove_file(&out).with_context(|| format!("cannot remove `{}`", out.display()))?;
        Ok(Outcome::Bytes(bytes, sample.wall, sample.rss))
    }

    fn command(self, pair: &Pair<'_>, program: &Path, size: u64, out: &Path) -> Command {
        let (old, new, to) = (pair.old.display(), pair.new.display(), out.display());
        match self {
            Self::Diff => {
                let mut diff = Command::new(program);
                diff.args(["diff", "--quiet", "--type", pair.data_type]).arg(pair.old).arg(pair.new).arg(out);
                diff
            }
            Self::Zck => {
                let [dictionary, zck_old, zck_new] = ["dict", "old", "new"].map(|part| with(out, part));
                let lines = [
                    line(&train(pair.old, &dictionary)),
                    line(&zck(pair.old, &dictionary, &zck_old)),
                    line(&zck(pair.new, &dictionary, &zck_new)),
                ];
                let (a, b) = (zck_old.display(), zck_new.display());
                shell(&format!("{}; zck_delta_size '{a}' '{b}' > '{to}'; rm '{to}'.*", lines.join("; ")))
            }
            // The whole old file is the source window.
            Self::Xdelta3 => shell(&format!(
                "xdelta3 -9 -S lzma -B {} -f -e -s '{old}' '{new}' '{to}'",
                size.next_power_of_two().max(1 << 20)
            )),
            Self::Zstd => shell(&format!("zstd -q -19 -T1 -f --patch-from='{old}' '{new}' -o '{to}'")),
            Self::Bsdiff => shell(&format!("bsdiff '{old}' '{new}' '{to}'")),
            // It needs files that end in a newline.
            Self::DiffE => shell(&format!(
                "( diff -e <(cat '{old}'; echo) <(cat '{new}'; echo) || [ $? = 1 ] ) | gzip -9 > '{to}'"
            )),
        }
    }
}

/// A file of this name with one more suffix.
fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// The line of a command that is to be part of a longer one.
fn line(command: &Command) -> String {
    command.get_args().last().map(|line| line.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Trains a dictionary for zck on the beginning of a file.
pub(crate) fn train(open: &Path, dictionary: &Path) -> Command {
    let (open, dictionary) = (open.display(), dictionary.display());
    shell(&format!(
        "head -c {SAMPLE} '{open}' > '{dictionary}.sample'; \
         zstd -q --train -B4096 --maxdict={DICTIONARY} '{dictionary}.sample' -o '{dictionary}'"
    ))
}

/// Makes a zchunk file as distributions do: a chunk per package, and a dictionary.
pub(crate) fn zck(open: &Path, dictionary: &Path, to: &Path) -> Command {
    let (open, dictionary, to) = (open.display(), dictionary.display(), to.display());
    shell(&format!("zck -m -s '<package ' -D '{dictionary}' -o '{to}' '{open}'"))
}

/// What `zck_delta_size` said would be downloaded.
fn zck_bytes(path: &Path) -> Result<u64> {
    let text = fs::read_to_string(path)?;
    let number = text.split("Would download ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    number.with_context(|| format!("zck_delta_size printed `{text}`"))
}
