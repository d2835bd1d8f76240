//! How far a run is: a line for each file at work, where standard error is a terminal that people look at.
//!
//! Nothing is drawn in the first second, so that short runs draw nothing; after that lines that changed are drawn
//! anew five times a second, whatever happens. Messages are printed above the lines, and printed without lines, too.
//! `task` has what a line says, `screen` the lines on the terminal.

mod screen;
mod task;

use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::screen::Screen;
use self::task::{Task, Unit};
use crate::{messages, terminal};

/// What takes less is over before anybody wonders.
const QUIET: Duration = Duration::from_secs(1);
/// How long what is drawn stays.
const DRAWN: Duration = Duration::from_millis(200);

/// The lines of one run.
pub(crate) struct Bars {
    lines: Arc<Lines>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Lines {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    /// What is at work, in the order in which it began.
    tasks: Vec<Task>,
    screen: Screen,
    /// Whether the first second is over.
    is_shown: bool,
    /// Whether nothing more is drawn.
    is_over: bool,
}

impl Bars {
    /// None are drawn when `quiet`, or where nobody looks.
    pub(crate) fn new(quiet: bool) -> Self {
        let lines = Arc::new(Lines::default());
        let of_thread = Arc::clone(&lines);
        let thread = (!quiet && terminal::shows_progress()).then(|| {
            // Without this thread nothing is drawn.
            std::thread::Builder::new().name("progress".to_owned()).spawn(move || of_thread.draw()).ok()
        });
        Self { lines, thread: Mutex::new(thread.flatten()) }
    }

    /// Removes all lines; nothing is drawn any more.
    pub(crate) fn clear(&self) {
        let mut state = lock(&self.lines.state);
        state.is_over = true;
        write(&state.screen.clear());
        drop(state);
        self.lines.over.notify_all();
        if let Some(thread) = lock(&self.thread).take() {
            // Nothing can be done about a thread that panicked.
            let _ = thread.join();
        }
    }

    /// Prints something while lines may be there.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        let mut state = lock(&self.lines.state);
        write(&state.screen.clear());
        let printed = print();
        state.draw();
        printed
    }

    fn began(&self, name: &str, doing: &'static str, total: Option<u64>, unit: Unit) {
        let task = Task::new(name, doing, total, unit, Instant::now());
        let tasks = &mut lock(&self.lines.state).tasks;
        match tasks.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = task,
            None => tasks.push(task),
        }
    }

    /// Something without numbers begins.
    pub(crate) fn began_alone(&self, name: &str, doing: &'static str) {
        self.began(name, doing, None, Unit::Nothing);
    }

    /// So much more is done.
    fn advance(&self, name: &str, number: u64) {
        let mut state = lock(&self.lines.state);
        if let Some(task) = state.tasks.iter_mut().find(|task| task.name == name) {
            task.advance(number);
        }
    }

    /// What `name` did is over.
    pub(crate) fn end(&self, name: &str) {
        lock(&self.lines.state).tasks.retain(|task| task.name != name);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Lines {
    /// Draws the lines from the first second on.
    fn draw(&self) {
        let mut state = lock(&self.state);
        let mut wait = QUIET;
        loop {
            let waited = self.over.wait_timeout_while(state, wait, |state| !state.is_over);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return;
            }
            state.is_shown = true;
            let now = Instant::now();
            state.tasks.iter_mut().for_each(|task| task.measure(now));
            state.draw();
            wait = DRAWN;
        }
    }
}

impl State {
    fn draw(&mut self) {
        if self.is_shown && !self.is_over {
            let (columns, rows) = terminal::size_of_stderr();
            let lines = self.tasks.iter().map(|task| task.line(columns));
            write(&self.screen.show(lines.collect(), rows));
        }
    }
}

/// A terminal that cannot be written to has no lines.
fn write(text: &str) {
    if !text.is_empty() {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
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
