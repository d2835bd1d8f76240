//! What the editor writes, byte by byte, into documents of each style, and
//! what it refuses to write.

use std::collections::BTreeMap;

use repomd::edit::{Additions, EditError};
use repomd::{Checksum, Delta, Location, Repomd, Timestamp, strip, with_deltas};

fn delta(number: u64) -> Result<Delta, Box<dyn std::error::Error>> {
    Ok(Delta {
        checksum: Checksum::new("sha256", &format!("{number:02x}"))?,
        location: Location::new(&format!("repodata/{number:02x}-x.delta{number}.bz2"))?,
        timestamp: Timestamp::from_seconds(1_000 - number)?,
        size: number,
    })
}

/// Lists so many deltas for a record.
fn deltas(kind: &str, count: u64) -> Result<Additions, Box<dyn std::error::Error>> {
    let list = (0..count).map(delta).collect::<Result<Vec<_>, _>>()?;
    Ok(BTreeMap::from([(kind.to_owned(), list)]).into())
}

/// Inserts one delta for primary, checks the law, and gives what was inserted.
fn inserted(document: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let list = deltas("primary", 1)?;
    let edited = with_deltas(document, &list)?;
    assert_eq!(strip(&edited)?, document);
    assert_eq!(with_deltas(&edited, &list)?, edited);
    let start = edited.iter().zip(document).take_while(|(a, b)| a == b).count();
    let end = start + edited.len() - document.len();
    Ok(String::from_utf8(edited[start..end].to_vec())?)
}

#[test]
fn indented_documents_get_indented_deltas() {
    let text = inserted(include_bytes!("documents/createrepo_c.xml")).unwrap();
    // White space is common to both sides, so the shown span starts after `<`.
    assert_eq!(
        text,
        "delta-base>
      <checksum type=\"sha256\">aa01</checksum>
      <location href=\"repodata/aa01-primary.xml.zst\"/>
    </delta-base>
    <delta><location href=\"repodata/00-x.delta0.bz2\"/>\
         <checksum type=\"sha256\">00</checksum>\
         <timestamp>1000</timestamp><size>0</size></delta>
    <"
    );
    let text = inserted(include_bytes!("documents/python_createrepo.xml")).unwrap();
    assert!(
        text.contains("\"/>\n  </delta-base>\n  <delta><") && text.contains("</size></delta>\n  <"),
        "{text}"
    );
}

#[test]
fn prefixes_line_ends_and_tabs_are_followed() {
    let text = inserted(include_bytes!("documents/prefixed_crlf.xml")).unwrap();
    assert_eq!(
        text,
        "delta-base>\r
\t\t\t<md:checksum type=\"sha256\">8658</md:checksum>\r
\t\t\t<md:location href=\"repodata/primary.xml.gz\"/>\r
\t\t</md:delta-base>\r
\t\t<md:delta><md:location href=\"repodata/00-x.delta0.bz2\"/>\
         <md:checksum type=\"sha256\">00</md:checksum>\
         <md:timestamp>1000</md:timestamp><md:size>0</md:size></md:delta>\r
\t\t<md:"
    );
}

#[test]
fn every_style_keeps_its_foreign_bytes() {
    let data = "<data type='x'><checksum type='sha'>00</checksum><location href='repodata/x'/>\
                <timestamp>1355930170.95</timestamp></data>";
    let styles = [
        format!("<repomd>{data}</repomd>"),
        format!(
            "<?xml version='1.0' encoding=\"UTF-8\" ?>\r\n<!-- <data type='x'/> -->\r\n<repomd>\r\n\t{data}\r\n</repomd>\r\n"
        ),
        format!("<?a <repomd> ?><repomd ><?b?>{data}<!--></data>--><?c ?></repomd >\n\n<?d?><!-- e -->"),
        format!(
            "\u{feff}<repomd xmlns='http://linux.duke.edu/metadata/repo'\n xmlns:q='urn:q'\n><q:data type='x'/>{data}\n</repomd>"
        ),
        format!(
            "<r:repomd xmlns:r='http://linux.duke.edu/metadata/repo'> {} </r:repomd>\n",
            data.replace("</", "</r:")
                .replace("<c", "<r:c")
                .replace("<l", "<r:l")
                .replace("<d", "<r:d")
                .replace("<t", "<r:t")
        ),
        format!(
            "<repomd><tags> <![CDATA[<delta>]]> &#233;\u{e9} </tags>\n\n\n{}</repomd>",
            data.replace("><", ">\n  \n<").replace('\'', "\"")
        ),
    ];
    for style in &styles {
        let edited = with_deltas(style.as_bytes(), &deltas("x", 2).unwrap()).unwrap();
        let model = Repomd::parse(&edited).unwrap();
        assert_eq!(model.record("x").unwrap().usable_deltas().count(), 2, "{style}");
        assert_eq!(String::from_utf8(strip(&edited).unwrap()).unwrap(), *style);
        // What was inserted is all in one place.
        let front = style.bytes().zip(&edited).take_while(|(a, b)| a == *b).count();
        let back = style.bytes().rev().zip(edited.iter().rev()).take_while(|(a, b)| a == *b).count();
        assert!(front + back >= style.len(), "{style}");
    }
}

