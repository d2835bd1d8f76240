//! One progress bar for each type, where standard error is a terminal.
//!
//! Warnings are printed above the bars, and printed without bars, too.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use delta_client::progress::{Progress, Step};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{messages, shown};

const KNOWN: &str = "{prefix:<12} {msg:<8} [{bar:24}] {bytes:>10} of {total_bytes}";
const UNKNOWN: &str = "{prefix:<12} {msg:<8} {spinner} {bytes:>10}";

/// The bars of one run.
pub(super) struct Bars {
    all: MultiProgress,
    by_type: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Bars {
    /// None are drawn when `quiet`, or where nobody looks.
    pub(super) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Self { all: MultiProgress::with_draw_target(target), by_type: Mutex::default() }
    }

    /// Removes all bars.
    pub(super) fn clear(&self) {
        // A terminal that cannot be written to has no bars to remove.
        let _ = self.all.clear();
    }

    fn with(&self, data_type: &str, act: impl FnOnce(&ProgressBar)) {
        let mut bars = self.by_type.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(data_type.to_owned()).or_insert_with(|| {
            // Adding a bar draws it: it has its style and its name before.
            let bar = ProgressBar::no_length().with_prefix(shown::line(data_type).into_owned());
            let style = ProgressStyle::with_template(UNKNOWN);
            self.all.add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())))
        });
        act(bar);
    }
}

impl Progress for Bars {
    fn began(&self, data_type: &str, step: Step, total: Option<u64>) {
        self.with(data_type, |bar| {
            bar.set_message(match step {
                Step::Journal => "journal",
                Step::Delta => "delta",
                Step::Apply => "applying",
                Step::Full => "full",
                Step::Recipe => "recipe",
                _ => "checking",
            });
            let template = if total.is_some() { KNOWN } else { UNKNOWN };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            bar.set_position(0);
        });
    }

    fn advanced(&self, data_type: &str, bytes: u64) {
        self.with(data_type, |bar| bar.inc(bytes));
    }

    fn ended(&self, data_type: &str) {
        let bar = self.by_type.lock().unwrap_or_else(PoisonError::into_inner).remove(data_type);
        bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn warning(&self, text: &str) {
        self.all.suspend(|| messages::warning(text));
    }
}
