//! `completions` and `man`: what packages install beside the program.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

const COMPLETIONS: &str = "\
Examples:
  createrepo-delta completions bash > createrepo-delta
  install -D -m 644 createrepo-delta -t \\
      /usr/share/bash-completion/completions";

/// Write the man pages into a directory
///
/// There is one page per command and one for the configuration file. Pages of section 1, `*.1`,
/// belong in man1; createrepo-delta.toml.5 in man5. Without a directory the page of the program
/// itself is printed.
#[derive(Debug, Args)]
#[command(after_long_help = MAN)]
pub(crate) struct Manual {
    /// The directory; it is made if need be
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

const MAN: &str = "\
Examples:
  createrepo-delta man pages
  install -D -m 644 -t /usr/share/man/man1 pages/*.1
  install -D -m 644 -t /usr/share/man/man5 pages/*.5
  createrepo-delta man | man -l -";
