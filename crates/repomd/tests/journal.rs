//! The instruction that names the journal: which one is read, and where it is written. What is
//! wrong with malformed ones is in `malformed.rs`.

use std::collections::BTreeMap;

use repomd::edit::{Additions, EditError};
use repomd::journal::{Journal, JournalType, MAX_TYPES, NewestSteps, Recipe, is_name};
use repomd::write::WriteError;
use repomd::{Checksum, Location, Repomd, strip, with_deltas};

const DIGITS: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn journal() -> Result<Journal, Box<dyn std::error::Error>> {
    let kind = |name: &str, id| JournalType { name: name.to_owned(), id };
    Ok(Journal {
        location: Location::new(&format!("repodata/{DIGITS}-repodata.journal"))?,
        checksum: Checksum::new("sha256", DIGITS)?,
        size: 1_154_210,
        head_size: 507,
        head_digest: [0x0a; 16],
        id: [0x1f, 0x2e, 0x3d, 0x4c],
        sequence: 57,
        types: vec![kind("primary", [0x8c, 0xa5, 0xb5, 0xc5]), kind("filelists", [0, 0, 0, 1])],
        recipes: BTreeMap::from([
            ("primary".to_owned(), Recipe { number: 2, chunks: None }),
            ("primary_zck".to_owned(), Recipe { number: 17, chunks: Some(3) }),
        ]),
        newest: Some(NewestSteps {
            table: 314,
            parts: vec![1633, 1],
            digest: [0x0b; 16],
            further: vec![11_000, 12_034],
        }),
    })
}

/// How that journal is written.
fn instruction() -> String {
    let (head, table) = ("0a".repeat(16), "0b".repeat(16));
    format!(
        "<?delta-journal format=\"2\" href=\"repodata/{DIGITS}-repodata.journal\" size=\"1154210\" \
         head=\"507 {head}\" id=\"1f2e3d4c\" sequence=\"57\" types=\"primary:8ca5b5c5 filelists:00000001\" \
         recipes=\"primary:2 primary_zck:17.3\" newest=\"314:1633,1:{table}\" further=\"11000,12034\"?>"
    )
}

fn additions(journal: Journal) -> Additions {
    Additions { journal: Some(journal), ..Additions::default() }
}

/// The document with the journal named in it, after a look at what then is read and stripped.
fn named(document: &str) -> Result<String, Box<dyn std::error::Error>> {
    let edited = with_deltas(document.as_bytes(), &additions(journal()?))?;
    assert_eq!(strip(&edited)?, strip(document.as_bytes())?);
    let model = Repomd::parse(&edited)?;
    assert_eq!(model.journal, Some(journal()?));
    assert_eq!(model.faults, []);
    Ok(String::from_utf8(edited)?)
}

#[test]
fn it_comes_after_the_revision_laid_out_like_its_neighbours() {
    let given = include_str!("documents/createrepo_c.xml");
    let revision = "  <revision>1700000000</revision>\n";
    let expected = given.replace(revision, &format!("{revision}  {}\n", instruction()));
    assert_eq!(named(given).unwrap(), expected);

    let given = include_str!("documents/one_line.xml");
    let expected = given.replace("<data", &(instruction() + "<data"));
    assert_eq!(named(given).unwrap(), expected);

    let given = include_str!("documents/prefixed_crlf.xml");
    let edited = named(given).unwrap();
    assert!(edited.contains(&format!("</md:revision>\r\n\t{}\r\n\t<", instruction())), "{edited}");
}

#[test]
fn it_comes_first_where_there_is_no_revision() {
    let given = "<repomd>\n\n <data type='a'/><o:revision xmlns:o='http://example.com/'/>\n</repomd>";
    let expected = given.replacen("\n\n <", &format!("\n\n {}\n\n <", instruction()), 1);
    assert_eq!(named(given).unwrap(), expected);
    assert_eq!(named("<repomd></repomd>").unwrap(), format!("<repomd>{}</repomd>", instruction()));
}

#[test]
fn of_two_revisions_it_follows_the_first_wherever_that_is() {
    let given = "<repomd><data type='a'/><revision/><data type='b'/><revision/></repomd>";
    let expected = given.replacen("<revision/>", &format!("<revision/>{}", instruction()), 1);
    let edited = with_deltas(given.as_bytes(), &additions(journal().unwrap())).unwrap();
    assert_eq!(String::from_utf8(edited).unwrap(), expected);
}

