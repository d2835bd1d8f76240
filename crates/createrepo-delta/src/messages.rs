//! Messages for people, on standard error: errors, warnings, notes and hints.
//!
//! The words `error` and `warning` have colours that can be read on light and dark ground, other labels are
//! bold; whether there are any is chosen in `terminal`. A message that cannot be written is lost; there is nowhere
//! to say so.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Status;
use crate::hints::Caller;
use crate::{failure, hints, shown};

const RED: &str = "\x1b[1;31m";
/// Yellow cannot be read on a light ground.
const MAGENTA: &str = "\x1b[1;35m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Whether only failures are told.
static BRIEF: AtomicBool = AtomicBool::new(false);
/// Whether the one line for failures was written.
static FAILURE_PRINTED: AtomicBool = AtomicBool::new(false);

/// From now on nothing is told but the first thing that is wrong here, in one line: for
/// commands that run inside others. What fails next has the same cause, such as a full disk, or
/// is told when that is mended.
pub(crate) fn be_brief() {
    BRIEF.store(true, Ordering::Relaxed);
}

/// Why the command failed: the error, its causes, and what to do about it.
pub(crate) fn failure(error: &anyhow::Error, caller: Caller<'_>) {
    failed("", error, caller);
}

/// The same for one of several repositories.
pub(crate) fn failure_of(name: &str, error: &anyhow::Error, caller: Caller<'_>) {
    failed(&format!("{name}: "), error, caller);
}

fn failed(prefix: &str, error: &anyhow::Error, caller: Caller<'_>) {
    if BRIEF.load(Ordering::Relaxed) {
        if failure::status(error) != Status::Temporary && !FAILURE_PRINTED.swap(true, Ordering::Relaxed) {
            let text = format!("{prefix}{}", texts(error).join(": "));
            print_line(format_args!("createrepo-delta: {}", shown::line(&text)));
        }
        return;
    }
    let mut texts = texts(error).into_iter();
    line(RED, "error", format_args!("{prefix}{}", texts.next().unwrap_or_default()));
    texts.for_each(|text| indented(&format!("caused by: {text}")));
    if let Some(text) = hints::hint_for(error, caller) {
        hint(&text);
    }
}

/// An error and its causes. Most messages of the libraries tell their cause
/// themselves; those that say nothing new are left out.
pub(crate) fn texts(error: &anyhow::Error) -> Vec<String> {
    let mut last = String::new();
    let mut texts = Vec::new();
    for text in error.chain().map(ToString::to_string) {
        if texts.is_empty() || !last.contains(&text) {
            texts.push(text.clone());
        }
        last = text;
    }
    texts
}

/// Why the command line makes no sense. It has words of it in, which may be names that
/// came from elsewhere: where they are not to be shown as they are, colours go.
pub(crate) fn usage(error: &clap::Error) {
    let text = error.render().to_string();
    match shown::lines(&text) {
        // A message that cannot be written is lost.
        Cow::Borrowed(_) => drop(error.print()),
        Cow::Owned(escaped) => print(escaped.trim_end()),
    }
}

/// The same in one line.
pub(crate) fn hook_usage(error: &clap::Error) {
    let text = error.render().to_string();
    let words: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let text = words.join(" ");
    print_line(format_args!("createrepo-delta: {}", shown::line(text.trim_start_matches("error: "))));
}

/// Something that is wrong with what was looked at.
pub(crate) fn problem(text: impl Display) {
    line(RED, "error", text);
}

/// Something that the operator should know or do.
pub(crate) fn warning(text: impl Display) {
    line(MAGENTA, "warning", text);
}

/// What to do about the message before. Nothing where a path in it is not to be shown as it is: a command with
/// escapes in it would be for another path.
pub(crate) fn hint(text: impl Display) {
    let text = text.to_string();
    if matches!(shown::lines(&text), Cow::Borrowed(_)) {
        line(BOLD, "hint", text);
    }
}

/// Something that is worth knowing, and needs nothing to be done.
pub(crate) fn note(text: impl Display) {
    line(BOLD, "note", text);
}

/// What was done, in a sentence.
pub(crate) fn say(text: impl Display) {
    plain(text);
}

fn line(colour: &str, label: &str, text: impl Display) {
    print(format_args!("{colour}{label}{RESET}: {}", shown::lines(&text.to_string())));
}

fn indented(text: &str) {
    plain(format_args!("  {text}"));
}

fn plain(text: impl Display) {
    print(shown::lines(&text.to_string()));
}

fn print(text: impl Display) {
    if !BRIEF.load(Ordering::Relaxed) {
        print_line(text);
    }
}

fn print_line(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
