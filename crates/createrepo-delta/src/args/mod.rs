//! The command line's grammar, one file per group of commands. Nothing is done
//! here beyond turning words into values.

mod files;
mod generate;
mod history;
mod hooks;
mod rebuilding;
mod recipes;
mod refresh;
mod repositories;
mod repository;
mod servers;
mod shared;
mod shell;
mod tree;
mod update;
mod values;

use clap::{ArgAction, Parser, Subcommand};

use crate::{exit, terminal};

pub(crate) use files::{Apply, Diff};
pub(crate) use generate::Generate;
pub(crate) use history::{Action, Check, Drop, History, Import, List, Prune, Show};
pub(crate) use hooks::{Hook, Ids, is_hook};
pub(crate) use rebuilding::Rebuilding;
pub(crate) use recipes::Recipes;
pub(crate) use refresh::Refresh;
pub(crate) use repositories::Repositories;
pub(crate) use repository::{Inspect, Strip, Verify};
pub(crate) use servers::Servers;
pub(crate) use shared::{Details, Json, Report};
pub(crate) use shell::{Completions, Manual};
pub(crate) use tree::{command, parse};
pub(crate) use update::Update;
pub(crate) use values::Selector;

/// Publish and apply small deltas of RPM repository metadata
///
/// Publishers run `createrepo-delta generate` after `createrepo_c` and before repomd.xml is
/// signed. It remembers past publishes in a history, writes deltas beside the metadata and lists
/// them in repomd.xml. Clients then download what changed instead of the full files.
///
/// Clients run `createrepo-delta refresh` to bring the caches of dnf, dnf5 and zypper up to date,
/// or `createrepo-delta update` to keep a copy of a repository's metadata.
///
/// Results go to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "createrepo-delta",
    version,
    disable_version_flag = true,
    styles = terminal::styles(),
    max_term_width = 100,
    after_long_help = after()
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version, hide_short_help = true)]
    version: (),
}

fn after() -> String {
    [EXAMPLES, &exit::help(), ENVIRONMENT].join("\n\n")
}

const EXAMPLES: &str = "\
Examples:
  createrepo_c /srv/repo
  createrepo-delta generate \\
      --history /var/lib/createrepo-delta/repo /srv/repo
  gpg --detach-sign --armor /srv/repo/repodata/repomd.xml
  createrepo-delta update \\
      https://mirror.example.org/repo /var/cache/repo";

const ENVIRONMENT: &str = "\
Environment:
  NO_COLOR  when set and not empty, nothing has colours
  CLICOLOR_FORCE
            when set and not 0, colours also where there is no terminal
  http_proxy, https_proxy, all_proxy, no_proxy
            proxies, which `update` and `refresh` use";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(Generate),
    Update(Update),
    Refresh(Refresh),
    Verify(Verify),
    Inspect(Inspect),
    Strip(Strip),
    Apply(Apply),
    Diff(Diff),
    Recipes(Recipes),
    History(History),
    Completions(Completions),
    Man(Manual),
}
