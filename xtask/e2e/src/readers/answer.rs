//! What readers are shown, and what they answer.

use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;

/// A repository as readers see it.
pub(crate) struct Site {
    /// Its URL.
    pub(crate) url: String,
    /// Its directory, for readers that want one.
    pub(crate) directory: PathBuf,
    /// The public key that signs it; with one, the signature is checked.
    pub(crate) key: Option<PathBuf>,
}

impl Site {
    /// An unsigned repository in a directory.
    pub(crate) fn local(directory: &Path) -> Self {
        let url = format!("file://{}", directory.display());
        Self { url, directory: directory.to_path_buf(), key: None }
    }
}

/// What a reader said.
pub(crate) enum Answer {
    /// Everything that it found.
    Listed(String),
    /// It failed.
    Refused {
        /// Its last message.
        message: String,
        /// The command and everything that it printed.
        details: String,
    },
}

impl Answer {
    /// What it found, or why it failed.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Listed(text) | Self::Refused { details: text, .. } => text,
        }
    }

    /// With something else in place of a text.
    pub(super) fn replaced(self, text: &str, by: &str) -> Self {
        match self {
            Self::Listed(listing) => Self::Listed(listing.replace(text, by)),
            refused @ Self::Refused { .. } => refused,
        }
    }

    /// Without the lines that begin with `prefix`: they are never the same twice.
    pub(super) fn without(self, prefix: &str) -> Self {
        match self {
            Self::Listed(text) => {
                let lines = text.lines().filter(|line| !line.starts_with(prefix));
                Self::Listed(lines.flat_map(|line| [line, "\n"]).collect())
            }
            refused @ Self::Refused { .. } => refused,
        }
    }
}

/// Runs the commands in order; the answer is what all printed, or the message
/// of the first that failed.
pub(super) fn sequence<'a>(commands: impl IntoIterator<Item = &'a mut Command>) -> Result<Answer> {
    let mut listing = String::new();
    for command in commands {
        let output = process::attempt(command)?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
            return Ok(Answer::Refused {
                message: last.unwrap_or("no message").to_owned(),
                details: process::failure(command, &output),
            });
        }
        listing += &String::from_utf8_lossy(&output.stdout);
    }
    Ok(Answer::Listed(listing))
}
