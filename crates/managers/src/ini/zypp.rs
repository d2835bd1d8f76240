//! Ini files as libzypp reads them.
//!
//! White space round a line counts for nothing, comments may be indented, and
//! there are no quotes. `baseurl` and `gpgkey` are collected: from further lines
//! that are no assignments, from repeated keys, and from repeated sections. Any
//! other such line is an error.

use super::{IniError, Section, section};

/// Characters that no key has: so a URL with `=` in it is no assignment.
const NOT_IN_KEYS: [char; 6] = [':', '/', '?', '|', ',', '\\'];

/// Keys whose values are collected, one to a line of the result.
const COLLECTED: [&str; 2] = ["baseurl", "gpgkey"];

/// The sections of a file.
pub(crate) fn parse(text: &str) -> Result<Vec<Section>, IniError> {
    let mut sections = Vec::new();
    let mut current = String::new();
    let mut collecting: Option<&str> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let error = |expected| IniError::new(at + 1, expected, line);
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(after) = line.strip_prefix('[') {
            let (name, _) = after.rsplit_once(']').ok_or_else(|| error("`]` after a section"))?;
            section(&mut sections, name);
            name.clone_into(&mut current);
            continue;
        }
        let assignment = line.split_once('=').filter(|(key, _)| !key.contains(NOT_IN_KEYS));
        let section = section(&mut sections, &current);
        match (assignment, collecting) {
            (Some((key, value)), _) => {
                let (key, value) = (key.trim_end(), value.trim_start());
                collecting = COLLECTED.into_iter().find(|name| *name == key);
                match collecting {
                    Some(key) => collect(section, key, value),
                    None => section.set(key, value.to_owned()),
                }
            }
            (None, Some(key)) => collect(section, key, line),
            (None, None) => return Err(error("a key and `=`")),
        }
    }
    Ok(sections)
}

fn collect(section: &mut Section, key: &str, value: &str) {
    let all = match section.get(key) {
        Some(before) => format!("{before}\n{value}"),
        None => value.to_owned(),
    };
    section.set(key, all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_sections_joined() {
        let text = "\n  # c\n [a/b [x] c]\n Name = n = m \nname=\n[b]\nk='q'\n[a/b [x] c]\nk=1\r\n";
        let sections = parse(text).unwrap();
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].name, "a/b [x] c");
        assert_eq!(sections[0].get("Name"), Some("n = m"));
        assert_eq!(sections[0].get("name"), Some(""));
        assert_eq!(sections[0].get("k"), Some("1"));
        assert_eq!(sections[1].get("k"), Some("'q'"));
    }

    #[test]
    fn urls_are_collected() {
        let text = "[b]\nbaseurl=http://a/?x=y\n  http://b/?p=q\n# c\nhttp://c/\nname=x\nbaseurl=http://d/\ngpgkey=k\nl/\n";
        let section = &parse(text).unwrap()[0];
        assert_eq!(section.get("baseurl"), Some("http://a/?x=y\nhttp://b/?p=q\nhttp://c/\nhttp://d/"));
        assert_eq!(section.get("gpgkey"), Some("k\nl/"));
    }

    #[test]
    fn what_libzypp_refuses_is_refused() {
        for (text, line) in [("[a\n", 1), ("[a]\nname=x\nword\n", 3), ("[a]\nk:x=1\n", 2)] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
