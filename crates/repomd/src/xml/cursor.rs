//! A cursor over a document: elements and text, one after the other, with
//! every rule of well-formedness checked on the way.
//!
//! It keeps no tree, and it does not know which elements exist; the caller
//! asks for children and skips what it does not know.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::events::Event;
use quick_xml::name::{Namespace, QName, ResolveResult};
use quick_xml::reader::NsReader;

use super::attributes::{Attribute, scan};
use super::characters::{is_name, is_plain_name, is_space, line_ends, resolve};
use super::{Unsupported, declaration, doctype, faults};
use crate::NAMESPACE;
use crate::excerpt::excerpt;
use crate::ours::JOURNAL;
use crate::read::ReadError;

/// The deepest nesting of elements that is read; real documents have four levels.
const MAX_DEPTH: usize = 32;
/// The deepest nesting that is looked at.
const DEPTH_LIMIT: usize = 1024;

/// What a prefix should be.
const PREFIX: &str = "a declared namespace prefix";

/// A start tag, or a self-closing one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tag<'a> {
    /// The name without its prefix.
    pub name: &'a str,
    /// The prefix with its colon, or nothing.
    pub prefix: &'a str,
    /// Whether the element is in the namespace of repomd.xml, in a document that is one.
    pub(crate) known: bool,
    /// The offset of its `<`.
    pub(crate) start: usize,
    /// The offset after its `>`.
    pub(crate) end: usize,
    /// Whether it is self-closing.
    pub(crate) empty: bool,
    /// Its attributes.
    attributes: Vec<Attribute<'a>>,
}

impl Tag<'_> {
    /// Whether this is its name, with its prefix.
    #[must_use]
    pub fn is(&self, qualified: &str) -> bool {
        qualified.strip_prefix(self.prefix) == Some(self.name)
    }

    /// The value of the attribute with this qualified name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|other| other.name == name);
        found.map(|attribute| attribute.value.as_ref())
    }
}

/// A processing instruction of ours.
#[derive(Debug)]
pub(crate) struct Instruction<'a> {
    /// What follows its name, white space included.
    pub(crate) content: &'a str,
    /// From its `<` to after its `>`.
    pub(crate) span: Range<usize>,
}

/// What the cursor passed over.
enum Step<'a> {
    Open(Tag<'a>),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// Goes through a document, element by element.
///
/// ```
/// use repomd::xml::Cursor;
///
/// let mut cursor = Cursor::new(b"<a><b x='1'/><c>text</c></a>")?;
/// assert_eq!(cursor.root()?.name, "a");
/// let mut texts = Vec::new();
/// cursor.children(|cursor, tag| match tag.name {
///     "c" => cursor.text().map(|text| texts.push(text)),
///     _ => cursor.skip(),
/// })?;
/// cursor.finish()?;
/// assert_eq!(texts, ["text"]);
/// # Ok::<(), repomd::ReadError>(())
/// ```
pub struct Cursor<'a> {
    text: &'a str,
    /// Whether the document has to be a repomd.xml; of others prefixes are names.
    is_repomd: bool,
    /// Bytes before `text`, to make offsets absolute.
    skipped: usize,
    reader: NsReader<&'a [u8]>,
    /// The qualified names of the elements that are open.
    open: Vec<&'a str>,
    /// Whether the root was in the namespace of repomd.xml, once it was seen.
    bound: Option<bool>,
    /// Whether the last tag was self-closing and its end is still to be told.
    closing: bool,
    /// What is not read of the document, though others do.
    unsupported: Unsupported,
    /// Whether there was a document type.
    has_doctype: bool,
    /// The instructions of ours directly below the root, so far.
    instructions: Vec<Instruction<'a>>,
}

