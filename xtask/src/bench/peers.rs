//! Bytes to download per client age, beside what other tools make of the same
//! files. Each peer gets one pair of open files; what it takes is told, too, but
//! two work at a time, so that their wall times are no more than an impression.

use super::clients::Published;
use super::measure;
use super::prepare::{self, Prepared};
use super::report::{Align, Report, Table, human};
use super::{Options, TYPES};
use anyhow::{Context as _, Result, anyhow};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A tool that makes a delta of a pair of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    /// The program's own delta for that pair alone.
    Diff,
    Zck,
    Xdelta3,
    Zstd,
    Bsdiff,
    DiffE,
}

const PEERS: [Peer; 6] = [Peer::Diff, Peer::Zck, Peer::Xdelta3, Peer::Zstd, Peer::Bsdiff, Peer::DiffE];
/// bsdiff needs 17 times the size of the file in memory.
const BSDIFF_MOST: u64 = 400 << 20;
/// Bytes of a dictionary for zck, and of the sample it is trained on.
const DICTIONARY: u64 = 100 << 10;
const SAMPLE: u64 = 32 << 20;

/// Those that know nothing of metadata.
const RIVALS: [Peer; 4] = [Peer::Xdelta3, Peer::Zstd, Peer::Bsdiff, Peer::DiffE];

impl Peer {
    fn name(self) -> &'static str {
        match self {
            Self::Diff => "createrepo-delta diff",
            Self::Zck => "zck",
            Self::Xdelta3 => "xdelta3 -9 -S lzma",
            Self::Zstd => "zstd -19 --patch-from",
            Self::Bsdiff => "bsdiff",
            Self::DiffE => "diff -e + gzip -9",
        }
    }
}

/// What a peer made of a pair.
#[derive(Clone, Copy, Debug)]
enum Made {
    /// Bytes, wall seconds and KiB of memory.
    Bytes(u64, f64, f64),
    TooSlow,
    TooLarge,
}

/// One pair for one peer.
struct Job {
    peer: Peer,
    data_type: &'static str,
    age: usize,
    old: PathBuf,
    new: PathBuf,
}

/// Lets every peer make every pair.
pub(super) fn measure(
    prepared: &Prepared,
    published: &Published,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    let mut made = BTreeMap::new();
    let new = prepare::files(&prepared.newest)?;
    // One type at a time, for the open files take room.
    for data_type in TYPES {
        let open = |file: &Path, name: String| {
            let path = prepared.work.join(name);
            prepare::open(file, &path).map(|()| path)
        };
        let target = open(&new[data_type], format!("{data_type}-new.xml"))?;
        let mut jobs = Vec::new();
        let mut olds = Vec::new();
        for (age, repo) in &prepared.olds {
            let old = open(&prepare::files(repo)?[data_type], format!("{data_type}-{age}.xml"))?;
            let job = |peer| Job { peer, data_type, age: *age, old: old.clone(), new: target.clone() };
            jobs.extend(PEERS.map(job));
            olds.push(old);
        }
        // The slow ones first, so that they do not run alone at the end.
        jobs.sort_by_key(|job| job.peer != Peer::Zstd);
        made.extend(run_all(prepared, &jobs, options)?);
        for file in olds.iter().chain([&target]) {
            fs::remove_file(file).with_context(|| format!("cannot remove `{}`", file.display()))?;
        }
    }
    tell(prepared, published, &made, report)
}

type All = BTreeMap<(&'static str, usize, Peer), Made>;

fn run_all(prepared: &Prepared, jobs: &[Job], options: &Options) -> Result<All> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(All::new());
    let work = || -> Result<()> {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let made = run(prepared, job, options).with_context(|| format!("{:?}", job.peer))?;
            let mut all = all.lock().map_err(|_| anyhow!("a thread failed"))?;
            all.insert((job.data_type, job.age, job.peer), made);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow!("a thread failed"))?)
    })?;
    all.into_inner().map_err(|_| anyhow!("a thread failed"))
}

