//! What the reader takes from documents of the usual styles, written after
//! real ones: createrepo_c, the python createrepo, suse, single quotes.

use repomd::model::{DeltaEntry, RecordLocation, RecordProblem};
use repomd::{Checksum, MAX_SIZE, ReadError, Repomd};

const ALL_FIELDS: &str = include_str!("documents/all_fields.xml");

#[test]
fn every_field_is_kept() {
    let model = Repomd::parse(ALL_FIELDS.as_bytes()).unwrap();
    assert_eq!(model.revision.as_deref(), Some("1554795405"));
    let repoid = model.repoid.unwrap();
    assert_eq!((repoid.kind.as_deref(), repoid.text.as_str()), (Some("sha256"), "1e12"));
    let hash = model.contenthash.unwrap();
    assert_eq!((hash.kind.as_deref(), hash.text.as_str()), (Some("sha256"), "09E1ee"));
    assert_eq!(model.tags.repo, ["Fedora"]);
    assert_eq!(model.tags.content, ["binary-x86_64", "source & debug"]);
    let distros: Vec<_> = model.tags.distro.iter().map(|d| (d.cpeid.as_deref(), &*d.name)).collect();
    assert_eq!(distros, [(Some("cpe:/o:fedoraproject:fedora:33"), "Fedora 33"), (None, "Tea")]);

    let primary = &model.records[0];
    assert_eq!(primary.kind, "primary");
    assert_eq!(primary.checksum, Checksum::new("sha256", "490a2a").ok());
    assert_eq!(primary.open_checksum, Checksum::new("sha256", "6b17").ok());
    assert_eq!(primary.header_checksum, Checksum::new("sha256", "6b18").ok());
    assert_eq!(primary.local_location().unwrap().as_str(), "repodata/490a2a-primary.xml.gz");
    let timestamp = primary.timestamp.as_ref().unwrap();
    assert_eq!((timestamp.seconds(), timestamp.as_str()), (1_554_795_405, "1554795405.75"));
    assert_eq!((primary.size, primary.open_size), (Some(1287), Some(5025)));
    assert_eq!((primary.header_size, primary.database_version), (Some(132), Some(10)));
}

#[test]
fn deltas_are_found_wherever_they_are_and_keep_their_fields_to_themselves() {
    let model = Repomd::parse(ALL_FIELDS.as_bytes()).unwrap();
    let primary = model.record("primary").unwrap();
    assert_eq!(primary.deltas.len(), 3);
    let usable: Vec<_> = primary.usable_deltas().map(|delta| (delta.checksum.hex(), delta.size)).collect();
    assert_eq!(usable, [("d0", 100), ("d2", 300)]);
    let DeltaEntry::Unusable(why) = &primary.deltas[1] else {
        panic!("{:?}", primary.deltas[1]);
    };
    assert!(matches!(why, ReadError::Value { .. }), "{why}");
    assert_eq!(primary.checksum.as_ref().map(Checksum::hex), Some("490a2a"));
}

#[test]
fn records_that_lead_elsewhere_stay() {
    let model = Repomd::parse(ALL_FIELDS.as_bytes()).unwrap();
    let problem = |kind| model.record(kind).unwrap().local_location().unwrap_err();
    let base = "http://example.com/";
    assert_eq!(problem("remote"), RecordProblem::Elsewhere { base });
    assert!(matches!(problem("hostile"), RecordProblem::Unsafe { .. }));
    assert_eq!(problem("bare"), RecordProblem::NoLocation);
    let hostile = model.record("hostile").unwrap();
    assert_eq!((hostile.size, hostile.checksum.as_ref()), (None, None));
}

#[test]
fn an_inherited_base_counts() {
    for (root, data) in [("xml:base='http://a/'", ""), ("", "xml:base='http://a/'")] {
        let document = format!("<repomd {root}><data type='x' {data}><location href='x'/></data></repomd>");
        let model = Repomd::parse(document.as_bytes()).unwrap();
        assert!(matches!(&model.records[0].location, Some(RecordLocation::Elsewhere { .. })));
    }
}

