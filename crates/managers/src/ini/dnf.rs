//! Ini files as libdnf reads them.
//!
//! A comment starts at the first column. A line that starts with white space
//! continues the value before it, unless an empty line or a comment is between
//! them; what is continued is joined by newlines. A value in quotes loses them.
//! Anything else is an error, and libdnf then takes nothing of the file.

use super::{IniError, Section, section};

const BLANK: [char; 3] = [' ', '\t', '\r'];

/// The sections of a file.
pub(crate) fn parse(text: &str) -> Result<Vec<Section>, IniError> {
    let mut sections = Vec::new();
    let mut current: Option<String> = None;
    // The key and the value that may still go on.
    let mut open: Option<(String, String)> = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.split('\n').enumerate() {
        let number = at + 1;
        let error = |expected| IniError::new(number, expected, line);
        if line.is_empty() || line.starts_with(['#', ';']) {
            close(&mut sections, current.as_deref(), &mut open);
            continue;
        }
        let body = line.trim_matches(BLANK);
        if body.is_empty() {
            if let Some((_, value)) = &mut open {
                value.push('\n');
            }
            continue;
        }
        if let Some(after) = body.strip_prefix('[') {
            close(&mut sections, current.as_deref(), &mut open);
            let (name, after) = split_section(after).ok_or_else(|| error("`]` after a section"))?;
            if name.is_empty() {
                return Err(error("the name of a section"));
            }
            if !only_comment(after) {
                return Err(error("nothing after a section"));
            }
            section(&mut sections, name);
            current = Some(name.to_owned());
            continue;
        }
        if current.is_none() {
            return Err(error("a section"));
        }
        if line.starts_with(BLANK) {
            let (_, value) = open.as_mut().ok_or_else(|| error("a key before a continued value"))?;
            value.push('\n');
            value.push_str(body);
            continue;
        }
        close(&mut sections, current.as_deref(), &mut open);
        let (key, value) = body.split_once('=').ok_or_else(|| error("`=`"))?;
        if key.is_empty() {
            return Err(error("a key before `=`"));
        }
        let key = key.trim_end_matches([' ', '\t']);
        open = Some((key.to_owned(), value.trim_start_matches([' ', '\t']).to_owned()));
    }
    close(&mut sections, current.as_deref(), &mut open);
    Ok(sections)
}

/// The name of a section, and what is behind its bracket. Brackets in it are those of a
/// pattern, as dnf5 has them, if they come in pairs.
fn split_section(text: &str) -> Option<(&str, &str)> {
    let mut is_open = false;
    let end = text.char_indices().find_map(|(at, c)| match c {
        ']' if !is_open => Some(at),
        ']' | '[' => {
            is_open = c == '[';
            None
        }
        _ => None,
    });
    match end {
        Some(end) => Some((text.get(..end)?, text.get(end + 1..)?)),
        None => text.split_once(']'),
    }
}

/// Whether what follows a section's bracket is nothing but a comment. The last
/// character counts for nothing: so libdnf does it.
fn only_comment(after: &str) -> bool {
    let mut seen = after.chars();
    seen.next_back();
    seen.take_while(|c| !matches!(c, '#' | ';')).all(|c| BLANK.contains(&c))
}

fn close(sections: &mut Vec<Section>, current: Option<&str>, open: &mut Option<(String, String)>) {
    let (Some(name), Some((key, value))) = (current, open.take()) else {
        return;
    };
    let value = value.trim_end_matches('\n');
    let bare = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    section(sections, name).set(&key, bare.unwrap_or(value).to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String, String)> {
        let sections = parse(text).unwrap();
        let entries = sections.into_iter().flat_map(|section| {
            let name = section.name;
            section.entries.into_iter().map(move |(key, value)| (name.clone(), key, value))
        });
        entries.collect()
    }

    #[test]
    fn sections_keys_and_values() {
        let text = "\u{feff}# first\n[main] ; c\na = 1\nb= x = y \t\r\n\n [s t]\nA=\"q\"\nB='\nC=''\n[main]\na=2\nn=\n";
        let expected = [
            ("main", "a", "2"),
            ("main", "b", "x = y"),
            ("main", "n", ""),
            ("s t", "A", "q"),
            ("s t", "B", "'"),
            ("s t", "C", ""),
        ];
        let expected = expected.map(|(s, k, v)| (s.to_owned(), k.to_owned(), v.to_owned()));
        assert_eq!(values(text), expected);
    }

    #[test]
    fn patterns_have_brackets() {
        for (text, name) in [("[[ab]*]\n", "[ab]*"), ("[a[b] # c\n", "a[b"), ("[a[!0-9]]\n", "a[!0-9]")] {
            assert_eq!(parse(text).unwrap()[0].name, name, "{text}");
        }
    }

    #[test]
    fn values_go_on_in_lines_that_start_with_white_space() {
        let text = "[r]\nbaseurl=http://a/\n  http://b/ \n \t\n\thttp://c/\nx=\n 1\n  \n";
        let found = values(text);
        assert_eq!(found[0].2, "http://a/\nhttp://b/\n\nhttp://c/");
        assert_eq!(found[1].2, "\n1");
    }

    #[test]
    fn what_libdnf_refuses_is_refused() {
        for (text, line, expected) in [
            ("a=1\n", 1, "a section"),
            ("[a\n", 1, "`]` after a section"),
            ("[]\n", 1, "the name of a section"),
            ("[a] xx\n", 1, "nothing after a section"),
            ("[a]\n b\n", 2, "a key before a continued value"),
            ("[a]\nk=1\n\n b\n", 4, "a key before a continued value"),
            ("[a]\nk=1\n# c\n b\n", 4, "a key before a continued value"),
            ("[a]\n=1\n", 2, "a key before `=`"),
            ("[a]\nk\n", 2, "`=`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.expected), (line, expected), "{text}");
        }
    }
}
