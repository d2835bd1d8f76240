//! Results, on standard output: text for people, one JSON object for programs. Where a
//! command writes a file to standard output, its results are on standard error.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::args::Report;
use crate::shown;

/// Prints a result. A reader that has gone away is no error: it has read what
/// it wanted.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    write(std::io::stdout().lock(), text)
}

/// Prints help, or the version.
pub(crate) fn help(help: &clap::Error) -> anyhow::Result<()> {
    write(anstream::stdout().lock(), &help.render().ansi().to_string())
}

fn write(mut out: impl Write, text: &str) -> anyhow::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write the result"),
        _ => Ok(()),
    }
}

/// Prints the result of a command as it was asked for. Whoever has something else to say
/// that must not be lost says it before looking at what came of this.
pub(crate) fn result(
    report: &Report,
    result: &impl Serialize,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    Beside::default().result(report, result, text)
}

/// Prints a result as a JSON object.
pub(crate) fn json(result: &impl Serialize) -> anyhow::Result<()> {
    text(&as_json(result)?)
}

fn as_json(result: &impl Serialize) -> anyhow::Result<String> {
    let text = serde_json::to_string_pretty(result).context("cannot write the result as JSON")?;
    Ok(shown::in_json(&text) + "\n")
}

/// Where the results of a command are printed that writes a file of the operator's
/// choice.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside {
    stdout_is_taken: bool,
}

impl Beside {
    /// For a command that writes to `file`.
    pub(crate) fn file(file: &Path) -> Self {
        Self { stdout_is_taken: durable::streams::Output::is_stdout(file) }
    }

    /// As [`result`].
    pub(crate) fn result(
        self,
        report: &Report,
        result: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        match report {
            Report { json: true, .. } => self.json(result),
            Report { quiet: true, .. } => Ok(()),
            _ => self.text(&text()),
        }
    }

    pub(crate) fn text(self, text: &str) -> anyhow::Result<()> {
        if self.stdout_is_taken { write(std::io::stderr().lock(), text) } else { self::text(text) }
    }

    pub(crate) fn json(self, result: &impl Serialize) -> anyhow::Result<()> {
        self.text(&as_json(result)?)
    }
}
