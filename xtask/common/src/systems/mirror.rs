//! The mirror from which this machine's own apt has its packages.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A mirror of Debian, as a line of sources.list begins: with its key, if one is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mirror {
    options: String,
    url: String,
}

impl Mirror {
    /// The one that has the release of this machine.
    pub(super) fn of_this_machine() -> Result<Self> {
        let release = fs::read_to_string("/etc/os-release")?;
        let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let codename = codename.context("`/etc/os-release` names no VERSION_CODENAME")?;
        let sources = sources(Path::new("/etc/apt"))?;
        let found = sources.iter().find_map(|path| {
            let text = fs::read_to_string(path).ok()?;
            let is_deb822 = path.extension().is_some_and(|extension| extension == "sources");
            if is_deb822 { in_stanzas(&text, codename) } else { in_lines(&text, codename) }
        });
        found.with_context(|| format!("no file of `/etc/apt` names a mirror of {codename}: {sources:?}"))
    }

    /// The line for another release.
    pub(super) fn line(&self, release: &str) -> String {
        format!("deb {}{} {release} main", self.options, self.url)
    }
}

/// Files with sources, in apt's order.
fn sources(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![directory.join("sources.list")];
    let parts = directory.join("sources.list.d");
    if parts.is_dir() {
        let entries = fs::read_dir(&parts)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        let is_source =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "sources" || end == "list");
        found.extend(entries.into_iter().filter(is_source));
    }
    found.retain(|path| path.is_file());
    found.sort();
    Ok(found)
}

fn mirror(url: &str, key: Option<&str>) -> Mirror {
    let options = key.map_or_else(String::new, |key| format!("[signed-by={key}] "));
    Mirror { options, url: url.to_owned() }
}

/// In the format of one line a source: `deb [OPTIONS] URL RELEASE COMPONENT…`.
fn in_lines(text: &str, codename: &str) -> Option<Mirror> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mut words = rest.split_whitespace();
        let (url, release) = (words.next()?, words.next()?);
        let key = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
        (release == codename && words.any(|component| component == "main")).then(|| mirror(url, key))
    })
}

/// In the format of fields, as of deb822.
fn in_stanzas(text: &str, codename: &str) -> Option<Mirror> {
    text.split("\n\n").find_map(|stanza| {
        let field = |name: &str| {
            let mut fields = stanza.lines().filter_map(|line| line.split_once(':'));
            fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let has = |name: &str, word: &str| field(name)?.split_whitespace().find(|found| *found == word);
        has("Types", "deb")?;
        has("Suites", codename)?;
        has("Components", "main")?;
        Some(mirror(field("URIs")?.split_whitespace().next()?, field("Signed-By")))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_source_in_one_line_is_found() {
        let text = "# deb http://old.example.org bookworm main\n\
                    deb-src http://src.example.org/debian bookworm main\n\
                    deb http://security.example.org/debian bookworm-security main\n\
                    deb [arch=amd64 signed-by=/key.gpg] http://a.example.org/debian bookworm contrib main\n";
        let found = in_lines(text, "bookworm").unwrap();
        assert_eq!(found.line("trixie"), "deb [signed-by=/key.gpg] http://a.example.org/debian trixie main");
        let found = in_lines("deb  http://b.example.org/ bookworm main\n", "bookworm").unwrap();
        assert_eq!(found.line("testing"), "deb http://b.example.org/ testing main");
        assert_eq!(in_lines(text, "sid"), None);
    }

    #[test]
    fn a_source_in_fields_is_found() {
        let text = "Types: deb\nURIs: https://other.example.org\nSuites: nodistro\nComponents: main\n\n\
                    Types: deb deb-src\n# of old: http://old.example.org\nURIs: http://a.example.org/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /key.gpg\n";
        let found = in_stanzas(text, "bookworm").unwrap();
        assert_eq!(found.line("trixie"), "deb [signed-by=/key.gpg] http://a.example.org/debian trixie main");
        assert_eq!(in_stanzas(text, "sid"), None);
    }
}
