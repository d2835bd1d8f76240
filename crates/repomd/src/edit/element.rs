//! Elements of ours as text, laid out like the document they go into.
//!
//! Names and attribute names are this crate's own and need no escapes; values
//! are escaped always.

use crate::model::{BaseCopy, Delta};
use crate::ours::{DELTA, DELTA_BASE};
use crate::value::{Checksum, Location};
use crate::xml::{escape, is_space};

/// An element to be written.
#[derive(Debug)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Nothing,
    Text(String),
    /// Elements on lines of their own, for readers that take lines.
    Lines(Vec<Element>),
    /// Elements on the line of their parent: everybody who reads repomd.xml downloads white space, too.
    Inline(Vec<Element>),
}

/// How elements are laid out in one record.
#[derive(Debug)]
pub(crate) struct Style<'a> {
    /// The namespace prefix with its colon, or nothing.
    prefix: &'a str,
    /// The white space before each element.
    gap: &'a [u8],
    /// The line end and indentation of the element's own lines, and what lines of
    /// children are indented more; nothing where all goes on one line.
    lines: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Style<'a> {
    /// Follows the white space at the start of `content`, the content of the
    /// record; `before` is the document up to the record's start tag.
    pub(crate) fn new(prefix: &'a str, content: &'a [u8], before: &'a [u8]) -> Self {
        let gap = gap(content);
        let line = last_line(gap);
        let lines = line.map(|line| (line, step(indentation(line), tail(before))));
        Self { prefix, gap, lines }
    }

    /// Starts the line of a child.
    fn child_line(&self, out: &mut Vec<u8>) {
        if let Some((line, step)) = self.lines {
            out.extend_from_slice(line);
            out.extend_from_slice(step);
        }
    }

    /// Starts the line of an end tag.
    fn end_line(&self, out: &mut Vec<u8>) {
        if let Some((line, _)) = self.lines {
            out.extend_from_slice(line);
        }
    }
}

/// The white space at the start of `content`, which something follows.
pub(super) fn gap(content: &[u8]) -> &[u8] {
    let end = content.iter().position(|&byte| !is_space(char::from(byte)));
    content.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// The last line end in white space and what follows it.
fn last_line(space: &[u8]) -> Option<&[u8]> {
    let end = space.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'))?;
    let before = space.get(..end).unwrap_or_default();
    let pair = space.get(end) == Some(&b'\n') && before.last() == Some(&b'\r');
    space.get(end - usize::from(pair)..)
}

/// What follows the line end.
fn indentation(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
    line.get(end.map_or(0, |end| end + 1)..).unwrap_or_default()
}

/// The blanks at the end of `text`: the indentation of what comes next.
fn tail(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\t'));
    text.get(end.map_or(0, |end| end + 1)..).unwrap_or_default()
}

/// One level of indentation: what the fields of a record are indented more
/// than the record, or a guess where that tells nothing.
fn step<'a>(fields: &'a [u8], record: &[u8]) -> &'a [u8] {
    match fields.strip_prefix(record) {
        Some(more) if !more.is_empty() => more,
        _ if fields.is_empty() => b"",
        _ if fields.contains(&b'\t') => b"\t",
        _ => b"  ",
    }
}

impl From<&Delta> for Element {
    fn from(delta: &Delta) -> Self {
        // The location first: scripts take what is between the first quotes of lines that have one.
        let children = vec![
            Self::location(&delta.location),
            Self::checksum(&delta.checksum),
            Self::text("timestamp", delta.timestamp.as_str().to_owned()),
            Self::text("size", delta.size.to_string()),
        ];
        Self { name: DELTA, attributes: Vec::new(), content: Content::Inline(children) }
    }
}

impl From<&BaseCopy> for Element {
    fn from(base: &BaseCopy) -> Self {
        let checksum = base.checksum.iter().map(Self::checksum);
        let children = checksum.chain([Self::location(&base.location)]).collect();
        Self { name: DELTA_BASE, attributes: Vec::new(), content: Content::Lines(children) }
    }
}

impl Element {
    fn text(name: &'static str, text: String) -> Self {
        Self { name, attributes: Vec::new(), content: Content::Text(text) }
    }

    fn checksum(checksum: &Checksum) -> Self {
        let attributes = vec![("type", checksum.kind().to_owned())];
        Self { attributes, ..Self::text("checksum", checksum.hex().to_owned()) }
    }

    fn location(location: &Location) -> Self {
        let href = location.as_str().to_owned();
        Self { name: "location", attributes: vec![("href", href)], content: Content::Nothing }
    }

    /// Writes white space and the element.
    pub(super) fn write(&self, out: &mut Vec<u8>, style: &Style<'_>) {
        out.extend_from_slice(style.gap);
        self.write_tags(out, style);
    }

    /// Writes the element alone.
    pub(crate) fn write_tags(&self, out: &mut Vec<u8>, style: &Style<'_>) {
        let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
        put("<");
        put(style.prefix);
        put(self.name);
        for (name, value) in &self.attributes {
            put(&format!(" {name}=\"{}\"", escape(value)));
        }
        match &self.content {
            Content::Nothing => {
                put("/>");
                return;
            }
            Content::Text(text) => {
                put(">");
                put(&escape(text));
            }
            Content::Inline(children) => {
                put(">");
                for child in children {
                    child.write_tags(out, style);
                }
            }
            Content::Lines(children) => {
                put(">");
                for child in children {
                    style.child_line(out);
                    child.write_tags(out, style);
                }
                style.end_line(out);
            }
        }
        let end = format!("</{}{}>", style.prefix, self.name);
        out.extend_from_slice(end.as_bytes());
    }
}
