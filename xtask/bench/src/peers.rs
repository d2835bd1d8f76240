//! Bytes to download per client age, beside what other tools make of the same
//! files. Each peer gets one pair of open files; what it takes is told, too, but
//! two work at a time, so that their wall times are no more than an impression.

use crate::clients::Published;
use crate::options::{Options, TYPES};
use crate::peer::{GENERAL, Outcome, PEERS, Pair, Peer};
use crate::prepare::Prepared;
use crate::report::Report;
use crate::{files, measure};
use anyhow::{Context as _, Result, anyhow};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use xtask_common::table::{Align, Table, human};

/// One pair for one peer.
struct Job {
    peer: Peer,
    data_type: &'static str,
    age: usize,
    old: PathBuf,
    new: PathBuf,
}

/// Lets every peer make every pair.
pub(crate) fn measure(
    prepared: &Prepared,
    published: &Published,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    let mut made = BTreeMap::new();
    let new = files::by_type(&prepared.newest)?;
    // One type at a time, for the open files take room.
    for data_type in TYPES {
        let open = |file: &Path, name: String| {
            let path = prepared.work.join(name);
            files::open(file, &path).map(|()| path)
        };
        let target = open(&new[data_type], format!("{data_type}-new.xml"))?;
        let mut jobs = Vec::new();
        let mut olds = Vec::new();
        for (age, repo) in &prepared.olds {
            let old = open(&files::by_type(repo)?[data_type], format!("{data_type}-{age}.xml"))?;
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
    report.add("bytes", rows(prepared, published, &made)?);
    report.table("Bytes to download", &bytes(report.rows("bytes")));
    report.table("Making the slowest of these pairs (two at a time), and peak memory", &times(&made));
    Ok(())
}

type All = BTreeMap<(&'static str, usize, Peer), Outcome>;

fn run_all(prepared: &Prepared, jobs: &[Job], options: &Options) -> Result<All> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(All::new());
    let work = || -> Result<()> {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let pair = Pair { data_type: job.data_type, old: &job.old, new: &job.new };
            let outcome = job.peer.run(&pair, &prepared.program, options.limit);
            let outcome = outcome.with_context(|| format!("{:?}", job.peer))?;
            let mut all = all.lock().map_err(|_| anyhow!("a thread failed"))?;
            all.insert((job.data_type, job.age, job.peer), outcome);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow!("a thread failed"))?)
    })?;
    all.into_inner().map_err(|_| anyhow!("a thread failed"))
}

/// The figures of every type and age.
fn rows(prepared: &Prepared, published: &Published, made: &All) -> Result<Vec<Value>> {
    let full = files::by_type(&prepared.newest)?;
    let mut rows = Vec::new();
    let mut reads = BTreeMap::new();
    for (age, old) in &prepared.olds {
        let of_age =
            prepared.journaling.as_ref().map(|journaling| journaling.reads(old, *age)).transpose()?;
        reads.insert(*age, of_age.unwrap_or_default());
    }
    for data_type in TYPES {
        let full = fs::metadata(&full[data_type])?.len();
        for age in prepared.olds.keys() {
            let delta = published.deltas[&(data_type, *age)].as_ref();
            let delta = delta.map(|path| fs::metadata(path).map(|m| m.len())).transpose()?;
            let best = GENERAL.iter().filter_map(|peer| match made.get(&(data_type, *age, *peer)) {
                Some(Outcome::Bytes(bytes, ..)) => Some(*bytes),
                _ => None,
            });
            let mut row = json!({
                "type": data_type, "behind": age, "full": full, "published": delta,
                "journal": reads[age].alone.get(data_type), "best_peer": best.min(),
            });
            for peer in PEERS {
                row[peer.name()] =
                    figures(made.get(&(data_type, *age, peer)).copied().unwrap_or(Outcome::TooSlow));
            }
            rows.push(row);
        }
    }
    for (age, reads) in &reads {
        let of_age = rows.iter().filter(|row| row["behind"] == *age);
        let sum = |field: &str| of_age.clone().map(|row| row[field].as_u64()).sum::<Option<u64>>();
        let (full, best) = (sum("full"), sum("best_peer"));
        rows.push(json!({
            "type": "all three", "behind": age, "full": full, "published": Value::Null,
            "journal": reads.together.map(|reads| reads.bytes), "best_peer": best,
        }));
    }
    Ok(rows)
}

fn bytes(rows: &[Value]) -> Table {
    let mut columns = vec![
        ("type", Align::Left),
        ("behind", Align::Right),
        ("full gz", Align::Right),
        ("published delta", Align::Right),
        ("journal", Align::Right),
        ("journal / best peer", Align::Right),
    ];
    columns.extend(PEERS.map(|peer| (peer.name(), Align::Right)));
    let mut table = Table::new(&columns);
    for row in rows {
        let number = |key: &str| row[key].as_u64();
        let shown = |key: &str, none: &str| number(key).map_or_else(|| none.to_owned(), human);
        let ratio = number("journal").zip(number("best_peer"));
        let ratio = ratio.map(|(journal, best)| format!("{:.2}", measure::ratio(journal, best)));
        let kind = row["type"].as_str().unwrap_or_default();
        let mut cells = vec![
            kind.to_owned(),
            row["behind"].to_string(),
            shown("full", "-"),
            shown("published", if TYPES.contains(&kind) { "full" } else { "-" }),
            shown("journal", "not served"),
            ratio.unwrap_or_else(|| "-".to_owned()),
        ];
        cells.extend(PEERS.map(|peer| {
            let made = &row[peer.name()];
            let why = made["gave_up"].as_str().unwrap_or("-").to_owned();
            made["bytes"].as_u64().map_or(why, human)
        }));
        table.row(cells);
    }
    table
}

fn times(made: &All) -> Table {
    let columns = [("type", Align::Left)].into_iter().chain(PEERS.map(|p| (p.name(), Align::Right)));
    let mut times = Table::new(&columns.collect::<Vec<_>>());
    for data_type in TYPES {
        let slowest = |peer| {
            let of_peer = made.iter().filter(|((t, _, p), _)| *t == data_type && *p == peer);
            let took = of_peer.filter_map(|(_, made)| match made {
                Outcome::Bytes(_, wall, rss) => Some((*wall, *rss)),
                _ => None,
            });
            let slowest = took.max_by(|a, b| a.0.total_cmp(&b.0));
            slowest.map_or("-".to_owned(), |(wall, rss)| format!("{wall:.1} s, {:.0} MB", rss * 1024.0 / 1e6))
        };
        times.row([data_type.to_owned()].into_iter().chain(PEERS.map(slowest)));
    }
    times
}

fn figures(made: Outcome) -> Value {
    match made {
        Outcome::Bytes(bytes, wall, rss) => {
            json!({ "bytes": bytes, "wall_s": measure::round(wall), "rss_kib": rss })
        }
        Outcome::TooSlow => json!({ "gave_up": "too slow" }),
        Outcome::TooLarge => json!({ "gave_up": "too large" }),
    }
}
