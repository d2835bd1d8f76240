//! The fields of one element: its children with known names, each at most
//! once, with their text and attributes.
//!
//! Fields are collected first and judged later, so that a malformed delta can
//! be read to its end and then set aside.

use crate::excerpt::excerpt;
use crate::model::TypedText;
use crate::read::ReadError;
use crate::value::{Checksum, Timestamp, ValueError, parse_number};
use crate::xml::{Cursor, Tag, trim};

/// A child element and its text, without white space at either end.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) tag: Tag<'a>,
    pub(super) text: String,
}

/// The fields found so far.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    names: &'static [&'static str],
    found: Vec<Field<'a>>,
    duplicate: Option<ReadError>,
}

impl<'a> Fields<'a> {
    /// Will collect children with these names.
    pub(super) fn new(names: &'static [&'static str]) -> Self {
        Self { names, found: Vec::new(), duplicate: None }
    }

    /// Whether this child is one to collect.
    pub(super) fn wants(&self, tag: &Tag<'_>) -> bool {
        tag.known && self.names.contains(&tag.name)
    }

    /// Collects the child whose start tag was just read, up to its end.
    pub(super) fn add(&mut self, cursor: &mut Cursor<'a>, tag: Tag<'a>) -> Result<(), ReadError> {
        if let Some(first) = self.get(tag.name) {
            let error = ReadError::DuplicateElement {
                offset: tag.start,
                element: tag.name.to_owned(),
                first: first.tag.start,
            };
            self.duplicate.get_or_insert(error);
            return cursor.skip();
        }
        let text = trim(&cursor.text()?).to_owned();
        self.found.push(Field { tag, text });
        Ok(())
    }

    /// Refuses fields that were given twice.
    pub(super) fn check_duplicates(&self) -> Result<(), ReadError> {
        self.duplicate.clone().map_or(Ok(()), Err)
    }

    /// The field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.found.iter().find(|field| field.tag.name == name)
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|field| field.text.clone())
    }

    /// A field with an optional type.
    pub(super) fn typed(&self, name: &str) -> Option<TypedText> {
        self.get(name).map(|field| TypedText {
            kind: field.tag.attribute("type").map(str::to_owned),
            text: field.text.clone(),
        })
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, ReadError> {
        self.value(name, |field| parse_number(&field.text))
    }

    /// A timestamp.
    pub(super) fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, ReadError> {
        self.value(name, |field| Timestamp::parse(&field.text))
    }

    /// A checksum with its type.
    pub(super) fn checksum(&self, name: &str) -> Result<Option<Checksum>, ReadError> {
        if let Some(field) = self.get(name) {
            required(&field.tag, "type")?;
        }
        self.value(name, |field| {
            let kind = field.tag.attribute("type").unwrap_or_default();
            Checksum::new(kind, &field.text)
        })
    }

    fn value<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Field<'a>) -> Result<T, ValueError>,
    ) -> Result<Option<T>, ReadError> {
        let Some(field) = self.get(name) else {
            return Ok(None);
        };
        read(field).map(Some).map_err(|why| invalid(&field.tag, why))
    }
}

/// An attribute that must be there.
pub(super) fn required<'t>(tag: &'t Tag<'_>, attribute: &'static str) -> Result<&'t str, ReadError> {
    tag.attribute(attribute).ok_or_else(|| ReadError::MissingAttribute {
        offset: tag.start,
        element: excerpt(tag.name),
        attribute,
    })
}

/// A value of an element that is not one of its kind.
pub(super) fn invalid(tag: &Tag<'_>, why: ValueError) -> ReadError {
    ReadError::Value { offset: tag.start, element: excerpt(tag.name), why }
}
