//! Every type of the table, databases, and types that are not in it.

use std::collections::BTreeMap;

use delta_client::report::PathTaken;
use delta_core::Rule;
use delta_publish::{Options, inspect};

use crate::compose::{File, Site, Style};

#[test]
fn every_type_of_the_table_gets_deltas_and_a_client_uses_them() {
    let kinds: Vec<&str> = Rule::types().chain(["susedata.de"]).collect();
    let mut site = Site::new();
    for n in 0..4 {
        let files: Vec<File> = kinds.iter().map(|kind| File::new(kind, n)).collect();
        site.compose(n, &files, &Style::default());
        let options = if n < 3 { Options::default().with_journal(None) } else { Options::default() };
        let outcome = site.publish(&options);
        assert_eq!(outcome.warnings, [""; 0]);
        assert_eq!(outcome.types.iter().map(|one| &*one.data_type).collect::<Vec<_>>(), kinds);
        let expected = match n {
            0 => PathTaken::Full,
            3 => PathTaken::Journal,
            _ => PathTaken::Delta,
        };
        let all: BTreeMap<String, PathTaken> =
            kinds.iter().map(|kind| ((*kind).to_owned(), expected)).collect();
        assert_eq!(site.update(), all);
    }
    let modules = &site.listed()["modules"][0];
    assert!(modules.ends_with("-modules-yaml.delta0.bz2"), "{modules}");
}

#[test]
fn databases_and_unknown_types_are_left_alone_and_inspect_says_so() {
    let mut site = Site::new();
    let kinds = ["primary", "primary_db", "productid", "appdata-icons"];
    let files = |n| -> Vec<File> {
        let mut files: Vec<File> = kinds.iter().map(|kind| File::new(kind, n)).collect();
        files[3].open = format!("ustar\0icons of {n}\n").into_bytes();
        files
    };
    for n in 0..2 {
        site.compose(n, &files(n), &Style::default());
        let outcome = site.publish(&Options::default());
        assert_eq!(outcome.types.iter().map(|one| &*one.data_type).collect::<Vec<_>>(), ["primary"]);
    }
    assert_eq!(site.tracks(), ["primary"]);
    let inspected = inspect::repository(&site.root(), None).unwrap();
    let why: Vec<_> = inspected.records.iter().map(|record| record.left_alone.as_deref()).collect();
    let unknown = Some("an unknown type, which has deltas only where it is named");
    assert_eq!(why, [None, Some("a database, which has no deltas"), unknown, unknown]);

    // By name, text is cut at lines, and what is no text is left alone.
    let mut options = Options::default();
    options.types = Some(["productid", "appdata-icons"].map(str::to_owned).to_vec());
    site.update();
    for n in 2..4 {
        site.compose(n, &files(n), &Style::default());
        let outcome = site.publish(&options);
        let [productid, icons] = &outcome.types[..] else { panic!("{:?}", outcome.types) };
        assert_eq!((productid.skipped.as_ref(), productid.deltas.len() as u64), (None, n - 2));
        assert!(icons.skipped.as_ref().unwrap().contains("is no text"));
        assert_eq!((outcome.notes.len(), outcome.warnings.len(), outcome.reduced.len()), (1, 0, 0));
        let path = site.update()["productid"];
        assert_eq!(path, if n == 2 { PathTaken::Full } else { PathTaken::Delta });
    }
    let inspected = inspect::repository(&site.root(), None).unwrap();
    assert_eq!(inspected.records[2].left_alone, None);

    options.types = Some(vec!["primary_db".to_owned()]);
    let error = delta_publish::generate(&site.root(), &site.history(), &options).unwrap_err();
    assert_eq!(error.to_string(), "no deltas are defined for metadata type `primary_db`: it is a database");
}

#[test]
fn a_file_that_is_missing_or_has_other_bytes_is_refused_whatever_its_type() {
    let mut site = Site::new();
    let files = |n| ["primary", "updateinfo"].map(|kind| File::new(kind, n));
    site.compose(0, &files(0), &Style::default());
    site.publish(&Options::default());
    site.compose(1, &files(1), &Style::default());
    let model = repomd::Repomd::parse(&site.repomd()).unwrap();
    let file = site.root().join(model.record("updateinfo").unwrap().local_location().unwrap().to_string());
    let whole = std::fs::read(&file).unwrap();
    let generate = |types: Option<&str>| {
        let mut options = Options::default();
        options.types = types.map(|types| vec![types.to_owned()]);
        delta_publish::generate(&site.root(), &site.history(), &options)
    };
    std::fs::remove_file(&file).unwrap();
    for types in [None, Some("updateinfo")] {
        let error = generate(types).unwrap_err();
        assert!(error.to_string().contains("is missing"), "{error}");
    }
    let mut other = whole.clone();
    other[20] ^= 1;
    std::fs::write(&file, &other).unwrap();
    generate(None).unwrap_err();
    // What was not asked for is not looked at.
    generate(Some("primary")).unwrap();
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(generate(None).unwrap().types.len(), 2);
}
