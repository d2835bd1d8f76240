//! How every program of these tasks begins and ends: its arguments, and its exit status.

use anyhow::{Result, anyhow};
use std::env;
use std::fmt::Display;
use std::process::ExitCode;

/// Runs `task` with the arguments of this program. Its result says whether everything
/// passed; an error is shown.
pub fn run(task: impl FnOnce(&[&str]) -> Result<bool>) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match task(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is said of arguments that mean nothing.
pub fn misuse(what: impl Display) -> anyhow::Error {
    anyhow!("{what}\n\nhint: run `cargo xtask help`")
}
