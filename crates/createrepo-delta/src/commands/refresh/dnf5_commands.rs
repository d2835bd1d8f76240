//! Which commands of dnf5 ask for metadata of repositories. Tried with dnf5 5.4.6; a command
//! that is not known here asks.

/// When a command asks for no metadata.
enum Quiet {
    /// Whatever follows.
    Always,
    /// With one of these subcommands.
    Subcommands(&'static [&'static str]),
    /// With one of these options, unless `but` is there, too.
    Options { with: &'static [&'static str], but: &'static str },
}

const OFFLINE: Quiet = Quiet::Subcommands(&["clean", "log", "reboot", "status"]);
const LIST: Quiet = Quiet::Options { with: &["--autoremove", "--installed"], but: "--available" };
const REPOQUERY: Quiet = Quiet::Options {
    with: &[
        "--duplicates",
        "--installed",
        "--installonly",
        "--leaves",
        "--querytags",
        "--unneeded",
        "--userinstalled",
    ],
    but: "--available",
};

const COMMANDS: [(&str, Quiet); 24] = [
    ("autoremove", Quiet::Always),
    ("check", Quiet::Always),
    ("clean", Quiet::Always),
    ("config-manager", Quiet::Always),
    ("copr", Quiet::Always),
    ("history", Quiet::Subcommands(&["info", "list", "store"])),
    ("if", LIST),
    ("info", LIST),
    ("leaves", Quiet::Always),
    ("list", LIST),
    ("ls", LIST),
    ("mark", Quiet::Always),
    ("offline", Quiet::Always),
    ("offline-distrosync", OFFLINE),
    ("offline-upgrade", OFFLINE),
    ("remove", Quiet::Always),
    ("repo", Quiet::Subcommands(&["list"])),
    ("repolist", Quiet::Always),
    ("repomanage", Quiet::Always),
    ("repoquery", REPOQUERY),
    ("rm", Quiet::Always),
    ("rq", REPOQUERY),
    ("system-upgrade", OFFLINE),
    ("versionlock", Quiet::Subcommands(&["clear", "delete", "list"])),
];

/// Options that make any command print something, and do nothing else.
const PRINTING: [&str; 6] =
    ["--dump-main-config", "--dump-repo-config", "--dump-variables", "--help", "--version", "-h"];

/// Options of all commands whose value may be the next word.
pub(super) const WITH_VALUE: [&str; 26] = [
    "--color",
    "--comment",
    "--config",
    "--disable-plugin",
    "--disable-repo",
    "--disableplugin",
    "--disablerepo",
    "--dump-repo-config",
    "--enable-plugin",
    "--enable-repo",
    "--enableplugin",
    "--enablerepo",
    "--exclude",
    "--forcearch",
    "--installroot",
    "--releasever",
    "--releasever-major",
    "--releasever-minor",
    "--repo",
    "--repofrompath",
    "--repoid",
    "--setopt",
    "--setvar",
    "--store",
    "-c",
    "-x",
];

/// Whether a command asks for metadata, by its words that are no options, and by the names of
/// its options. Without a word for a command, as for a daemon, it may.
pub(super) fn may_ask(words: &[&str], options: &[&str]) -> bool {
    if options.iter().any(|option| PRINTING.contains(option)) {
        return false;
    }
    let known = words.first().and_then(|command| COMMANDS.iter().find(|(name, _)| name == command));
    let is_quiet = known.is_some_and(|(_, quiet)| match quiet {
        Quiet::Always => true,
        Quiet::Subcommands(subcommands) => words.get(1).is_some_and(|word| subcommands.contains(word)),
        Quiet::Options { with, but } => {
            options.iter().any(|option| with.contains(option)) && !options.contains(but)
        }
    });
    !is_quiet
}
