//! What the dnf5 that runs a hook was called for: it runs hooks for every command, and tells
//! them no more than the number of its process.

use std::io::Read as _;
use std::path::PathBuf;

use super::dnf5_commands::{self, WITH_VALUE};

/// Commands with more words are not looked at to the end.
const MAX_SIZE: u64 = 64 << 10;

/// Options that say what configurations and URLs are, in ways that are not known here.
const UNKNOWN: [&str; 5] =
    ["--forcearch", "--releasever-major", "--releasever-minor", "--setvar", "--use-host-config"];
/// How names of settings begin that say how servers are reached.
const NETWORK: [&str; 4] = ["password", "proxy", "ssl", "username"];

const RELEASEVER: &str = "--releasever";
const SETOPT: &str = "--setopt";

/// A command line of dnf5.
#[derive(Debug, Default)]
pub(super) struct CallerLine {
    /// The command and what follows, but options.
    words: Vec<String>,
    /// Names, and values where they are known to be some.
    options: Vec<(String, Option<String>)>,
}

impl CallerLine {
    /// That of this process. An empty one where it cannot be read: the process is gone, or is
    /// no command.
    pub(super) fn read(process: u32) -> Self {
        let path = PathBuf::from(format!("/proc/{process}/cmdline"));
        let mut bytes = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_end(&mut bytes));
        read.map(|_| Self::parse(&bytes)).unwrap_or_default()
    }

    /// Where a word is taken for another thing than dnf5 takes it for, what follows is a refresh
    /// too many, or one too few, which dnf5 makes up for.
    fn parse(bytes: &[u8]) -> Self {
        let words = bytes.split(|byte| *byte == 0).skip(1).filter_map(|word| std::str::from_utf8(word).ok());
        let mut words = words.filter(|word| !word.is_empty()).map(str::to_owned);
        let mut line = Self::default();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                line.words.push(word);
            } else if let Some((name, value)) = word.split_once('=') {
                line.options.push((name.to_owned(), Some(value.to_owned())));
            } else {
                let value = if WITH_VALUE.contains(&&*word) { words.next() } else { None };
                line.options.push((word, value));
            }
        }
        line
    }

    /// Whether it may ask for metadata, in a way that is known here.
    pub(super) fn may_ask(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let options: Vec<&str> = self.options.iter().map(|(name, _)| name.as_str()).collect();
        let is_known = !options.iter().any(|option| UNKNOWN.contains(option))
            && !self.values(SETOPT).any(is_network_setting);
        is_known && dnf5_commands::may_ask(&words, &options)
    }

    /// What it says `$releasever` is.
    pub(super) fn releasever(&self) -> Option<&str> {
        self.values(RELEASEVER).last()
    }

    fn values(&self, option: &'static str) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(name, _)| name == option).filter_map(|(_, value)| value.as_deref())
    }
}

/// Whether a setting, `[ID.]NAME=VALUE`, says how servers are reached.
fn is_network_setting(setting: &str) -> bool {
    let key = setting.split_once('=').map_or(setting, |(key, _)| key);
    let name = key.rsplit_once('.').map_or(key, |(_, name)| name);
    NETWORK.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> CallerLine {
        CallerLine::parse(words.replace(' ', "\0").as_bytes())
    }

    #[test]
    fn commands_that_ask() {
        for words in [
            "/usr/bin/dnf5 -y --setopt=a=b install clean",
            "dnf5 --repo clean upgrade",
            "dnf5 --comment remove upgrade",
            "dnf5 upgrade history list",
            "dnf5 history undo 1",
            "dnf5 history --releasever 41 redo list",
            "dnf5 repo info",
            "dnf5 repoinfo",
            "dnf5 list",
            "dnf5 list --extras",
            "dnf5 repoquery --installed --available",
            "dnf5 versionlock add list",
            "dnf5 system-upgrade download",
            "dnf5 group list --installed",
            "dnf5 install repo",
            "dnf5 --setopt",
            "dnf5 --setopt=demo.gpgcheck=0 upgrade",
            "dnf5daemon-server",
            "",
        ] {
            assert!(line(words).may_ask(), "{words}");
        }
    }

    #[test]
    fn commands_that_do_not() {
        for words in [
            "dnf5 history list",
            "dnf5 --installroot /x -q -c clean --releasever=1 repolist",
            "dnf5 --releasever 41 history list",
            "dnf5 -c F history list",
            "dnf5 --setopt k=v history info",
            "dnf5 --comment install history list",
            "dnf5 -x pkg1 remove -y x",
            "dnf5 -y --enable-repo gz clean dbcache",
            "dnf5 --repofrompath a,b repo -q list",
            "dnf5 rm x",
            "dnf5 list x --installed",
            "dnf5 info --installed",
            "dnf5 repoquery --userinstalled",
            "dnf5 rq --leaves",
            "dnf5 versionlock list",
            "dnf5 system-upgrade status",
            "dnf5 install --help",
            "dnf5 --dump-variables",
        ] {
            assert!(!line(words).may_ask(), "{words}");
        }
    }

    #[test]
    fn what_is_not_known_here_is_left() {
        for words in [
            "dnf5 --setopt=proxy=http://p upgrade",
            "dnf5 upgrade --setopt demo.example.sslverify=0",
            "dnf5 --installroot=/x --use-host-config upgrade",
            "dnf5 --setvar=a=b upgrade",
        ] {
            assert!(!line(words).may_ask(), "{words}");
        }
    }

    #[test]
    fn releasever_is_that_of_the_command_line() {
        for (words, expected) in [
            ("dnf5 --releasever=9 upgrade", Some("9")),
            ("dnf5 upgrade --releasever 41", Some("41")),
            ("dnf5 --comment --releasever=9 upgrade", None),
            ("dnf5 upgrade --releasever", None),
            ("dnf5 upgrade", None),
        ] {
            assert_eq!(line(words).releasever(), expected, "{words}");
        }
    }

    #[test]
    fn a_process_that_is_gone_may_have_asked() {
        assert!(CallerLine::read(u32::MAX).may_ask());
    }
}
