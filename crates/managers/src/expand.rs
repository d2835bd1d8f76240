//! Variables in configuration values: `$name`, `${name}`, and with a word for
//! the case that there is none, `${name:-word}`, or that there is one,
//! `${name:+word}`.
//!
//! dnf 4.14 and libzypp 17.25 agree on the first two. libzypp knows the others
//! as well, and so do later versions of libdnf; 4.14 leaves them as they are.
//! Where they are used with 4.14, its URL is of no use to anybody.

use std::collections::BTreeMap;

/// Names and their values.
pub type Variables = BTreeMap<String, String>;

/// Words in words are not looked at beyond this.
const MAX_DEPTH: usize = 32;

/// `text` with its variables replaced. A variable without a value stays as it
/// is written, and so does anything that is not of one of the four forms.
#[must_use]
pub fn expand(text: &str, variables: &Variables) -> String {
    replaced(text, variables, 0)
}

fn replaced(text: &str, variables: &Variables, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = found.strip_prefix('\\') {
            // Only in words: there `}` may have to be written.
            let escaped = after.chars().next().filter(|c| depth > 0 && matches!(c, '$' | '}' | '\\'));
            out.push(escaped.unwrap_or('\\'));
            rest = if escaped.is_some() { after.get(1..).unwrap_or_default() } else { after };
            continue;
        }
        let Some((reference, after)) = reference(found, depth) else {
            out.push('$');
            rest = found.get(1..).unwrap_or_default();
            continue;
        };
        match value(&reference, variables, depth) {
            Some(value) => out.push_str(&value),
            None => out.push_str(found.get(..found.len() - after.len()).unwrap_or_default()),
        }
        rest = after;
    }
    out + rest
}

/// What stands between the braces, or after the `$`.
struct Reference<'a> {
    name: &'a str,
    word: Option<Word<'a>>,
}

enum Word<'a> {
    IfUnset(&'a str),
    IfSet(&'a str),
}

/// The reference that `text` starts with, and what follows it.
fn reference(text: &str, depth: usize) -> Option<(Reference<'_>, &str)> {
    let after = text.strip_prefix('$')?;
    let Some(inside) = after.strip_prefix('{') else {
        let (name, rest) = name(after)?;
        return Some((Reference { name, word: None }, rest));
    };
    let (name, after) = name(inside)?;
    if let Some(rest) = after.strip_prefix('}') {
        return Some((Reference { name, word: None }, rest));
    }
    if depth >= MAX_DEPTH {
        return None;
    }
    let (if_unset, after) = match after.strip_prefix(":-") {
        Some(after) => (true, after),
        None => (false, after.strip_prefix(":+")?),
    };
    let end = end_of_word(after, depth + 1)?;
    let (word, rest) = after.split_at(end);
    let word = if if_unset { Word::IfUnset(word) } else { Word::IfSet(word) };
    Some((Reference { name, word: Some(word) }, rest.get(1..).unwrap_or_default()))
}

/// Letters, digits and `_`, at least one.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Where the brace is that ends a word.
fn end_of_word(text: &str, depth: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        match rest.chars().next()? {
            '}' => return Some(at),
            '\\' => at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '$' => at += reference(rest, depth).map_or(1, |(_, after)| rest.len() - after.len()),
            c => at += c.len_utf8(),
        }
    }
}

fn value(reference: &Reference<'_>, variables: &Variables, depth: usize) -> Option<String> {
    let value = variables.get(reference.name);
    let set = value.filter(|value| !value.is_empty());
    match (&reference.word, set) {
        (None, _) => value.cloned(),
        (Some(Word::IfUnset(word)), None) | (Some(Word::IfSet(word)), Some(_)) => {
            Some(replaced(word, variables, depth + 1))
        }
        (Some(Word::IfUnset(_)), Some(value)) => Some(value.clone()),
        (Some(Word::IfSet(_)), None) => Some(String::new()),
    }
}

/// Adds `releasever_major` and `releasever_minor`, divided at the first point,
/// where `releasever` has a value and they have none.
pub(crate) fn derive_releasever(variables: &mut Variables) {
    if let Some(version) = variables.get("releasever").cloned() {
        let (major, minor) = version.split_once('.').unwrap_or((&version, ""));
        variables.entry("releasever_major".to_owned()).or_insert_with(|| major.to_owned());
        variables.entry("releasever_minor".to_owned()).or_insert_with(|| minor.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let pairs = [("releasever", "9"), ("basearch", "x86_64"), ("empty", ""), ("a_1", "A")];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn known_ones_are_replaced_and_others_stay() {
        for (text, expected) in [
            ("", ""),
            ("$releasever/$basearch/os", "9/x86_64/os"),
            ("${releasever}x$a_1", "9xA"),
            ("$releasever_x ${releasever_x}", "$releasever_x ${releasever_x}"),
            ("$", "$"),
            ("$$releasever", "$9"),
            ("a$/b", "a$/b"),
            ("${releasever", "${releasever"),
            ("${releasever$basearch", "${releaseverx86_64"),
            ("${}", "${}"),
            ("$empty|${empty}", "|"),
            ("\\$releasever \\", "\\9 \\"),
            ("ä$releaseverö", "ä9ö"),
        ] {
            assert_eq!(expand(text, &variables()), expected, "{text}");
        }
    }

    #[test]
    fn words_for_what_is_set_and_what_is_not() {
        for (text, expected) in [
            ("${none:-word}", "word"),
            ("${empty:-word}", "word"),
            ("${releasever:-word}", "9"),
            ("${none:+word}", ""),
            ("${releasever:+word}", "word"),
            ("epel${none:+-z}-$releasever", "epel-9"),
            ("${none:-$releasever.${other:-0}}!", "9.0!"),
            ("${none:-a\\}b\\$c}", "a}b$c"),
            ("${none:-", "${none:-"),
            ("${none:-$releasever", "${none:-9"),
            ("${none:=x}", "${none:=x}"),
            ("${none:-a$}", "a$"),
        ] {
            assert_eq!(expand(text, &variables()), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "${a:-".repeat(100_000) + &"}".repeat(100_000);
        assert!(expand(&text, &variables()).len() <= text.len());
    }

    #[test]
    fn versions_are_divided_once() {
        let mut variables = Variables::from([("releasever".to_owned(), "15.6.1".to_owned())]);
        derive_releasever(&mut variables);
        assert_eq!(expand("$releasever_major|$releasever_minor", &variables), "15|6.1");
    }
}