#[test]
fn documents_on_one_line_stay_on_one_line() {
    let text = inserted(include_bytes!("documents/one_line.xml")).unwrap();
    assert_eq!(
        text,
        "delta-base><checksum type=\"sha256\">8658</checksum>\
         <location href=\"repodata/primary.xml.gz\"/></delta-base>\
         <delta><location href=\"repodata/00-x.delta0.bz2\"/>\
         <checksum type=\"sha256\">00</checksum>\
         <timestamp>1000</timestamp><size>0</size></delta><"
    );
    inserted(include_bytes!("documents/single_quoted.xml")).unwrap();
    inserted(include_bytes!("documents/suse.xml")).unwrap();
}

#[test]
fn deltas_come_first_and_in_order_and_replace_the_old_ones() {
    let document = include_bytes!("documents/all_fields.xml");
    let edited = with_deltas(document, &deltas("primary", 3).unwrap()).unwrap();
    let model = Repomd::parse(&edited).unwrap();
    let sizes: Vec<u64> = model.record("primary").unwrap().usable_deltas().map(|d| d.size).collect();
    assert_eq!(sizes, [0, 1, 2]);
    let text = String::from_utf8(edited).unwrap();
    assert!(text.rfind("</delta>") < text.find("<checksum type=\"sha256\">490A2a"));
    assert!(!text.contains("d0-primary"));
}

/// What is wrong with the `<delta-base>` of a record with this content.
fn complaint(content: &str) -> Result<String, Box<dyn std::error::Error>> {
    let own = "<location href='b'/><checksum type='md5'>01</checksum>";
    let document = format!("<repomd><data type='a'>{content}{own}</data></repomd>");
    let bare = String::from_utf8(strip(document.as_bytes())?)?.replace("<!-- first -->", "");
    assert_eq!(bare, format!("<repomd><data type='a'>{own}</data></repomd>"));
    let model = Repomd::parse(document.as_bytes())?;
    let record = model.record("a").ok_or("no record")?;
    let own = record.local_location().map_err(|problem| problem.to_string())?;
    assert_eq!(own.as_str(), "b", "the record keeps its own location");
    let checked = record.check_delta_base();
    Ok(checked.map_or_else(|problem| problem.to_string(), |()| "nothing".to_owned()))
}

#[test]
fn a_base_that_is_not_as_it_should_be_is_told_and_stripped() {
    let base = "<delta-base><location href='b'/><checksum type='md5'>01</checksum></delta-base>";
    for (content, expected) in [
        (String::new(), "nothing"),
        (format!("{base}<delta/>"), "nothing"),
        (format!("<!-- first -->{base}<delta/>"), "nothing"),
        ("<delta/>".to_owned(), "expected a `<delta-base>` before its deltas, found none"),
        (base.to_owned(), "expected no `<delta-base>` without deltas, found one"),
        (format!("{base} {base}<delta/>"), "expected one `<delta-base>`, found 2"),
        (
            format!("<delta/>{base}"),
            "expected `<delta-base>` as its first element, found another one before it",
        ),
        (base.replace("'b'", "'c'") + "<delta/>", "expected location `b` in its `<delta-base>`, found `c`"),
        (
            base.replace("01", "02") + "<delta/>",
            "expected checksum `md5:01` in its `<delta-base>`, found `md5:02`",
        ),
        (
            "<delta-base><location href='b'/></delta-base><delta/>".to_owned(),
            "expected checksum `md5:01` in its `<delta-base>`, found none",
        ),
        (
            base.replace("01", "0x") + "<delta/>",
            "its `<delta-base>` cannot be used: in `<checksum>` at byte 55: expected a checksum of hexadecimal \
             digit pairs, found `0x`",
        ),
        (
            "<delta-base/><delta/>".to_owned(),
            "its `<delta-base>` cannot be used: expected `<location>` in `<delta-base>` at byte 23, found none",
        ),
        (
            base.replace("'b'", "'../b'") + "<delta/>",
            "its `<delta-base>` cannot be used: in `<location>` at byte 35: expected a normalized path, \
             found component `..` in location `../b`",
        ),
        (
            base.replace("'b'", "'b' xml:base='c'") + "<delta/>",
            "its `<delta-base>` cannot be used: expected a delta within the repository at byte 35, found base `c`",
        ),
    ] {
        assert_eq!(complaint(&content).unwrap(), expected, "{content}");
    }
}