#[test]
fn deltas_and_a_journal_go_together() {
    let given = include_str!("documents/all_fields.xml");
    let delta =
        Repomd::parse(given.as_bytes()).unwrap().record("primary").unwrap().usable_deltas().next().cloned();
    let mut both = additions(journal().unwrap());
    both.deltas = BTreeMap::from([("primary".to_owned(), Vec::from_iter(delta))]);
    let edited = with_deltas(given.as_bytes(), &both).unwrap();
    let model = Repomd::parse(&edited).unwrap();
    assert_eq!(model.journal, both.journal);
    assert_eq!(model.record("primary").unwrap().usable_deltas().count(), 1);
    assert_eq!(strip(&edited).unwrap(), strip(given.as_bytes()).unwrap());
    assert_eq!(model.without_ours().journal, None);
}

#[test]
fn a_new_document_has_it_after_the_revision() {
    let mut model = Repomd::default();
    model.revision = Some("1".to_owned());
    model.journal = journal().ok();
    let text = String::from_utf8(model.to_xml().unwrap()).unwrap();
    let expected = format!("  <revision>1</revision>\n  {}\n</repomd>\n", instruction());
    assert!(text.ends_with(&expected), "{text}");
    assert_eq!(Repomd::parse(text.as_bytes()).unwrap(), model);
}

/// What is read of a document, in which `@` stands for a whole instruction: the journal, or how
/// many faults there are.
fn read(document: &str) -> Result<Result<Journal, usize>, repomd::ReadError> {
    let model = Repomd::parse(document.replace('@', &instruction()).as_bytes())?;
    Ok(model.journal.ok_or(model.faults.len()))
}

#[test]
fn it_is_read_anywhere_directly_below_the_root() {
    for document in [
        "<repomd>@</repomd>",
        "<repomd><revision>1</revision>@<data type='a'/></repomd>",
        "<repomd><data type='a'/>text @ text</repomd>",
        "<repomd><data type='a'><x/></data>@</repomd>",
        "<r:repomd xmlns:r='http://linux.duke.edu/metadata/repo'>@</r:repomd>",
        "<repomd xml:base='http://example.com/'>@</repomd>",
    ] {
        assert_eq!(read(document), Ok(Ok(journal().unwrap())), "{document}");
    }
}

#[test]
fn it_is_not_ours_elsewhere() {
    for document in [
        "@<repomd></repomd>",
        "<repomd></repomd>@",
        "<repomd/>@",
        "<repomd><data type='a'>@</data></repomd>",
        "<repomd><revision>@1</revision></repomd>",
        "<repomd><tags>@</tags></repomd>",
        "<repomd><x>@</x></repomd>",
        "<repomd><!-- @ --></repomd>",
        "<repomd><![CDATA[@]]></repomd>",
        "<repomd><?x @</repomd>",
    ] {
        assert_eq!(read(document), Ok(Err(0)), "{document}");
        let document = document.replace('@', &instruction());
        assert_eq!(strip(document.as_bytes()).unwrap(), document.as_bytes());
    }
}

#[test]
fn other_names_are_instructions_of_others() {
    for name in ["delta", "delta-journals", "Delta-Journal", "delta-journal2"] {
        let document = format!("<repomd>{}</repomd>", instruction().replace("delta-journal", name));
        assert_eq!(read(&document), Ok(Err(0)), "{document}");
        assert_eq!(strip(document.as_bytes()).unwrap(), document.as_bytes());
    }
    assert!(read(&format!("<repomd>{}</repomd>", instruction().replace("<?", "<?md:"))).is_err());
}

#[test]
fn other_formats_are_passed_over_and_removed() {
    for format in ["1", "3", "", " 2", "02", "2 "] {
        let other = instruction().replace("format=\"2\"", &format!("format=\"{format}\""));
        assert_eq!(read(&format!("<repomd>{other}</repomd>")), Ok(Err(0)), "{format}");
        assert_eq!(
            read(&format!("<repomd>{other}@{other}</repomd>")),
            Ok(Ok(journal().unwrap())),
            "{format}"
        );
        assert_eq!(strip(format!("<repomd>{other}</repomd>").as_bytes()).unwrap(), b"<repomd></repomd>");
    }
    assert_eq!(read("<repomd><?delta-journal format=\"3\" and=\"\" more=\"<>\"?></repomd>"), Ok(Err(0)));
}

