//! What is written is read as the same model, and never written otherwise.

mod support;

use proptest::prelude::*;
use repomd::model::{DeltaBase, DeltaEntry, RecordLocation, TypedText};
use repomd::write::WriteError;
use repomd::{Checksum, Location, Record, Repomd, Timestamp};
use support::{document, unplaced};

/// The model as it can be written.
fn writable(model: Repomd) -> Repomd {
    let (mut model, _) = unplaced(model);
    for record in &mut model.records {
        record.deltas.retain(|delta| matches!(delta, DeltaEntry::Usable(_)));
        let copy = record.base_copy().filter(|_| !record.deltas.is_empty());
        let base = copy.map(|copy| DeltaBase { copy: Ok(copy), is_first: true });
        record.delta_bases = base.into_iter().collect();
    }
    model
}

#[test]
fn documents_of_every_style_are_written_as_they_were_read() {
    for text in [
        include_str!("documents/all_fields.xml"),
        include_str!("documents/createrepo_c.xml"),
        include_str!("documents/one_line.xml"),
        include_str!("documents/prefixed_crlf.xml"),
        include_str!("documents/python_createrepo.xml"),
        include_str!("documents/single_quoted.xml"),
        include_str!("documents/suse.xml"),
    ] {
        let model = writable(Repomd::parse(text.as_bytes()).unwrap());
        let written = model.to_xml().unwrap();
        assert_eq!(Repomd::parse(&written).unwrap(), model);
        assert_eq!(model.to_xml().unwrap(), written);
    }
}

fn one_record() -> Repomd {
    let mut record = Record::default();
    "primary".clone_into(&mut record.kind);
    record.checksum = Checksum::new("sha256", "00ff").ok();
    record.open_checksum = Checksum::new("sha", "11").ok();
    record.location = Location::new("repodata/00ff-primary.xml.zst").ok().map(RecordLocation::Local);
    record.timestamp = Timestamp::parse("1700000000.5").ok();
    record.size = Some(5);
    record.open_size = Some(7);
    let mut model = Repomd::default();
    model.revision = Some("1700000000".to_owned());
    model.records.push(record);
    model
}

#[test]
fn the_layout_is_that_of_createrepo_c() {
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">
  <revision>1700000000</revision>
  <data type=\"primary\">
    <checksum type=\"sha256\">00ff</checksum>
    <open-checksum type=\"sha\">11</open-checksum>
    <location href=\"repodata/00ff-primary.xml.zst\"/>
    <timestamp>1700000000.5</timestamp>
    <size>5</size>
    <open-size>7</open-size>
  </data>
</repomd>
";
    assert_eq!(String::from_utf8(one_record().to_xml().unwrap()).unwrap(), expected);
}

#[test]
fn what_cannot_be_read_again_is_not_written() {
    let mut twice = one_record();
    twice.records.push(twice.records[0].clone());
    assert_eq!(twice.to_xml(), Err(WriteError::Differs));

    let mut control = one_record();
    control.revision = Some("\u{1}".to_owned());
    assert!(matches!(control.to_xml(), Err(WriteError::Unreadable { .. })));

    let mut spaces = one_record();
    spaces.revision = Some(" 1 ".to_owned());
    assert_eq!(spaces.to_xml(), Err(WriteError::Differs));
}

proptest! {
    #[test]
    fn any_document_is_read_and_written_the_same(document in document()) {
        for text in [document.edited, document.bare] {
            let model = writable(Repomd::parse(text.as_bytes())?);
            prop_assert_eq!(Repomd::parse(&model.to_xml()?)?, model);
        }
    }

    #[test]
    fn any_text_is_written_so_that_it_is_read_back(text in "[a-z&<>\"'é\\]\t\n\r;#]([ a-z&<>\"'é\\]\t\n\r;#]{0,10}[a-z&<>\"'])?") {
        let mut model = one_record();
        model.repoid = Some(TypedText { kind: Some(text.clone()), text: text.clone() });
        model.tags.content.push(text.clone());
        // A type has no control characters.
        model.records[0].kind = text.replace(['\t', '\n', '\r'], "!");
        match model.to_xml() {
            Ok(written) => prop_assert_eq!(Repomd::parse(&written)?, model),
            Err(error) => prop_assert!(matches!(error, WriteError::Differs), "{error}"),
        }
    }
}
