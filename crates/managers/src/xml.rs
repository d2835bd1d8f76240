//! A small, strict reader of XML for documents of which a few elements are of
//! interest: metalinks, product files, and the place of primary in repomd.xml.
//!
//! Document types are refused, so there are no entities but the five that are
//! predefined. Size and depth are limited, and a document that ends too early
//! is an error. Names are compared with their prefixes, as the package managers
//! do it.

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// The longest document, in bytes.
pub(crate) const MAX_SIZE: usize = 4 << 20;
/// The deepest nesting of elements.
const MAX_DEPTH: usize = 32;

/// What comes next.
pub(crate) enum Step {
    /// An element began; these are its attributes.
    Open(Vec<(String, String)>),
    /// The whole text of an element that has no children; it comes before its end.
    Text(String),
    /// An element ended; [`Reader::path`] is that of the one around it.
    Close,
}

/// Goes through a document.
pub(crate) struct Reader<'a> {
    inner: quick_xml::Reader<&'a [u8]>,
    path: Vec<String>,
    text: String,
    /// Whether the element that is open has no children so far.
    leaf: bool,
    closing: bool,
    seen_root: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, String> {
        if text.len() > MAX_SIZE {
            return Err(format!("expected at most {MAX_SIZE} bytes, found {}", text.len()));
        }
        let mut inner = quick_xml::Reader::from_str(text);
        inner.config_mut().check_comments = true;
        Ok(Self {
            inner,
            path: Vec::new(),
            text: String::new(),
            leaf: false,
            closing: false,
            seen_root: false,
        })
    }

    /// The names of the elements that are open, the outermost first.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Goes on; `None` at the end of the document.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, String> {
        if std::mem::take(&mut self.closing) {
            self.path.pop();
            return Ok(Some(Step::Close));
        }
        loop {
            let at = self.inner.buffer_position();
            let fail = |what: &str| format!("byte {at}: {what}");
            match self.inner.read_event().map_err(|error| fail(&format!("expected XML: {error}")))? {
                Event::Start(tag) => {
                    return Ok(Some(Step::Open(self.enter(&tag).map_err(|why| fail(&why))?)));
                }
                Event::Empty(tag) => {
                    self.closing = true;
                    return Ok(Some(Step::Open(self.enter(&tag).map_err(|why| fail(&why))?)));
                }
                Event::End(_) => {
                    if std::mem::take(&mut self.leaf) {
                        self.closing = true;
                        return Ok(Some(Step::Text(std::mem::take(&mut self.text))));
                    }
                    self.path.pop();
                    return Ok(Some(Step::Close));
                }
                Event::Text(text) if self.path.is_empty() => {
                    if !text.trim().is_empty() {
                        return Err(fail("expected an element, found text"));
                    }
                }
                Event::Text(text) => {
                    self.text += &text;
                }
                Event::CData(text) => {
                    self.text += &text;
                }
                Event::GeneralRef(name) => {
                    let value = unescape(&format!("&{};", &*name)).map(std::borrow::Cow::into_owned);
                    self.text += &value.map_err(|error| fail(&error.to_string()))?;
                }
                Event::DocType(_) => return Err(fail("expected no document type")),
                Event::Eof if !self.path.is_empty() => {
                    return Err(fail(&format!("expected `</{}>`, found the end", self.path.join("/"))));
                }
                Event::Eof if !self.seen_root => return Err(fail("expected an element, found the end")),
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<Vec<(String, String)>, String> {
        if self.path.len() >= MAX_DEPTH {
            return Err(format!("expected elements at most {MAX_DEPTH} deep, found more"));
        }
        if self.path.is_empty() && std::mem::replace(&mut self.seen_root, true) {
            return Err("expected one root element, found another".to_owned());
        }
        self.path.push(tag.name().as_ref().to_owned());
        self.leaf = !self.closing;
        self.text.clear();
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = unescape(&attribute.value).map_err(|error| error.to_string())?.into_owned();
            attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        Ok(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let mut reader = Reader::new(text)?;
        let mut out = Vec::new();
        while let Some(step) = reader.step()? {
            let path = reader.path().join("/");
            out.push(match step {
                Step::Open(attributes) => format!("+{path} {attributes:?}"),
                Step::Text(text) => format!("={path} {text}"),
                Step::Close => format!("-{path}"),
            });
        }
        Ok(out)
    }

    #[test]
    fn elements_texts_and_attributes() {
        let text =
            "<?xml version='1.0'?><a><b x='1 &amp; 2'/>t<c>u&lt;<![CDATA[<]]>&#65;<!-- - --></c> </a>\n";
        let expected = ["+a []", "+a/b [(\"x\", \"1 & 2\")]", "-a", "+a/c []", "=a/c u<<A", "-a", "-"];
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn broken_and_hostile_documents_are_refused() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        let bomb = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&x;</a>",
            bomb,
            &deep,
            "<a b=c/>",
            "<a b='1' b='2'/>",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(Reader::new(&" ".repeat(MAX_SIZE + 1)).is_err());
    }
}