#[test]
fn usual_styles_are_read() {
    let kinds = |document: &[u8]| {
        let model = Repomd::parse(document).unwrap();
        model.records.into_iter().map(|record| record.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(include_bytes!("documents/createrepo_c.xml")), ["primary", "filelists"]);
    let python = include_bytes!("documents/python_createrepo.xml");
    assert_eq!(kinds(python), ["group", "primary", "primary_db"]);
    assert_eq!(kinds(include_bytes!("documents/suse.xml")), ["primary", "susedata", "license-sles"]);
    assert_eq!(kinds(include_bytes!("documents/one_line.xml")), ["primary"]);

    let hub = Repomd::parse(include_bytes!("documents/single_quoted.xml")).unwrap();
    let primary = hub.record("primary").unwrap();
    assert_eq!((hub.revision.as_ref(), primary.timestamp.as_ref()), (None, None));
    assert_eq!((primary.size, primary.open_checksum.as_ref()), (Some(514), None));
}

#[test]
fn other_namespaces_are_unknown() {
    let suse = Repomd::parse(include_bytes!("documents/suse.xml")).unwrap();
    assert_eq!(suse.record("primary").unwrap().size, None);

    let prefixed = Repomd::parse(include_bytes!("documents/prefixed_crlf.xml")).unwrap();
    assert_eq!(prefixed.revision.as_deref(), Some("1"));
    assert_eq!(prefixed.records.len(), 1);
    assert!(prefixed.records[0].deltas.is_empty());
}

#[test]
fn references_sections_and_comments_make_one_text() {
    let document =
        b"<repomd><revision> a&amp;<!-- no --><![CDATA[<b>]]>&#x63;<d>e</d>\r\nf </revision></repomd>";
    let model = Repomd::parse(document).unwrap();
    assert_eq!(model.revision.as_deref(), Some("a&<b>c\nf"));
}

#[test]
fn comments_and_instructions_may_surround_the_root() {
    let document = b"<?xml version='1.0'?>\n<!-- a --><?b c?>\n<repomd/>\n<!-- d --><?e?>\n\n";
    assert_eq!(Repomd::parse(document).unwrap(), Repomd::default());
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    let whole = ALL_FIELDS.trim_end();
    assert!(Repomd::parse(whole.as_bytes()).is_ok());
    for length in 0..whole.len() {
        assert!(Repomd::parse(&whole.as_bytes()[..length]).is_err(), "{length}");
    }
}

#[test]
fn limits_hold() {
    let padded = |length: usize| {
        let mut document = b"<repomd/>".to_vec();
        document.resize(length, b' ');
        document
    };
    assert!(Repomd::parse(&padded(MAX_SIZE)).is_ok());
    let error = Repomd::parse(&padded(MAX_SIZE + 1)).unwrap_err();
    assert_eq!(error.to_string(), "expected at most 16777216 bytes, found 16777217");

    let many = format!("<repomd><data type='x'>{}</data></repomd>", "<delta/>".repeat(10_000));
    let error = Repomd::parse(many.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Unsupported { .. }), "{error}");

    let deep = |levels: usize| format!("<repomd>{}{}</repomd>", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(Repomd::parse(deep(31).as_bytes()).is_ok());
    let unsupported = |levels| Repomd::parse(deep(levels).as_bytes()).unwrap_err().is_unsupported();
    assert_eq!([32, 1023, 1024].map(unsupported), [true, true, false]);
}

#[test]
fn lenient_markup_is_refused() {
    for bad in [
        "<repomd><!-- a -- b --></repomd>",
        "<repomd>]]></repomd>",
        "<repomd><1/></repomd>",
        "<repomd><a:b:c/></repomd>",
        "<repomd>< a/></repomd>",
        "<repomd><></></repomd>",
        "<repomd><a/ ></repomd>",
        "<repomd><a></a b=''></repomd>",
        "<repomd>a & b</repomd>",
        "<repomd><![cdata[x]]></repomd>",
        "<repomd><? x?></repomd>",
        "<repomd><?xml version='1.0'?></repomd>",
        "<repomd/>&#32;",
        "<repomd/><![CDATA[]]>",
        "&#32;<repomd/>",
        "<repomd x:a=''/>",
        "<repomd xmlns:xml='http://example.com/'/>",
        "<repomd><!ELEMENT a></repomd>",
    ] {
        assert!(Repomd::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}
