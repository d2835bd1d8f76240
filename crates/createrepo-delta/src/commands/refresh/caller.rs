//! What the dnf5 that runs a hook was called for: it runs hooks for every command, and tells
//! them no more than the number of its process.

use std::io::Read as _;
use std::path::PathBuf;

/// Commands of dnf5 that ask for no metadata of repositories.
const WITHOUT: [&str; 12] = [
    "autoremove",
    "check",
    "clean",
    "config-manager",
    "copr",
    "history",
    "leaves",
    "mark",
    "offline",
    "remove",
    "repo",
    "repolist",
];
/// Options of dnf5, before its commands, whose value may be the next word.
const WITH_VALUE: [&str; 20] = [
    "--color",
    "--comment",
    "--config",
    "--disable-plugin",
    "--disable-repo",
    "--disableplugin",
    "--disablerepo",
    "--enable-plugin",
    "--enable-repo",
    "--enableplugin",
    "--enablerepo",
    "--forcearch",
    "--installroot",
    "--releasever",
    "--repo",
    "--repofrompath",
    "--repoid",
    "--setopt",
    "--setvar",
    "-c",
];
/// Commands with more words are not looked at to the end.
const MAX_SIZE: u64 = 64 << 10;

/// Whether the command of this process may ask for metadata. True where that cannot be told:
/// a process that is gone, or one that is no command line.
pub(super) fn may_ask(process: u32) -> bool {
    let path = PathBuf::from(format!("/proc/{process}/cmdline"));
    let mut words = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_end(&mut words));
    read.is_err() || command(&words).is_none_or(|command| !WITHOUT.contains(&command))
}

/// The first word that is neither an option nor the value of one. Where it is another word than
/// dnf5 takes for its command, what follows is a refresh too many, or one too few, which dnf5
/// makes up for.
fn command(words: &[u8]) -> Option<&str> {
    let words = words.split(|byte| *byte == 0).skip(1).filter_map(|word| std::str::from_utf8(word).ok());
    let mut words = words.filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_behind_options() {
        for (words, expected) in [
            ("dnf5\0history\0list\0", Some("history")),
            ("/usr/bin/dnf5\0-y\0--setopt=a=b\0install\0clean\0", Some("install")),
            ("dnf5\0--installroot\0/x\0-q\0-c\0clean\0--releasever=1\0repolist\0", Some("repolist")),
            ("dnf5\0--setopt\0", None),
            ("dnf5daemon-server\0", None),
            ("dnf5\0-C\0\0", None),
            ("", None),
        ] {
            assert_eq!(command(words.as_bytes()), expected, "{words:?}");
        }
    }

    #[test]
    fn a_process_that_is_gone_may_have_asked() {
        assert!(may_ask(u32::MAX));
    }
}