#[test]
fn values_are_escaped() {
    let mut list = deltas("primary", 1).unwrap();
    let odd = Location::new("repodata/a&b<c>\"d'.bz2").unwrap();
    list.deltas.entry("primary".to_owned()).and_modify(|list| list[0].location = odd.clone());
    let edited = with_deltas(include_bytes!("documents/one_line.xml"), &list).unwrap();
    let text = String::from_utf8(edited.clone()).unwrap();
    assert!(text.contains("href=\"repodata/a&amp;b&lt;c&gt;&quot;d'.bz2\""), "{text}");
    let model = Repomd::parse(&edited).unwrap();
    assert_eq!(model.records[0].usable_deltas().next().unwrap().location, odd);
}

#[test]
fn strip_leaves_what_is_not_ours() {
    let document = "<repomd xmlns:o='http://example.com/'>
  <delta/>
  <data type='a'> <delta a='>'>\n<x/></delta>\t<delta/>
    <size>1</size><!-- <delta/> --><o:delta/><x><delta/></x><![CDATA[<delta/>]]>
    <delta>
    </delta>
  </data>
</repomd>";
    let expected = "<repomd xmlns:o='http://example.com/'>
  <delta/>
  <data type='a'>
    <size>1</size><!-- <delta/> --><o:delta/><x><delta/></x><![CDATA[<delta/>]]>
  </data>
</repomd>";
    let bare = strip(document.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(bare.clone()).unwrap(), expected);
    assert_eq!(strip(&bare).unwrap(), bare);
}

#[test]
fn an_empty_list_asks_for_nothing() {
    let document = include_bytes!("documents/createrepo_c.xml");
    for list in [Additions::default(), deltas("nowhere", 0).unwrap()] {
        assert_eq!(with_deltas(document, &list).unwrap(), document);
    }
}

#[test]
fn records_that_cannot_take_deltas_are_errors() {
    let document = include_bytes!("documents/all_fields.xml");
    let message = |kind| {
        let error = with_deltas(document, &deltas(kind, 1).unwrap()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        message("modules"),
        "expected a record of type `modules` for its deltas, found `primary`, `remote`, `hostile`, `bare`"
    );
    let base = document.windows(20).position(|window| window == b"<data type=\"remote\">").unwrap();
    assert_eq!(
        message("remote"),
        format!(
            "expected a record that can take deltas, found `remote` at byte {base}: \
             its file is elsewhere, below `http://example.com/`"
        )
    );
    assert!(message("hostile").contains("its location is unsafe"));
    assert!(message("bare").contains("it has no location"));
}

#[test]
fn a_document_that_cannot_be_read_is_not_edited() {
    let error = strip(b"<html>").unwrap_err();
    assert!(matches!(error, EditError::Read(_)));
}

#[test]
fn an_edit_that_would_break_the_document_is_refused() {
    // Without the delta, the text round it would end a section that never began.
    let document = b"<repomd><data type='a'>]]<delta/>></data></repomd>";
    let error = strip(document).unwrap_err();
    assert!(matches!(error, EditError::Unreadable { .. }), "{error}");
}

#[test]
fn an_edited_document_that_would_be_too_large_is_refused() {
    let space = " ".repeat(repomd::MAX_SIZE / 2);
    let document = format!("<repomd><data type='primary'>\n{space}<location href='a'/></data></repomd>");
    let error = with_deltas(document.as_bytes(), &deltas("primary", 1).unwrap()).unwrap_err();
    assert!(matches!(error, EditError::TooLarge { .. }), "{error}");
}