#[test]
fn of_two_none_is_believed() {
    for document in
        ["<repomd>@@</repomd>", "<repomd>@<data type='a'/>@</repomd>", "<repomd>@<?delta-journal?>@</repomd>"]
    {
        assert_eq!(read(document), Ok(Err(1)), "{document}");
        let bare = document.replace(['@'], "").replace("<?delta-journal?>", "");
        let document = document.replace('@', &instruction());
        assert_eq!(strip(document.as_bytes()).unwrap(), bare.as_bytes());
        assert!(named(&document).is_ok());
    }
}

#[test]
fn unknown_attributes_any_order_and_white_space_are_taken() {
    let reordered =
        instruction().replace("format=\"2\" ", "").replace("?>", "\r\n\tnew=\"' &x <\" format=\"2\"\n ?>");
    assert_eq!(read(&format!("<repomd>{reordered}</repomd>")), Ok(Ok(journal().unwrap())));
}

#[test]
fn the_optional_may_be_absent() {
    let mut least = journal().unwrap();
    least.recipes.clear();
    least.newest = None;
    let edited = with_deltas(b"<repomd></repomd>", &additions(least.clone())).unwrap();
    assert_eq!(Repomd::parse(&edited).unwrap().journal, Some(least));
    let text = String::from_utf8(edited).unwrap();
    assert!(!["recipes", "newest", "further"].iter().any(|name| text.contains(name)), "{text}");
}

#[test]
fn a_very_long_one_is_malformed() {
    let long = |length: usize| {
        let more = format!(" x=\"{}\"?>", "x".repeat(length));
        read(&format!("<repomd>{}</repomd>", instruction().replace("?>", &more)))
    };
    assert!(long(60_000).unwrap().is_ok());
    assert_eq!(long(70_000), Ok(Err(1)));
}

#[test]
fn journals_that_would_be_read_as_others_are_not_written() {
    let change = |change: &dyn Fn(&mut Journal)| {
        let mut changed = journal().unwrap();
        change(&mut changed);
        let mut model = Repomd::default();
        model.journal = Some(changed.clone());
        assert_eq!(model.to_xml(), Err(WriteError::Differs));
        with_deltas(b"<repomd></repomd>", &additions(changed)).unwrap_err()
    };
    let unreadable = |error: EditError| matches!(error, EditError::Unreadable { .. });
    assert!(unreadable(change(&|journal| journal.types.clear())));
    assert!(unreadable(change(&|journal| journal.types[0].name.push(' '))));
    assert!(unreadable(change(&|journal| journal.types[0].name += ":00\" x=\"")));
    assert!(unreadable(change(&|journal| journal.newest.iter_mut().for_each(|newest| newest.parts.push(2)))));
    assert!(unreadable(change(&|journal| journal.size = 1)));
    assert!(unreadable(change(&|journal| journal.sequence = u64::MAX)));
    let name = JournalType { name: "a".to_owned(), id: [0; 4] };
    assert!(unreadable(change(&|journal| {
        journal.newest = None;
        journal.types = vec![name.clone(); MAX_TYPES + 1];
    })));
    let differs = |error: EditError| matches!(error, EditError::Differs { .. });
    assert!(differs(
        change(&|journal| journal.checksum = Checksum::new("sha256", &"00".repeat(32)).unwrap())
    ));
}

#[test]
fn markup_in_a_name_does_not_get_into_a_document() {
    let mut changed = journal().unwrap();
    changed.types[0].name = format!("a:00000000\"?><data type='x'/>{}<?x ", instruction());
    let error = with_deltas(b"<repomd></repomd>", &additions(changed)).unwrap_err();
    assert!(matches!(error, EditError::Unreadable { .. } | EditError::Differs { .. }), "{error}");
}

#[test]
fn a_self_closing_root_takes_no_journal() {
    let error = with_deltas(b"<repomd/>", &additions(journal().unwrap())).unwrap_err();
    assert_eq!(error, EditError::NoContent);
}

#[test]
fn names_are_those_of_usual_records() {
    for good in ["primary", "filelists_zck", "susedata.de-at", "appdata-icons", "c++", &"x".repeat(64)] {
        assert!(is_name(good), "{good}");
    }
    for bad in ["", "a b", "a:b", "a\"", "a?", "é", "a,b", "a=b", &"x".repeat(65)] {
        assert!(!is_name(bad), "{bad}");
    }
}
