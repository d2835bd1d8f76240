//! The attributes of one tag.
//!
//! Names stay qualified, as written; namespaces are the cursor's matter.

use std::borrow::Cow;

use super::Unsupported;
use super::characters::{attribute_value, is_name, is_space};
use crate::read::ReadError;

/// The most attributes of one element that are kept.
const MAX_ATTRIBUTES: usize = 256;

/// One attribute, with its value as XML reports it.
#[derive(Debug, Clone)]
pub(crate) struct Attribute<'a> {
    /// The name, with its prefix.
    pub(crate) name: &'a str,
    /// The value, references resolved.
    pub(crate) value: Cow<'a, str>,
    /// Where the name starts.
    pub(crate) offset: usize,
}

/// Reads `raw`, the text at `offset` between the name of an element and the
/// end of its tag. Attributes beyond a number that no repomd.xml has are only
/// noted in `unsupported`.
pub(super) fn scan<'a>(
    raw: &'a str,
    offset: usize,
    unsupported: &mut Unsupported,
) -> Result<Vec<Attribute<'a>>, ReadError> {
    let mut found: Vec<Attribute<'_>> = Vec::new();
    let mut rest = raw;
    loop {
        let next = rest.trim_start_matches(is_space);
        let at = offset + raw.len() - next.len();
        let syntax = |expected: &str, found: &str| ReadError::markup(at, expected, found);
        if next.is_empty() {
            return Ok(found);
        }
        if next.len() == rest.len() {
            return Err(syntax("white space before an attribute", next));
        }
        let (name, after) = next
            .split_once('=')
            .map(|(name, after)| (name.trim_end_matches(is_space), after))
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| syntax("an attribute name and `=`", next))?;
        let after = after.trim_start_matches(is_space);
        let quoted = after
            .strip_prefix('"')
            .and_then(|value| value.split_once('"'))
            .or_else(|| after.strip_prefix('\'')?.split_once('\''));
        let (value, after_value) = quoted.ok_or_else(|| syntax("a quoted value", after))?;
        if value.contains('<') {
            return Err(syntax("a value without `<`", value));
        }
        // A reference here would hide which namespace is meant.
        if name.starts_with("xmlns") && value.contains(['&', '\t', '\r', '\n']) {
            return Err(syntax("a literal namespace", value));
        }
        if found.iter().any(|other| other.name == name) {
            return Err(syntax("each attribute once", name));
        }
        let value_at = offset + raw.len() - after.len() + 1;
        let value = attribute_value(value, value_at)?;
        if found.len() == MAX_ATTRIBUTES {
            unsupported.note(at, format!("at most {MAX_ATTRIBUTES} attributes"), "one more".to_owned());
        } else {
            found.push(Attribute { name, value, offset: at });
        }
        rest = after_value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unsupported;
    use super::{Attribute, ReadError};

    fn scan(raw: &str, offset: usize) -> Result<Vec<Attribute<'_>>, ReadError> {
        super::scan(raw, offset, &mut Unsupported::default())
    }

    #[test]
    fn both_quotes_and_spaces_round_the_sign() {
        let found = scan(" type='a\"b' \n xml:base = \"c&gt;'d\" ", 5).unwrap();
        let pairs: Vec<_> = found.iter().map(|a| (a.name, a.value.as_ref(), a.offset)).collect();
        assert_eq!(pairs, [("type", "a\"b", 6), ("xml:base", "c>'d", 19)]);
    }

    #[test]
    fn lenient_markup_is_refused() {
        for bad in [
            " a",
            " a=",
            " a=b",
            " a=\"b",
            " a=\"b'",
            " a=\"1\"b=\"2\"",
            "a=\"1\"",
            " a=\"1\" a='2'",
            " a=\"<\"",
            " a=\"&\"",
            " 1=\"\"",
            " =\"\"",
            " /",
            " xmlns:a=\"&#65;\"",
        ] {
            assert!(scan(bad, 0).is_err(), "{bad}");
        }
    }

    #[test]
    fn more_attributes_than_are_kept_are_noted() {
        let many: Vec<String> = (0..300).map(|i| format!(" a{i}=''")).collect();
        let mut unsupported = Unsupported::default();
        assert_eq!(super::scan(&many.concat(), 0, &mut unsupported).unwrap().len(), 256);
        assert!(unsupported.take().is_err());
    }
}
