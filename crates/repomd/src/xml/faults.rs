//! What the tokenizer complains about, in this crate's words.
//!
//! No type of the tokenizer leaves this module.

use quick_xml::Error;
use quick_xml::errors::{IllFormedError, SyntaxError};

use crate::excerpt::excerpt;
use crate::read::ReadError;

/// Translates an error at `offset`; `end` is the end of the document, where
/// the tokenizer had reached it.
pub(super) fn translate(error: &Error, offset: usize, end: Option<usize>) -> ReadError {
    let syntax = |expected: String, found: String| ReadError::Syntax { offset, expected, found };
    if let (Error::Syntax(fault), Some(offset)) = (error, end) {
        return ReadError::Truncated { offset, expected: expected_by(*fault).to_owned() };
    }
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            syntax(format!("`</{}>`", excerpt(expected)), format!("`</{}>`", excerpt(found)))
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            syntax("no end tag".to_owned(), format!("`</{}>`", excerpt(found)))
        }
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => {
            syntax("a comment without `--`".to_owned(), "one".to_owned())
        }
        Error::IllFormed(IllFormedError::UnclosedReference) => {
            syntax("`;` after a reference".to_owned(), "an `&` alone".to_owned())
        }
        other => syntax("well-formed markup".to_owned(), excerpt(&other.to_string())),
    }
}

/// What would have ended the piece of markup that was cut.
fn expected_by(fault: SyntaxError) -> &'static str {
    match fault {
        SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => "`?>`",
        SyntaxError::UnclosedComment => "`-->`",
        SyntaxError::UnclosedCData => "`]]>`",
        SyntaxError::UnclosedSingleQuotedAttributeValue => "`'`",
        SyntaxError::UnclosedDoubleQuotedAttributeValue => "`\"`",
        _ => "`>`",
    }
}
