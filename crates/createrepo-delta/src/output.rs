//! Results, on standard output: text for people, one JSON object for programs.

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;
use serde::Serialize;

/// Prints a result. A reader that has gone away is no error: it has read what
/// it wanted.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write the result"),
        _ => Ok(()),
    }
}

/// Prints a result as a JSON object.
pub(crate) fn json(result: &impl Serialize) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(result).context("cannot write the result as JSON")?;
    text(&(json + "\n"))
}
