//! `cargo xtask dist`: the archives of a release, from the commit that is checked out; and
//! `cargo xtask packages`, which makes packages of them and tries those.
//!
//! The source archive has every dependency in it, and the program is built from that
//! archive without a network. Nothing in the archives depends on where or when they are
//! made: `--twice` makes them again elsewhere and compares. Nothing is published or signed
//! here.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod archive;
mod binary;
mod commit;
mod glibc;
mod licences;
mod linked;
mod packages;
mod release;
mod sbom;
mod source;
mod templates;
mod tools;

use anyhow::Result;
use std::process::ExitCode;
use xtask_common::paths;
use xtask_common::task::{self, misuse};

fn main() -> ExitCode {
    task::run(|words| match *words {
        ["dist", ref words @ ..] => dist(words),
        ["packages", ref words @ ..] => packages::run(words).map(|()| true),
        _ => Err(misuse("expected `dist` or `packages`")),
    })
}

fn dist(words: &[&str]) -> Result<bool> {
    let (mut is_twice, mut is_source) = (false, false);
    for word in words {
        match *word {
            "--twice" => is_twice = true,
            "--source" => is_source = true,
            _ => return Err(misuse(format_args!("unknown option `{word}`"))),
        }
    }
    let parts = if is_source { release::Parts::Source } else { release::Parts::All };
    let output = paths::scratch().join("dist");
    let commit = commit::Commit::of_checkout()?;
    release::make(&commit, parts, &output)?;
    if is_twice {
        // Of another length, and elsewhere.
        let again = std::env::temp_dir().join(format!("createrepo-delta-again-{}", std::process::id()));
        let result = release::make(&commit, parts, &again).and_then(|()| release::compare(&output, &again));
        if again.exists() {
            std::fs::remove_dir_all(&again)?;
        }
        result?;
    }
    Ok(true)
}
