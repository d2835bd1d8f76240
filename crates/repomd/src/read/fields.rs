//! The fields of one element: its children with known names, each at most
//! once, with their text and attributes.
//!
//! Fields are collected first and judged later, so that a malformed delta can
//! be read to its end and then set aside.

use crate::excerpt::excerpt;
use crate::model::{Fault, TypedText};
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
    /// One for each name that was given twice, in the order of the second ones.
    duplicates: Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// Will collect children with these names.
    pub(super) fn new(names: &'static [&'static str]) -> Self {
        Self { names, found: Vec::new(), duplicates: Vec::new() }
    }

    /// Collects the children with these names of the element whose start tag was just
    /// read, and passes the others over.
    pub(super) fn read(cursor: &mut Cursor<'a>, names: &'static [&'static str]) -> Result<Self, ReadError> {
        let mut fields = Self::new(names);
        while let Some(child) = cursor.child()? {
            if fields.has_name(&child) {
                fields.add(cursor, child)?;
            } else {
                cursor.skip()?;
            }
        }
        Ok(fields)
    }

    /// Whether this child is one to collect.
    pub(super) fn has_name(&self, tag: &Tag<'_>) -> bool {
        tag.known && self.names.contains(&tag.name)
    }

    /// Collects the child whose start tag was just read, up to its end.
    pub(super) fn add(&mut self, cursor: &mut Cursor<'a>, tag: Tag<'a>) -> Result<(), ReadError> {
        if let Some(first) = self.get(tag.name) {
            let (offset, first) = (tag.start, first.tag.start);
            let why = ReadError::DuplicateElement { offset, element: tag.name.to_owned(), first };
            if let Some(element) = self.names.iter().copied().find(|name| *name == tag.name)
                && !self.is_repeated(element)
            {
                self.duplicates.push(Fault { element, why });
            }
            return cursor.skip();
        }
        let text = trim(&cursor.text()?).to_owned();
        self.found.push(Field { tag, text });
        Ok(())
    }

    /// Refuses fields that were given twice.
    pub(super) fn check_duplicates(&self) -> Result<(), ReadError> {
        self.duplicates.first().map_or(Ok(()), |fault| Err(fault.why.clone()))
    }

    /// A fault for each field that was given twice.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.duplicates
    }

    fn is_repeated(&self, name: &str) -> bool {
        self.duplicates.iter().any(|fault| fault.element == name)
    }

    /// The first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.found.iter().find(|field| field.tag.name == name)
    }

    /// The field of this name, where there is just one.
    fn only(&self, name: &str) -> Option<&Field<'a>> {
        self.get(name).filter(|_| !self.is_repeated(name))
    }

    /// The value that `read` gives for the field `name`; nothing where that is an
    /// error, which becomes a fault, or where the field was given twice.
    pub(super) fn value_or_fault<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Self, &str) -> Result<Option<T>, ReadError>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        if self.is_repeated(name) {
            return None;
        }
        read(self, name).unwrap_or_else(|why| {
            faults.push(Fault { element: name, why });
            None
        })
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.only(name).map(|field| field.text.clone())
    }

    /// A field with an optional type.
    pub(super) fn typed(&self, name: &str) -> Option<TypedText> {
        self.only(name).map(|field| TypedText {
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
