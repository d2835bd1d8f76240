//! A model as a new document, laid out as createrepo_c does.
//!
//! It is for documents that describe other files than those of the publisher;
//! to change a published document there is the editor, which keeps what is not
//! modelled. Elements that the model does not know are not written.

use crate::edit::{Element, Style};
use crate::model::{DeltaBase, DeltaEntry, Record, RecordLocation, Repomd, Tags, TypedText};
use crate::value::{Checksum, Timestamp};
use crate::xml::escape;
use crate::{NAMESPACE, ReadError};

/// Why a model could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The document would be refused by [`Repomd::parse`]: a character that XML
    /// does not allow, too many records or bytes.
    #[error("the new repomd.xml could not be read again: {why}")]
    Unreadable {
        /// What is wrong with it.
        why: ReadError,
    },
    /// The document would say something else than the model: two records of one
    /// type, a text with white space at its ends, a location that cannot be told
    /// from others, or a journal whose names or numbers do not fit.
    #[error("the new repomd.xml would not say what it should")]
    Differs,
}

impl Repomd {
    /// Writes a document that [`Repomd::parse`] reads as this model, but for
    /// deltas that are [unusable](DeltaEntry::Unusable), which are left
    /// out, `<delta-base>` elements, which are written wherever they belong, and
    /// [faults](crate::model::Fault): what was malformed is absent.
    ///
    /// The same model gives the same bytes. The result is read again and compared
    /// before it is given out.
    pub fn to_xml(&self) -> Result<Vec<u8>, WriteError> {
        let mut model = Self { faults: Vec::new(), ..self.clone() };
        for record in &mut model.records {
            record.deltas.retain(|delta| matches!(delta, DeltaEntry::Usable(_)));
            record.faults.clear();
            let copy = record.base_copy().filter(|_| !record.deltas.is_empty());
            record.delta_bases =
                copy.map(|copy| DeltaBase { copy: Ok(copy), is_first: true }).into_iter().collect();
        }
        let mut out = Writer::default();
        out.document(&model);
        let bytes = out.out;
        let again = Self::parse(&bytes).map_err(|why| WriteError::Unreadable { why })?;
        if again == model { Ok(bytes) } else { Err(WriteError::Differs) }
    }
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn document(&mut self, model: &Repomd) {
        self.put(&["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"]);
        self.put(&["<repomd xmlns=\"", NAMESPACE, "\">\n"]);
        self.optional(1, "revision", model.revision.as_deref());
        if let Some(journal) = &model.journal {
            self.put(&["  ", &journal.instruction(), "\n"]);
        }
        self.typed("repoid", model.repoid.as_ref());
        self.typed("contenthash", model.contenthash.as_ref());
        self.tags(&model.tags);
        model.records.iter().for_each(|record| self.record(record));
        self.put(&["</repomd>\n"]);
    }

    fn tags(&mut self, tags: &Tags) {
        if *tags == Tags::default() {
            return;
        }
        self.put(&["  <tags>\n"]);
        tags.content.iter().for_each(|text| self.element(2, "content", &[], Some(text)));
        tags.repo.iter().for_each(|text| self.element(2, "repo", &[], Some(text)));
        for distro in &tags.distro {
            let cpeid: Vec<_> = distro.cpeid.iter().map(|id| ("cpeid", id.as_str())).collect();
            self.element(2, "distro", &cpeid, Some(&distro.name));
        }
        self.put(&["  </tags>\n"]);
    }

    fn record(&mut self, record: &Record) {
        self.put(&["  <data type=\"", &escape(&record.kind), "\">\n"]);
        for base in &record.delta_bases {
            if let Ok(copy) = &base.copy {
                self.ours(&Element::from(copy));
            }
        }
        for entry in &record.deltas {
            if let DeltaEntry::Usable(delta) = entry {
                self.ours(&Element::from(delta));
            }
        }
        self.checksum(2, "checksum", record.checksum.as_ref());
        self.checksum(2, "open-checksum", record.open_checksum.as_ref());
        self.checksum(2, "header-checksum", record.header_checksum.as_ref());
        match &record.location {
            None => {}
            Some(RecordLocation::Local(location)) => {
                self.element(2, "location", &[("href", location.as_str())], None);
            }
            Some(RecordLocation::Elsewhere { base, href }) => {
                self.element(2, "location", &[("xml:base", base), ("href", href)], None);
            }
            Some(RecordLocation::Unsafe { href, .. }) => {
                self.element(2, "location", &[("href", href)], None);
            }
        }
        self.optional(2, "timestamp", record.timestamp.as_ref().map(Timestamp::as_str));
        self.number("size", record.size);
        self.number("open-size", record.open_size);
        self.number("header-size", record.header_size);
        self.number("database_version", record.database_version);
        self.put(&["  </data>\n"]);
    }

    fn ours(&mut self, element: &Element) {
        self.put(&["    "]);
        // Its fields are laid out as those of the record are, one step further.
        element.write_tags(&mut self.out, &Style::new("", b"\n    ", b"  "));
        self.put(&["\n"]);
    }

    fn put(&mut self, parts: &[&str]) {
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
    }

    fn checksum(&mut self, depth: usize, name: &str, checksum: Option<&Checksum>) {
        if let Some(checksum) = checksum {
            self.element(depth, name, &[("type", checksum.kind())], Some(checksum.hex()));
        }
    }

    fn number(&mut self, name: &str, number: Option<u64>) {
        self.optional(2, name, number.map(|number| number.to_string()).as_deref());
    }

    fn typed(&mut self, name: &str, value: Option<&TypedText>) {
        if let Some(value) = value {
            let kind: Vec<_> = value.kind.iter().map(|kind| ("type", kind.as_str())).collect();
            self.element(1, name, &kind, Some(&value.text));
        }
    }

    fn optional(&mut self, depth: usize, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.element(depth, name, &[], Some(text));
        }
    }

    fn element(&mut self, depth: usize, name: &str, attributes: &[(&str, &str)], text: Option<&str>) {
        self.put(&[&"  ".repeat(depth)]);
        self.put(&["<", name]);
        for (attribute, value) in attributes {
            self.put(&[" ", attribute, "=\"", &escape(value), "\""]);
        }
        match text {
            Some(text) => self.put(&[">", &escape(text), "</", name, ">\n"]),
            None => self.put(&["/>\n"]),
        }
    }
}
