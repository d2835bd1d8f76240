//! Running a whole process several times: wall time, processor time, and the
//! peak of its resident memory, with their spread.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use xtask_common::process;

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time, of all threads and children, in hundredths.
    pub(crate) cpu: f64,
    /// Peak of the resident memory in KiB; of the largest process, where there
    /// are several.
    pub(crate) rss: f64,
}

/// The least, the middle and the most of some figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    pub(crate) fn new(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or_default();
        Self { min: at(0), median: at(figures.len() / 2), max: at(figures.len().saturating_sub(1)) }
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "min": round(self.min), "median": round(self.median), "max": round(self.max) })
    }
}

/// To thousandths: more is noise.
pub(crate) fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

/// A figure as a share of another.
#[expect(clippy::cast_precision_loss, reason = "it is for people")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Spreads of what several runs took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) wall: Spread,
    pub(crate) cpu: Spread,
    pub(crate) rss: Spread,
}

impl Took {
    pub(crate) fn new(samples: &[Sample]) -> Self {
        Self {
            wall: Spread::new(samples.iter().map(|s| s.wall)),
            cpu: Spread::new(samples.iter().map(|s| s.cpu)),
            rss: Spread::new(samples.iter().map(|s| s.rss)),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "wall_s": self.wall.json(), "cpu_s": self.cpu.json(), "rss_kib": self.rss.json() })
    }
}

/// Runs `command`, which must succeed.
pub(crate) fn once(command: &Command) -> Result<(Sample, Output)> {
    match within(command, Duration::MAX)? {
        Some(result) => Ok(result),
        None => bail!("`{}` did not end", process::describe(command)),
    }
}

/// Runs `command`, which must succeed; nothing where it takes longer than `limit`.
pub(crate) fn within(command: &Command, limit: Duration) -> Result<Option<(Sample, Output)>> {
    let mut timed = Command::new("time");
    timed.args(["--quiet", "--format", "\n%U %S %M"]);
    if limit < Duration::MAX {
        timed.arg("timeout").arg(limit.as_secs().to_string());
    }
    timed.arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        timed.current_dir(directory);
    }
    timed.stdin(Stdio::null());
    let begun = Instant::now();
    let output = timed.output().with_context(|| format!("cannot start `{}`", process::describe(&timed)))?;
    let wall = begun.elapsed().as_secs_f64();
    if output.status.code() == Some(TIMED_OUT) && limit < Duration::MAX {
        return Ok(None);
    }
    if !output.status.success() {
        bail!(process::failure(command, &output));
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let figures: Vec<f64> = text
        .lines()
        .next_back()
        .unwrap_or_default()
        .split(' ')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("`time` printed `{text}`"))?;
    let [user, system, rss] = figures[..] else { bail!("`time` printed `{text}`") };
    Ok(Some((Sample { wall, cpu: user + system, rss }, output)))
}

/// The exit status with which `timeout` says so.
const TIMED_OUT: i32 = 124;

/// A shell's command line, for pipes; its failures are those of any part of it.
pub(crate) fn shell(line: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-o", "pipefail", "-ec", line]);
    command
}