fn run(prepared: &Prepared, job: &Job, options: &Options) -> Result<Made> {
    let size = fs::metadata(&job.old)?.len();
    if job.peer == Peer::Bsdiff && size > BSDIFF_MOST {
        return Ok(Made::TooLarge);
    }
    let out = job.old.with_extension(format!("{:?}", job.peer));
    let (old, new, to) = (job.old.display(), job.new.display(), out.display());
    let mut command = match job.peer {
        Peer::Diff => {
            let mut diff = Command::new(&prepared.program);
            diff.args(["diff", "--quiet", "--type", job.data_type]).arg(&job.old).arg(&job.new).arg(&out);
            diff
        }
        Peer::Zck => {
            let [dictionary, zck_old, zck_new] = ["dict", "old", "new"].map(|part| with(&out, part));
            let lines = [
                line(&train(&job.old, &dictionary)),
                line(&zck(&job.old, &dictionary, &zck_old)),
                line(&zck(&job.new, &dictionary, &zck_new)),
            ];
            let (a, b) = (zck_old.display(), zck_new.display());
            measure::shell(&format!("{}; zck_delta_size '{a}' '{b}' > '{to}'; rm '{to}'.*", lines.join("; ")))
        }
        // The whole old file is the source window.
        Peer::Xdelta3 => measure::shell(&format!(
            "xdelta3 -9 -S lzma -B {} -f -e -s '{old}' '{new}' '{to}'",
            size.next_power_of_two()
        )),
        Peer::Zstd => measure::shell(&format!("zstd -q -19 -T1 -f --patch-from='{old}' '{new}' -o '{to}'")),
        Peer::Bsdiff => measure::shell(&format!("bsdiff '{old}' '{new}' '{to}'")),
        // It needs files that end in a newline.
        Peer::DiffE => measure::shell(&format!(
            "( diff -e <(cat '{old}'; echo) <(cat '{new}'; echo) || [ $? = 1 ] ) | gzip -9 > '{to}'"
        )),
    };
    command.env("LC_ALL", "C");
    let Some((sample, _)) = measure::within(&command, options.limit)? else { return Ok(Made::TooSlow) };
    let bytes = if job.peer == Peer::Zck { zck_bytes(&out)? } else { fs::metadata(&out)?.len() };
    fs::remove_file(&out).with_context(|| format!("cannot remove `{}`", out.display()))?;
    Ok(Made::Bytes(bytes, sample.wall, sample.rss))
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
pub(super) fn train(open: &Path, dictionary: &Path) -> Command {
    let (open, dictionary) = (open.display(), dictionary.display());
    measure::shell(&format!(
        "head -c {SAMPLE} '{open}' > '{dictionary}.sample'; \
         zstd -q --train -B4096 --maxdict={DICTIONARY} '{dictionary}.sample' -o '{dictionary}'"
    ))
}

/// Makes a zchunk file as distributions do: a chunk per package, and a dictionary.
pub(super) fn zck(open: &Path, dictionary: &Path, to: &Path) -> Command {
    let (open, dictionary, to) = (open.display(), dictionary.display(), to.display());
    measure::shell(&format!("zck -m -s '<package ' -D '{dictionary}' -o '{to}' '{open}'"))
}

/// What `zck_delta_size` said would be downloaded.
fn zck_bytes(path: &Path) -> Result<u64> {
    let text = fs::read_to_string(path)?;
    let number = text.split("Would download ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    number.with_context(|| format!("zck_delta_size printed `{text}`"))
}

fn tell(prepared: &Prepared, published: &Published, made: &All, report: &mut Report) -> Result<()> {
    let full = prepare::files(&prepared.newest)?;
    let mut columns = vec![
        ("type", Align::Left),
        ("behind", Align::Right),
        ("full gz", Align::Right),
        ("published delta", Align::Right),
        ("journal, with head", Align::Right),
        ("journal / best peer", Align::Right),
    ];
    columns.extend(PEERS.map(|peer| (peer.name(), Align::Right)));
    let mut bytes = Table::new(&columns);
    let mut rows = Vec::new();
    let mut reads = BTreeMap::new();
    for (age, old) in &prepared.olds {
        let of_age = prepared.journaling.as_ref().map(|journaling| journaling.reads(old)).transpose()?;
        reads.insert(*age, of_age.unwrap_or_default());
    }
    for data_type in TYPES {
        let full = fs::metadata(&full[data_type])?.len();
        for age in prepared.olds.keys() {
            let delta = published.deltas[&(data_type, *age)].as_ref();
            let delta = delta.map(|path| fs::metadata(path).map(|m| m.len())).transpose()?;
            let mut cells =
                vec![data_type.to_owned(), age.to_string(), human(full), delta.map_or("full".into(), human)];
            let journal = reads[age].get(data_type).copied();
            let best = RIVALS.iter().filter_map(|peer| match made.get(&(data_type, *age, *peer)) {
                Some(Made::Bytes(bytes, ..)) => Some(*bytes),
                _ => None,
            });
            let best = best.min();
            cells.push(journal.map_or("not served".into(), human));
            let ratio = journal.zip(best).map(|(journal, best)| measure::ratio(journal, best));
            cells.push(ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
            let mut row = json!({
                "type": data_type, "behind": age, "full": full, "published": delta, "journal": journal,
                "best_peer": best,
            });
            for peer in PEERS {
                let made = made.get(&(data_type, *age, peer)).copied().unwrap_or(Made::TooSlow);
                cells.push(cell(made));
                row[peer.name()] = figures(made);
            }
            bytes.row(cells);
            rows.push(row);
        }
    }
    report.add("bytes", rows);
    report.table("Bytes to download", &bytes);
    let mut times = Table::new(
        &[("type", Align::Left)]
            .into_iter()
            .chain(PEERS.map(|p| (p.name(), Align::Right)))
            .collect::<Vec<_>>(),
    );
    for data_type in TYPES {
        let slowest = |peer| {
            let of_peer = made.iter().filter(|((t, _, p), _)| *t == data_type && *p == peer);
            let took = of_peer.filter_map(|(_, made)| match made {
                Made::Bytes(_, wall, rss) => Some((*wall, *rss)),
                _ => None,
            });
            let slowest = took.max_by(|a, b| a.0.total_cmp(&b.0));
            slowest.map_or("-".to_owned(), |(wall, rss)| format!("{wall:.1} s, {:.0} MB", rss * 1024.0 / 1e6))
        };
        times.row([data_type.to_owned()].into_iter().chain(PEERS.map(slowest)));
    }
    report.table("Making the slowest of these pairs (two at a time), and peak memory", &times);
    Ok(())
}

fn cell(made: Made) -> String {
    match made {
        Made::Bytes(bytes, ..) => human(bytes),
        Made::TooSlow => "too slow".to_owned(),
        Made::TooLarge => "too large".to_owned(),
    }
}

fn figures(made: Made) -> Value {
    match made {
        Made::Bytes(bytes, wall, rss) => {
            json!({ "bytes": bytes, "wall_s": measure::round(wall), "rss_kib": rss })
        }
        Made::TooSlow => json!({ "gave_up": "too slow" }),
        Made::TooLarge => json!({ "gave_up": "too large for it" }),
    }
}
