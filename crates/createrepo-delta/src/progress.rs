//! How far a run is: a line for each file at work, where standard error is a terminal that people look at.
//!
//! Nothing is drawn in the first second, so that short runs draw nothing. Messages are printed above the lines,
//! and printed without lines, too.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::{messages, number, shown, terminal};

/// What takes less is over before anybody wonders.
const QUIET: Duration = Duration::from_secs(1);
/// How often lines are drawn anew, in a second.
const DRAWN: u8 = 5;
/// The longest name that is shown whole.
const NAME: usize = 24;

/// The lines of one run.
pub(crate) struct Bars {
    lines: Arc<Lines>,
    reveal: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Lines {
    all: MultiProgress,
    by_name: Mutex<BTreeMap<String, ProgressBar>>,
    /// Whether nothing more is drawn.
    is_over: Mutex<bool>,
    over: Condvar,
}

/// What a number of a line counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
    Pieces,
    Nothing,
}

impl Bars {
    /// None are drawn when `quiet`, or where nobody looks.
    pub(crate) fn new(quiet: bool) -> Self {
        let lines =
            Lines { all: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()), ..Lines::default() };
        let lines = Arc::new(lines);
        let of_thread = Arc::clone(&lines);
        let reveal = (!quiet && terminal::shows_progress()).then(|| {
            // Without this thread nothing is drawn.
            std::thread::Builder::new().name("progress".to_owned()).spawn(move || of_thread.reveal()).ok()
        });
        Self { lines, reveal: Mutex::new(reveal.flatten()) }
    }

    /// Removes all lines; nothing is drawn any more.
    pub(crate) fn clear(&self) {
        *lock(&self.lines.is_over) = true;
        self.lines.over.notify_all();
        if let Some(thread) = lock(&self.reveal).take() {
            // Nothing can be done about a thread that panicked.
            let _ = thread.join();
        }
        // A terminal that cannot be written to has no lines to remove.
        let _ = self.lines.all.clear();
        self.lines.all.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Prints something while lines may be there.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.lines.all.suspend(print)
    }

    fn began(&self, name: &str, doing: &'static str, total: Option<u64>, unit: Unit) {
        self.lines.with(name, |bar| {
            bar.set_message(doing);
            bar.set_style(style(total.is_some(), unit));
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            bar.reset_elapsed();
            bar.reset_eta();
            bar.set_position(0);
        });
    }

    /// Something without numbers begins.
    pub(crate) fn began_alone(&self, name: &str, doing: &'static str) {
        self.began(name, doing, None, Unit::Nothing);
    }

    /// So much more is done.
    fn advance(&self, name: &str, number: u64) {
        self.lines.with(name, |bar| bar.inc(number));
    }

    /// What `name` did is over.
    pub(crate) fn end(&self, name: &str) {
        let bar = lock(&self.lines.by_name).remove(name);
        bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Lines {
    /// Draws lines from the first second on, also those of which nothing is heard.
    fn reveal(&self) {
        let mut wait = QUIET;
        let mut is_over = lock(&self.is_over);
        loop {
            let waited = self.over.wait_timeout_while(is_over, wait, |is_over| !*is_over);
            let (over, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if !timeout.timed_out() {
                return;
            }
            is_over = over;
            if wait == QUIET {
                self.all.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN));
                wait = QUIET / u32::from(DRAWN);
            }
            lock(&self.by_name).values().for_each(ProgressBar::tick);
        }
    }

    fn with(&self, name: &str, act: impl FnOnce(&ProgressBar)) {
        let mut bars = lock(&self.by_name);
        let bar = bars.entry(name.to_owned()).or_insert_with(|| {
            // Adding a line draws it: it has its style and its name before.
            let shown: String = shown::line(name).chars().take(NAME).collect();
            let bar = ProgressBar::no_length().with_prefix(shown);
            self.all.add(bar.with_style(style(false, Unit::Nothing)))
        });
        act(bar);
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `filelists  full     [====>       ] 0.6 of 2.7 MiB  600 KiB/s`, as far as there are numbers.
fn style(has_total: bool, unit: Unit) -> ProgressStyle {
    let bar = if has_total { " [{bar:8}]" } else { "" };
    let numbers = match (unit, has_total) {
        (Unit::Bytes, true) => " {done}  {speed}",
        (Unit::Bytes, false) => " {bytes}  {speed}",
        (Unit::Pieces, true) => " {pos} of {len}",
        (Unit::Pieces, false) => " {pos}",
        (Unit::Nothing, _) => "",
    };
    let template = format!("{{prefix:<10}} {{msg:<8}}{bar}{numbers}");
    let style = ProgressStyle::with_template(template.trim_end());
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    style
        .with_key("done", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&number::of(state.pos(), state.len().unwrap_or_default()));
        })
        .with_key("bytes", |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&number::bytes(state.pos()));
        })
        .with_key("speed", |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{}/s", number::bytes(whole(state.per_sec())));
        })
}

/// A speed without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a speed, for people")]
fn whole(speed: f64) -> u64 {
    speed as u64
}

impl delta_client::progress::Progress for Bars {
    fn began(&self, data_type: &str, step: delta_client::progress::Step, total: Option<u64>) {
        use delta_client::progress::Step;
        let doing = match step {
            Step::Journal => "journal",
            Step::Delta => "delta",
            Step::Apply => "applying",
            Step::Full => "full",
            Step::Recipe => "recipe",
            _ => "checking",
        };
        let unit = if step == Step::Recipe { Unit::Nothing } else { Unit::Bytes };
        self.began(data_type, doing, total, unit);
    }

    fn advanced(&self, data_type: &str, bytes: u64) {
        self.advance(data_type, bytes);
    }

    fn ended(&self, data_type: &str) {
        self.end(data_type);
    }

    fn warning(&self, text: &str) {
        self.suspend(|| messages::warning(text));
    }
}

impl delta_publish::progress::Progress for Bars {
    fn began(&self, name: &str, step: delta_publish::progress::Step, total: Option<u64>) {
        use delta_publish::progress::Step;
        let (doing, unit) = match step {
            Step::Encode => ("encoding", if total.is_some() { Unit::Pieces } else { Unit::Nothing }),
            Step::Prove => ("proving", Unit::Pieces),
            Step::Recipe => ("recipe", Unit::Nothing),
            _ => ("reading", Unit::Bytes),
        };
        self.began(name, doing, total, unit);
    }

    fn advanced(&self, name: &str, number: u64) {
        self.advance(name, number);
    }

    fn ended(&self, name: &str) {
        self.end(name);
    }
}

/// The lines of one of several repositories, which are named after it.
pub(crate) struct Named {
    /// As in `fedora:primary`.
    pub(crate) prefix: String,
    pub(crate) bars: Arc<Bars>,
}

impl delta_publish::progress::Progress for Named {
    fn began(&self, name: &str, step: delta_publish::progress::Step, total: Option<u64>) {
        let name = format!("{}{name}", self.prefix);
        delta_publish::progress::Progress::began(&*self.bars, &name, step, total);
    }

    fn advanced(&self, name: &str, number: u64) {
        self.bars.advance(&format!("{}{name}", self.prefix), number);
    }

    fn ended(&self, name: &str) {
        self.bars.end(&format!("{}{name}", self.prefix));
    }
}
