//! What a line says: a file, what is done with it, and how far that is.

use std::collections::VecDeque;
use std::time::Instant;

use crate::{number, shown};

/// The longest name that is shown whole, where there is room.
const NAME: usize = 24;
/// A name has at least so much room.
const LEAST_NAME: usize = 10;
/// What the rest of a line usually takes, without speed.
const REST: usize = 46;
/// How wide a bar is.
const BAR: u64 = 8;
/// Speeds are those since so many measurements: two seconds.
const MEASURED: usize = 10;

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Pieces,
    Nothing,
}

/// One file at work.
pub(super) struct Task {
    pub(super) name: String,
    doing: &'static str,
    total: Option<u64>,
    unit: Unit,
    done: u64,
    /// How much was done when, the latest last.
    measured: VecDeque<(Instant, u64)>,
}

impl Task {
    pub(super) fn new(name: &str, doing: &'static str, total: Option<u64>, unit: Unit, now: Instant) -> Self {
        Self { name: name.to_owned(), doing, total, unit, done: 0, measured: VecDeque::from([(now, 0)]) }
    }

    /// So much more is done.
    pub(super) fn advance(&mut self, number: u64) {
        self.done = self.done.saturating_add(number);
    }

    /// Takes note of how much is done now.
    pub(super) fn measure(&mut self, now: Instant) {
        if self.measured.len() > MEASURED {
            self.measured.pop_front();
        }
        self.measured.push_back((now, self.done));
    }

    /// `filelists  full     [====>   ] 0.6 of 2.7 MiB  600 KiB/s`, as far as there are numbers, in less than so many
    /// columns.
    pub(super) fn line(&self, columns: usize) -> String {
        let name = shown::line(&self.name);
        let name = shown::cut(&name, columns.saturating_sub(REST).clamp(LEAST_NAME, NAME));
        let blanks = " ".repeat(LEAST_NAME.saturating_sub(shown::columns(&name)));
        let line = format!("{name}{blanks} {:<8}{}", self.doing, self.numbers());
        let room = columns.saturating_sub(1);
        let speed = self.speed().map_or(String::new(), |speed| format!("  {}/s", number::bytes(speed)));
        if shown::columns(&line) + speed.len() <= room {
            return (line + &speed).trim_end().to_owned();
        }
        shown::cut(line.trim_end(), room).into_owned()
    }

    fn numbers(&self) -> String {
        let done = self.total.map_or(self.done, |total| self.done.min(total));
        match (self.unit, self.total) {
            (Unit::Bytes, Some(total)) => format!(" {} {}", bar(done, total), number::of(done, total)),
            (Unit::Bytes, None) => format!(" {}", number::bytes(done)),
            (Unit::Pieces, Some(total)) => format!(" {} {done} of {total}", bar(done, total)),
            (Unit::Pieces, None) => format!(" {done}"),
            (Unit::Nothing, _) => String::new(),
        }
    }

    /// Bytes in a second.
    fn speed(&self) -> Option<u64> {
        let (first, last) = (self.measured.front()?, self.measured.back()?);
        let (millis, bytes) = (last.0.duration_since(first.0).as_millis(), last.1 - first.1);
        let speed = (u128::from(bytes) * 1000).checked_div(millis)?;
        (self.unit == Unit::Bytes).then(|| u64::try_from(speed).unwrap_or(u64::MAX))
    }
}

/// `[====>   ]`
fn bar(done: u64, total: u64) -> String {
    let filled = (u128::from(done) * u128::from(BAR)).checked_div(u128::from(total));
    let filled = filled.and_then(|filled| usize::try_from(filled).ok()).unwrap_or_default();
    let tip = if done < total { ">" } else { "" };
    format!("[{:<8}]", format!("{}{tip}", "=".repeat(filled)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn task(name: &str, total: Option<u64>, unit: Unit, done: u64) -> Task {
        let start = Instant::now();
        let mut task = Task::new(name, "full", total, unit, start);
        task.advance(done);
        task.measure(start + Duration::from_secs(1));
        task
    }

    #[test]
    fn lines_say_what_is_known() {
        let cases = [
            (Some(2_831_155), Unit::Bytes, "[=>      ] 0.6 of 2.7 MiB  614.4 KiB/s"),
            (None, Unit::Bytes, "614.4 KiB  614.4 KiB/s"),
            (Some(1_258_290), Unit::Pieces, "[====>   ] 629145 of 1258290"),
            (Some(629_145), Unit::Pieces, "[========] 629145 of 629145"),
            (Some(0), Unit::Pieces, "[        ] 0 of 0"),
            (None, Unit::Pieces, "629145"),
        ];
        for (total, unit, numbers) in cases {
            let line = task("filelists", total, unit, 629_145).line(80);
            assert_eq!(line, format!("filelists  full     {numbers}"));
        }
        assert_eq!(task("other", None, Unit::Nothing, 0).line(80), "other      full");
    }

    #[test]
    fn lines_fit_the_terminal() {
        let names = ["primary", "软件仓库", &"x".repeat(250), "fedora-updates:filelists"];
        for name in names {
            for columns in [40, 60, 80] {
                let line = task(name, Some(12_345_678_901), Unit::Bytes, 1_234_567_890).line(columns);
                assert!(shown::columns(&line) < columns, "{line}");
                assert!(columns < 60 || line.contains("1.1 of 11.5 GiB"), "{line}");
            }
        }
        // The speed is left out before anything is cut.
        let long = task("fedora:filelists", Some(999_000_000), Unit::Bytes, 99_000_000);
        assert_eq!(long.line(60), "fedora:…elists full     [>       ] 94.4 of 952.7 MiB");
    }

    #[test]
    fn speeds_are_those_of_the_last_seconds() {
        let start = Instant::now();
        let mut task = Task::new("primary", "full", None, Unit::Bytes, start);
        for tenth in 1..=100_u64 {
            task.advance(if tenth < 50 { 1_000_000 } else { 1024 });
            task.measure(start + Duration::from_millis(200 * tenth));
        }
        assert_eq!(task.speed(), Some(5 * 1024));
    }
}
