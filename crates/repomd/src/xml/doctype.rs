//! The document type declaration: whether it is one.
//!
//! Nothing that it declares is read or used, so there are no entities beyond
//! the five predefined ones.

use super::characters::{is_name, is_space};
use crate::read::ReadError;

/// Checks `<!DOCTYPE …>`, whose whole text is `raw`, at `offset`.
pub(super) fn check(raw: &str, offset: usize) -> Result<(), ReadError> {
    is_one(raw).then_some(()).ok_or_else(|| ReadError::markup(offset, "a document type with a name", raw))
}

fn is_one(raw: &str) -> bool {
    let inner = raw.strip_prefix("<!DOCTYPE").and_then(|rest| rest.strip_suffix('>'));
    let Some(inner) = inner.filter(|inner| inner.starts_with(is_space)) else { return false };
    let inner = inner.trim_matches(is_space);
    let name_end = inner.find(|c| is_space(c) || c == '[').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(name_end);
    let (external, subset) = match rest.split_once('[') {
        Some((external, subset)) => (external, Some(subset)),
        None => (rest, None),
    };
    let subset = subset.map(|subset| subset.strip_suffix(']'));
    is_name(name)
        && is_external(external.trim_matches(is_space))
        && subset.is_none_or(|subset| subset.is_some_and(is_subset))
}

/// Whether `text` is nothing, or names an external subset.
fn is_external(text: &str) -> bool {
    let literals = |text: &str, count| {
        let mut rest = text;
        (0..count).all(|_| {
            let Some(next) = rest.strip_prefix(is_space) else { return false };
            let next = next.trim_start_matches(is_space);
            let quoted = |quote| next.strip_prefix(quote).and_then(|next: &str| next.split_once(quote));
            let found = quoted('"').or_else(|| quoted('\''));
            rest = found.map_or(rest, |(_, after)| after);
            found.is_some()
        }) && rest.is_empty()
    };
    match (text.strip_prefix("SYSTEM"), text.strip_prefix("PUBLIC")) {
        (Some(rest), _) => literals(rest, 1),
        (_, Some(rest)) => literals(rest, 2),
        _ => text.is_empty(),
    }
}

/// Whether an internal subset is made of declarations, comments, instructions
/// and references.
fn is_subset(text: &str) -> bool {
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let after = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->").map(|(_, after)| after)
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>").map(|(_, after)| after)
        } else if let Some(reference) = rest.strip_prefix('%') {
            reference.split_once(';').filter(|(name, _)| is_name(name)).map(|(_, after)| after)
        } else {
            let kinds = ["<!ENTITY", "<!ELEMENT", "<!ATTLIST", "<!NOTATION"];
            let declaration = kinds.iter().find_map(|kind| rest.strip_prefix(kind));
            declaration.filter(|text| text.starts_with(is_space)).and_then(after_declaration)
        };
        let Some(after) = after else { return false };
        rest = after.trim_start_matches(is_space);
    }
    true
}

/// What follows the `>` of a declaration, which may have others in quotes.
fn after_declaration(text: &str) -> Option<&str> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '<' => return None,
            None if c == '>' => return text.get(at + 1..),
            Some(_) | None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_one;

    #[test]
    fn declarations_are_told_from_other_text() {
        for good in [
            "<!DOCTYPE repomd>",
            "<!DOCTYPE\nrepomd >",
            "<!DOCTYPE repomd SYSTEM \"a>b\">",
            "<!DOCTYPE repomd PUBLIC '-//x' \n 'http://y'>",
            "<!DOCTYPE repomd[]>",
            "<!DOCTYPE repomd SYSTEM 'a' [ <!ENTITY a 'b>]'> <!-- ] --> <?c ]?> %d; ]>",
            "<!DOCTYPE repomd [<!ELEMENT a ANY><!ATTLIST a b CDATA 'c'><!NOTATION d SYSTEM 'e'>]>",
        ] {
            assert!(is_one(good), "{good}");
        }
        for bad in [
            "<!DOCTYPE>",
            "<!DOCTYPE >",
            "<!DOCTYPErepomd>",
            "<!doctype repomd>",
            "<!DOCTYPE 1>",
            "<!DOCTYPE a b>",
            "<!DOCTYPE a SYSTEM>",
            "<!DOCTYPE a SYSTEM b>",
            "<!DOCTYPE a SYSTEM 'b' 'c'>",
            "<!DOCTYPE a PUBLIC 'b'>",
            "<!DOCTYPE a [b]>",
            "<!DOCTYPE a [<b/>]>",
            "<!DOCTYPE a [<!ENTITY b 'c]>",
            "<!DOCTYPE a [] b>",
        ] {
            assert!(!is_one(bad), "{bad}");
        }
    }
}
