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
/// is written, and so does anything that is not of one of the four forms. Takes
/// time in proportion to the text, whoever wrote it.
pub(crate) fn expand(text: &str, variables: &Variables) -> String {
    Text::new(text, variables, false).expanded()
}

/// As [`expand`], but `\` stands before any character that is to stay as it is, and goes:
/// dnf5 does that.
pub(crate) fn expand_escaped(text: &str, variables: &Variables) -> String {
    Text::new(text, variables, true).expanded()
}

/// A text, and where the words in it end.
struct Text<'a> {
    whole: &'a str,
    /// By where the reference begins: where the brace is that ends its word.
    ends: BTreeMap<usize, usize>,
    variables: &'a Variables,
    /// Whether `\` means something outside of words and before any character.
    is_escaped: bool,
}

/// What stands between the braces, or after the `$`.
struct Reference<'a> {
    name: &'a str,
    word: Option<Word>,
    /// Where it ends.
    end: usize,
}

struct Word {
    /// Whether it is for the case that there is a value.
    if_set: bool,
    start: usize,
    end: usize,
}

impl<'a> Text<'a> {
    fn new(whole: &'a str, variables: &'a Variables, is_escaped: bool) -> Self {
        Self { whole, ends: ends(whole, is_escaped), variables, is_escaped }
    }

    fn expanded(&self) -> String {
        self.replaced(0, self.whole.len(), 0)
    }

    /// What is from `start` to `end`, in `depth` words.
    fn replaced(&self, start: usize, end: usize, depth: usize) -> String {
        let part = |from: usize, to: usize| self.whole.get(from..to).unwrap_or_default();
        let mut out = String::new();
        let mut at = start;
        while let Some(next) = part(at, end).find(['$', '\\']).map(|next| at + next) {
            out.push_str(part(at, next));
            let mut after = part(next, end).chars();
            if after.next() == Some('\\') {
                // Only in words: there `}` may have to be written.
                let is_known = |c: &char| self.is_escaped || depth > 0 && matches!(c, '$' | '}' | '\\');
                let escaped = after.next().filter(is_known);
                out.push(escaped.unwrap_or('\\'));
                at = next + 1 + escaped.map_or(0, char::len_utf8);
                continue;
            }
            let Some(reference) = self.reference(next) else {
                out.push('$');
                at = next + 1;
                continue;
            };
            match self.value(&reference, depth) {
                Some(value) => out.push_str(&value),
                None => out.push_str(part(next, reference.end)),
            }
            at = reference.end;
        }
        out + part(at, end)
    }

    /// The reference that begins at this `$`.
    fn reference(&self, at: usize) -> Option<Reference<'_>> {
        let text = self.whole.get(at..)?;
        let (name, if_set) = match Start::read(text)? {
            Start::Name(name) => {
                return Some(Reference { name, word: None, end: at + 1 + name.len() });
            }
            Start::Braces(name) => {
                return Some(Reference { name, word: None, end: at + 3 + name.len() });
            }
            Start::Word { name, if_set } => (name, if_set),
        };
        let end = *self.ends.get(&at)?;
        let word = Word { if_set, start: at + 4 + name.len(), end };
        Some(Reference { name, word: Some(word), end: end + 1 })
    }

    fn value(&self, reference: &Reference<'_>, depth: usize) -> Option<String> {
        let value = self.variables.get(reference.name);
        let set = value.filter(|value| !value.is_empty());
        match (&reference.word, set) {
            (None, _) => value.cloned(),
            (Some(word), set) if word.if_set == set.is_some() => {
                Some(self.replaced(word.start, word.end, depth + 1))
            }
            (Some(_), set) => Some(set.cloned().unwrap_or_default()),
        }
    }
}

/// What a reference begins with.
enum Start<'a> {
    /// `$name`
    Name(&'a str),
    /// `${name}`
    Braces(&'a str),
    /// `${name:-` or `${name:+`
    Word { name: &'a str, if_set: bool },
}

impl<'a> Start<'a> {
    /// What `text` begins with.
    fn read(text: &'a str) -> Option<Self> {
        let after = text.strip_prefix('$')?;
        let Some(inside) = after.strip_prefix('{') else {
            return name(after).map(|(name, _)| Self::Name(name));
        };
        let (name, after) = name(inside)?;
        if after.starts_with('}') {
            return Some(Self::Braces(name));
        }
        let if_set = after.starts_with(":+");
        (if_set || after.starts_with(":-")).then_some(Self::Word { name, if_set })
    }
}

/// Letters, digits and `_`, at least one.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Where words end: of those that have begun, a brace ends the last one.
fn ends(text: &str, is_escaped: bool) -> BTreeMap<usize, usize> {
    let mut ends = BTreeMap::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['$', '\\', '}'])) {
        at += next;
        let rest = text.get(at..).unwrap_or_default();
        let mut characters = rest.chars();
        at += match (characters.next(), Start::read(rest)) {
            (Some('\\'), _) if is_escaped || !open.is_empty() => {
                1 + characters.next().map_or(0, char::len_utf8)
            }
            (Some('}'), _) => {
                if let Some(start) = open.pop() {
                    ends.insert(start, at);
                }
                1
            }
            (_, Some(Start::Braces(name))) => 3 + name.len(),
            (_, Some(Start::Word { name, .. })) if open.len() < MAX_DEPTH => {
                open.push(at);
                4 + name.len()
            }
            _ => 1,
        };
    }
    ends
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
    fn what_is_escaped_stays_for_dnf5() {
        for (text, expected) in [
            ("\\$releasever \\a\\\\ \\", "$releasever a\\ \\"),
            ("${none:-a\\b\\}c}", "ab}c"),
            ("\\${none:-a}", "${none:-a}"),
            ("\\ü$releasever", "ü9"),
        ] {
            assert_eq!(expand_escaped(text, &variables()), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "${a:-".repeat(100_000) + &"}".repeat(100_000);
        assert!(expand(&text, &variables()).len() <= text.len());
        assert_eq!(expand(&"${a:-".repeat(100_000), &variables()), "${a:-".repeat(100_000));
        assert_eq!(expand("${a:-${b:-${releasever}", &variables()), "${a:-${b:-9");
        assert_eq!(expand("${a:-${b:-x}", &variables()), "${a:-x");
        let many = "${a:-".repeat(31) + &"${b:-x}".repeat(100_000);
        assert_eq!(expand(&many, &variables()), "${a:-".repeat(31) + &"x".repeat(100_000));
    }

    #[test]
    fn versions_are_divided_once() {
        let mut variables = Variables::from([("releasever".to_owned(), "15.6.1".to_owned())]);
        derive_releasever(&mut variables);
        assert_eq!(expand("$releasever_major|$releasever_minor", &variables), "15|6.1");
    }
}