impl<'a> Cursor<'a> {
    /// Starts before the first byte of any document. It may be of any size: see to it that
    /// it is small.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        Self::open(bytes, false)
    }

    /// Starts before the first byte of a repomd.xml.
    pub(crate) fn repomd(bytes: &'a [u8]) -> Result<Self, ReadError> {
        Self::open(bytes, true)
    }

    fn open(bytes: &'a [u8], is_repomd: bool) -> Result<Self, ReadError> {
        let (text, skipped) = declaration::decode(bytes)?;
        if is_repomd && text.chars().all(is_space) {
            return Err(ReadError::Empty { offset: bytes.len() });
        }
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_comments = true;
        Ok(Self {
            text,
            is_repomd,
            skipped,
            reader,
            open: Vec::new(),
            bound: None,
            closing: false,
            unsupported: Unsupported::default(),
            has_doctype: false,
            instructions: Vec::new(),
        })
    }

    /// The instructions of ours directly below the root that were passed so far.
    pub(crate) fn instructions(&self) -> &[Instruction<'a>] {
        &self.instructions
    }

    /// Where to note what is not read of the document.
    pub(crate) fn unsupported(&mut self) -> &mut Unsupported {
        &mut self.unsupported
    }

    /// The offset after what was read last.
    pub(crate) fn position(&self) -> usize {
        self.skipped + self.relative()
    }

    /// Goes to the root element.
    pub fn root(&mut self) -> Result<Tag<'a>, ReadError> {
        self.child()?.ok_or_else(|| self.no_root(self.position(), "no element".to_owned()))
    }

    /// Goes to the next child of the element that is open, or to its end.
    /// Text between children is passed over.
    pub fn child(&mut self) -> Result<Option<Tag<'a>>, ReadError> {
        loop {
            match self.step()? {
                Step::Open(tag) => return Ok(Some(tag)),
                Step::Close | Step::End => return Ok(None),
                Step::Text(_) => {}
            }
        }
    }

    /// Goes to the end of the element that is open; `read` is called with each of its
    /// children and has to go to the end of that.
    pub fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, Tag<'a>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        while let Some(tag) = self.child()? {
            read(self, tag)?;
        }
        Ok(())
    }

    /// Goes to the end of the element that is open, over all it contains.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.open.len().saturating_sub(1);
        while self.open.len() > outside {
            self.step()?;
        }
        Ok(())
    }

    /// Goes to the end of the element that is open and gives its own text,
    /// without that of its children.
    pub fn text(&mut self) -> Result<String, ReadError> {
        let mut out = String::new();
        loop {
            match self.step()? {
                Step::Text(text) => out.push_str(&text),
                Step::Open(_) => self.skip()?,
                Step::Close | Step::End => return Ok(out),
            }
        }
    }

    /// Goes from the end of the root to the end of the document, and refuses one
    /// of which something was not read.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        while !matches!(self.step()?, Step::End) {}
        self.unsupported.take()
    }

    fn relative(&self) -> usize {
        let position = usize::try_from(self.reader.buffer_position());
        position.unwrap_or(self.text.len()).min(self.text.len())
    }

    fn step(&mut self) -> Result<Step<'a>, ReadError> {
        if std::mem::take(&mut self.closing) {
            self.open.pop();
            return Ok(Step::Close);
        }
        loop {
            let start = self.relative();
            let event = self.reader.read_event();
            let end = self.relative();
            let raw = self.text.get(start..end).unwrap_or_default();
            let offset = start + self.skipped;
            match event.map_err(|error| self.fault(&error, start))? {
                Event::Start(tag) | Event::Empty(tag) => {
                    return self.enter(raw, start, tag.name().as_ref().len());
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Step::Close);
                }
                piece @ (Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) => {
                    return self.characters(&piece, raw, offset).map(Step::Text);
                }
                Event::Comment(_) => {}
                Event::PI(instruction) if is_plain_name(instruction.target()) => {
                    if instruction.target() == JOURNAL && self.open.len() == 1 {
                        self.add_instruction(raw, offset);
                    }
                }
                Event::PI(_) => {
                    return Err(ReadError::markup(offset, "a processing instruction with a name", raw));
                }
                Event::Decl(_) if start == 0 => {
                    declaration::check(raw, offset, self.text.is_ascii(), &mut self.unsupported)?;
                }
                Event::Decl(_) => {
                    let expected = "an XML declaration at the very start only";
                    return Err(ReadError::markup(offset, expected, raw));
                }
                Event::DocType(_) => self.doctype(raw, offset)?,
                Event::Eof => return self.end(),
            }
        }
    }

    fn add_instruction(&mut self, raw: &'a str, offset: usize) {
        let inner = raw.strip_prefix("<?").and_then(|rest| rest.strip_suffix("?>"));
        let content = inner.and_then(|rest| rest.strip_prefix(JOURNAL)).unwrap_or_default();
        self.instructions.push(Instruction { content, span: offset..offset + raw.len() });
    }

    /// The text that a piece of it, whose markup is `raw`, stands for.
    fn characters(&self, piece: &Event<'_>, raw: &'a str, offset: usize) -> Result<Cow<'a, str>, ReadError> {
        if let (Event::Text(_), Some(at)) = (piece, raw.find("]]>")) {
            let expected = "text without `]]>`".to_owned();
            return Err(ReadError::Syntax { offset: offset + at, expected, found: "one".to_owned() });
        }
        self.check_place(raw, offset)?;
        Ok(match piece {
            Event::CData(data) => Cow::Owned(line_ends(data).into_owned()),
            Event::GeneralRef(reference) => Cow::Owned(resolve(reference, offset)?.to_string()),
            _ => line_ends(raw),
        })
    }

    /// Passes over a document type, which comes once and before the root.
    fn doctype(&mut self, raw: &str, offset: usize) -> Result<(), ReadError> {
        if std::mem::replace(&mut self.has_doctype, true) || self.bound.is_some() {
            let expected = "at most one document type, before the root element";
            return Err(ReadError::markup(offset, expected, raw));
        }
        doctype::check(raw, offset)?;
        self.unsupported.note(offset, "no document type", format!("`{}`", excerpt(raw)));
        Ok(())
    }

    /// Opens the element whose tag is `raw`.
    fn enter(&mut self, raw: &'a str, start: usize, name_length: usize) -> Result<Step<'a>, ReadError> {
        let offset = start + self.skipped;
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let (inner, empty) = match inner.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let (qualified, rest) = inner.split_at_checked(name_length).unwrap_or((inner, ""));
        if !is_name(qualified) {
            return Err(ReadError::markup(offset, "the name of an element", raw));
        }
        if self.open.is_empty() && self.bound.is_some() {
            return Err(ReadError::AfterRoot { offset, found: excerpt(raw) });
        }
        if self.open.len() >= MAX_DEPTH {
            let expected = format!("at most {MAX_DEPTH} levels of elements");
            self.unsupported.note(offset, expected, "one more".to_owned());
        }
        if self.open.len() == DEPTH_LIMIT {
            return Err(ReadError::TooDeep { offset, limit: DEPTH_LIMIT });
        }
        let attributes = scan(rest, offset + 1 + qualified.len(), &mut self.unsupported)?;
        let local = qualified.find(':').map_or(0, |colon| colon + 1);
        let (prefix, name) = qualified.split_at(local);
        let known = if self.is_repomd {
            self.check_prefixes(&attributes);
            self.check_root(qualified, raw, offset)?
        } else {
            self.bound = Some(true);
            false
        };
        self.open.push(qualified);
        self.closing = empty;
        Ok(Step::Open(Tag { name, prefix, known, start: offset, end: offset + raw.len(), empty, attributes }))
    }

    /// Notes prefixes of attributes that are not declared.
    fn check_prefixes(&mut self, attributes: &[Attribute<'_>]) {
        for attribute in attributes {
            let resolved = self.reader.resolver().resolve_attribute(QName(attribute.name));
            if let ResolveResult::Unknown(prefix) = resolved.0 {
                let found = format!("`{}`", excerpt(&prefix));
                self.unsupported.note(attribute.offset, PREFIX, found);
            }
        }
    }

    /// Whether the element whose tag is `raw` is in the namespace of repomd.xml; refuses it
    /// where it is another root.
    fn check_root(&mut self, qualified: &str, raw: &str, offset: usize) -> Result<bool, ReadError> {
        let is_root = self.bound.is_none();
        let known = self.is_known(qualified, offset)?;
        let is_repomd = known && qualified.rsplit(':').next() == Some("repomd");
        if is_root && !is_repomd {
            let found = format!("`{}`", excerpt(raw));
            // Package managers look at the name alone, prefix included.
            if qualified != "repomd" {
                return Err(ReadError::Root { offset, found });
            }
            let expected = format!("root element `repomd` of `{NAMESPACE}`");
            self.unsupported.note(offset, expected, found);
        }
        Ok(known)
    }

    /// Whether an element is in the namespace of repomd.xml. Elements without
    /// a namespace are, where the root has none either.
    fn is_known(&mut self, qualified: &str, offset: usize) -> Result<bool, ReadError> {
        let (resolved, _) = self.reader.resolver().resolve_element(QName(qualified));
        let bound = match resolved {
            ResolveResult::Bound(Namespace(namespace)) => Some(namespace == NAMESPACE),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(prefix) if self.bound.is_none() => {
                return Err(ReadError::Prefix { offset, found: excerpt(&prefix) });
            }
            ResolveResult::Unknown(prefix) => {
                let found = format!("`{}`", excerpt(&prefix));
                self.unsupported.note(offset, PREFIX, found);
                Some(false)
            }
        };
        let root_is_bound = *self.bound.get_or_insert(bound.is_some());
        Ok(bound.unwrap_or(!root_is_bound))
    }

    /// Refuses what is not white space outside the root.
    fn check_place(&self, raw: &str, offset: usize) -> Result<(), ReadError> {
        let Some(at) = raw.find(|c| !is_space(c)).filter(|_| self.open.is_empty()) else {
            return Ok(());
        };
        let offset = offset + at;
        let found = excerpt(raw.get(at..).unwrap_or_default());
        Err(match self.bound {
            Some(_) => ReadError::AfterRoot { offset, found },
            None => self.no_root(offset, format!("`{found}`")),
        })
    }

    /// Something else than the root comes first.
    fn no_root(&self, offset: usize, found: String) -> ReadError {
        if self.is_repomd {
            return ReadError::Root { offset, found };
        }
        ReadError::Syntax { offset, expected: "a root element".to_owned(), found }
    }

    fn end(&self) -> Result<Step<'a>, ReadError> {
        match self.open.last() {
            None => Ok(Step::End),
            Some(name) => Err(ReadError::Truncated {
                offset: self.position(),
                expected: format!("`</{}>`", excerpt(name)),
            }),
        }
    }

    /// Translates an error of the tokenizer, which met it while it read the
    /// piece from `start` on and does not always tell where.
    fn fault(&self, error: &quick_xml::Error, start: usize) -> ReadError {
        let at_end = self.relative() == self.text.len();
        let relative = usize::try_from(self.reader.error_position()).unwrap_or(start);
        let offset = self.skipped + relative.max(start);
        let end = self.skipped + self.text.len();
        faults::translate(error, offset, at_end.then_some(end))
    }
}
