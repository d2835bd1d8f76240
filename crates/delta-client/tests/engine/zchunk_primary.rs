//! filelists and other are rebuilt by the chunks of primary.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use codec::Expect;
use codec::recipe::Recipe;
use codec::recipe::zchunk::{ChunkRule, PrimaryChunks, PrimaryReader, ZchunkCuts, ZchunkFile, ZchunkHeader};
use delta_client::options::{CopyAs, Options};
use delta_client::report::{PathTaken, Updated};
use repomd::journal::Recipe as ListedRecipe;

use crate::exact::{number, path_of};
use crate::repo::{EPOCH, Repo, damage, gzip, options, reason, record, sha256};
use crate::zchunk_file::empty;

const FOLLOWERS: [&str; 2] = ["filelists_zck", "other_zck"];

/// Source packages with so many packages each, and their versions; primary shows all but
/// the last digit.
type Sources<'a> = &'a [(&'a str, usize, u64)];

const FIRST: Sources<'_> = &[("apple", 2, 10), ("bread", 1, 10), ("cream", 3, 10), ("dates", 2, 10)];
/// One changes, one goes, one comes, one loses a package, and one moves.
const SECOND: Sources<'_> = &[("apple", 2, 20), ("dates", 2, 10), ("cream", 2, 10), ("eggs", 2, 10)];

fn open(kind: &str, sources: Sources<'_>) -> Vec<u8> {
    let mut text = format!("<?xml version=\"1.0\"?>\n<{kind}>\n");
    for (source, packages, version) in sources {
        let version = if kind == "primary" { version / 10 } else { *version };
        for package in 0..*packages {
            let filling = sha256(format!("{kind} {source} {package} {version}").as_bytes()).repeat(4);
            writeln!(text, "<package name=\"{source}-{package}\"><text>{filling}</text>").unwrap();
            if kind == "primary" {
                writeln!(text, "<rpm:sourcerpm>{source}-{version}.src.rpm</rpm:sourcerpm>").unwrap();
            }
            text.push_str("</package>\n");
        }
    }
    (text + &format!("</{kind}>\n")).into_bytes()
}

fn chunks_of(primary: &[u8]) -> Arc<PrimaryChunks> {
    let mut reader = PrimaryReader::new();
    reader.write_all(primary).unwrap();
    Arc::new(reader.finish().unwrap())
}

fn zchunk(open: &[u8], cuts: ZchunkCuts, dictionary: Option<&[u8]>) -> Vec<u8> {
    let old = ZchunkFile::read(Cursor::new(empty()), Path::new("empty"), Expect::default()).unwrap();
    let recipe = Recipe::from_number(number("zck-10")).unwrap();
    let dictionary = dictionary.map(<[u8]>::to_vec);
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), old, cuts, dictionary, Cursor::new(Vec::new())).unwrap();
    rebuilder.write_all(open).unwrap();
    rebuilder.finish().unwrap().out
}

/// Publishes primary, plain and as zchunk file, and the others as zchunk files.
fn publish(repo: &Repo, generation: u64, sources: Sources<'_>, dictionary: Option<&[u8]>) {
    let repodata = repo.root().join("repodata");
    fs::create_dir_all(&repodata).unwrap();
    let primary = open("primary", sources);
    let rule = |number| ChunkRule::from_number(number).unwrap();
    let by_primary = || ZchunkCuts::ByPrimary(rule(3), chunks_of(&primary));
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  \
         <revision>{generation}</revision>\n"
    );
    for kind in ["filelists_zck", "other_zck", "primary", "primary_zck"] {
        let family = kind.trim_end_matches("_zck");
        let open = open(family, sources);
        let (file, suffix, header) = if kind == "primary" {
            (gzip(&open), "gz", String::new())
        } else {
            let cuts = if family == "primary" { ZchunkCuts::Rule(rule(0)) } else { by_primary() };
            let file = zchunk(&open, cuts, dictionary);
            let header = ZchunkHeader::read(Cursor::new(file.clone()), Path::new(kind)).unwrap();
            let sum = header.checksum.unwrap().to_hex();
            let header = format!(
                "    <header-checksum type=\"sha256\">{sum}</header-checksum>\n    \
                     <header-size>{}</header-size>\n",
                header.size
            );
            (file, "zck", header)
        };
        let name = format!("{}-{family}.xml.{suffix}", sha256(&file));
        fs::write(repodata.join(&name), &file).unwrap();
        text += &record((kind, &name), (&file, &open), EPOCH + generation * 3600, &header);
    }
    fs::write(repodata.join("repomd.xml"), text + "</repomd>\n").unwrap();
    repo.generate(generation);
}

fn exact(types: &[&str]) -> Options {
    options()
        .with_types(types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>())
        .with_copy(CopyAs::Exact)
}

/// A repository with the first packages, and a cache with these types.
fn repo(types: &[&str]) -> Repo {
    let mut repo = Repo::new();
    repo.journals = true;
    publish(&repo, 0, FIRST, None);
    assert!(repo.update_with(&exact(types)).unwrap().exact);
    repo
}

/// Brings the cache up to date, exactly.
fn update_exactly(repo: &Repo, types: &[&str]) -> Updated {
    let updated = repo.update_with(&exact(types)).unwrap();
    assert!(updated.exact);
    let model = repo.model();
    for kind in types {
        let name = model.record(kind).unwrap().local_location().unwrap().to_string();
        assert_eq!(fs::read(repo.cache().join(&name)).unwrap(), fs::read(repo.root().join(&name)).unwrap());
    }
    updated
}

/// Lists another rule in place of `from`.
fn replace_rule(repo: &Repo, from: u8, to: u8) {
    let chunks = |rule| if rule == Some(from) { Some(to) } else { rule };
    repo.edit_recipes(|listed| Some(ListedRecipe { chunks: chunks(listed.chunks), ..listed }));
}

const NOT_KEPT: &str = "its chunks follow those of primary, which is not kept here";

#[test]
fn they_are_rebuilt_wherever_primary_is() {
    for primary in ["primary", "primary_zck"] {
        for parallel in [1, 4] {
            let types = ["filelists_zck", "other_zck", primary];
            let repo = repo(&types);
            publish(&repo, 1, SECOND, None);
            for kind in FOLLOWERS {
                let model = repo.model();
                assert_eq!(model.journal.unwrap().recipes[kind].chunks, Some(3));
            }
            let mut options = exact(&types);
            options.parallel = parallel;
            options.dry_run = true;
            let planned = repo.update_with(&options).unwrap();
            assert!(FOLLOWERS.iter().all(|kind| path_of(&planned, kind) == PathTaken::Journal));
            options.dry_run = false;
            let updated = repo.update_with(&options).unwrap();
            assert_eq!(updated.warnings, [""; 0]);
            assert!(FOLLOWERS.iter().all(|kind| path_of(&updated, kind) == PathTaken::Journal));
            update_exactly(&repo, &types);
        }
    }
}

#[test]
fn a_primary_that_did_not_change_serves_as_well() {
    let types = ["filelists_zck", "other_zck", "primary"];
    let repo = repo(&types);
    let other = [("apple", 2, 10), ("bread", 1, 10), ("cream", 3, 10), ("dates", 2, 17)];
    publish(&repo, 1, &other, None);
    let updated = update_exactly(&repo, &types);
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(path_of(&updated, "primary"), PathTaken::Current);
    assert!(FOLLOWERS.iter().all(|kind| path_of(&updated, kind) == PathTaken::Journal), "{updated:?}");
}

#[test]
fn without_primary_the_file_is_fetched_and_the_reason_said() {
    let repo = repo(&["filelists_zck"]);
    publish(&repo, 1, SECOND, None);
    // Where the copy need not be exact it is described anew.
    let mut auto = exact(&["filelists_zck"]);
    (auto.copy, auto.dry_run) = (CopyAs::Auto, true);
    let planned = repo.update_with(&auto).unwrap();
    assert!(!planned.exact);
    let updated = update_exactly(&repo, &["filelists_zck"]);
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(path_of(&updated, "filelists_zck"), PathTaken::Full);
    assert_eq!(reason(&updated, "filelists_zck"), NOT_KEPT);
}

#[test]
fn a_primary_that_turns_out_to_be_damaged_is_fetched_anew() {
    let types = ["filelists_zck", "primary"];
    let repo = repo(&types);
    let path = repo.cached("-primary.xml");
    damage(&path, fs::read(&path).unwrap().len() / 2);
    publish(&repo, 1, &[("apple", 2, 10), ("bread", 1, 10), ("cream", 3, 10), ("dates", 2, 17)], None);
    let updated = update_exactly(&repo, &types);
    assert_eq!(path_of(&updated, "primary"), PathTaken::Full);
    assert_eq!(path_of(&updated, "filelists_zck"), PathTaken::Journal);
    let why = "taking the full file of `primary`: the copy held is damaged: ";
    assert!(updated.warnings.len() == 1 && updated.warnings[0].starts_with(why), "{:?}", updated.warnings);
}

#[test]
fn a_rule_that_is_wrong_costs_the_full_file() {
    let types = ["filelists_zck", "primary", "primary_zck"];
    for (wrong, path) in [(0, PathTaken::Full), (4, PathTaken::Journal), (5, PathTaken::Full)] {
        let repo = repo(&types);
        publish(&repo, 1, SECOND, None);
        replace_rule(&repo, 3, wrong);
        assert_eq!(path_of(&update_exactly(&repo, &types), "filelists_zck"), path, "{wrong}");
    }
    // Primary itself cannot have the chunks of primary, but that of another record.
    for (types, path) in [(&types[2..], PathTaken::Full), (&types[1..], PathTaken::Journal)] {
        let repo = repo(types);
        publish(&repo, 1, SECOND, None);
        replace_rule(&repo, 0, 3);
        let updated = update_exactly(&repo, types);
        assert_eq!(path_of(&updated, "primary_zck"), path);
    }
}

#[test]
fn another_dictionary_costs_the_full_file() {
    let types = ["filelists_zck", "primary_zck"];
    let mut repo = Repo::new();
    repo.journals = true;
    let [first, second] = ["first", "second"].map(|kind| open(kind, FIRST));
    publish(&repo, 0, FIRST, Some(&first));
    assert!(repo.update_with(&exact(&types)).unwrap().exact);
    // With the same one the files are rebuilt.
    publish(&repo, 1, SECOND, Some(&first));
    let updated = update_exactly(&repo, &types);
    assert!(types.iter().all(|kind| path_of(&updated, kind) == PathTaken::Journal), "{updated:?}");
    publish(&repo, 2, FIRST, Some(&second));
    let updated = update_exactly(&repo, &types);
    assert_eq!(updated.warnings, [""; 0]);
    for kind in types {
        assert_eq!(path_of(&updated, kind), PathTaken::Full);
        assert_eq!(reason(&updated, kind), "its publisher does not tell how the zchunk file is rebuilt");
    }
    // From then on all have that one.
    publish(&repo, 3, SECOND, Some(&second));
    let updated = update_exactly(&repo, &types);
    assert!(types.iter().all(|kind| path_of(&updated, kind) == PathTaken::Journal), "{updated:?}");
}

#[test]
fn a_header_that_is_not_what_the_record_says_is_told() {
    let types = ["filelists_zck", "primary_zck"];
    for (from, to, found) in [
        ("<header-size>", "<header-size>1", "found one of "),
        (
            "<header-checksum type=\"sha256\">",
            "<header-checksum type=\"sha1\">",
            "expected a header with sha1:",
        ),
    ] {
        let repo = repo(&types);
        publish(&repo, 1, SECOND, None);
        repo.edit(|text| {
            let mut lines: Vec<String> = text.lines().map(|line| line.replace(from, to)).collect();
            for line in lines.iter_mut().filter(|line| line.contains("\"sha1\"")) {
                let (start, rest) = line.split_at(line.find('>').unwrap() + 1);
                *line = format!("{start}{}{}", &rest[..40], &rest[64..]);
            }
            lines.join("\n")
        });
        let updated = update_exactly(&repo, &types);
        for kind in types {
            assert_eq!(path_of(&updated, kind), PathTaken::Full);
            let warnings = updated
                .warnings
                .iter()
                .filter(|warning| warning.contains(&format!("`{kind}`")) && warning.contains(found));
            let warnings: Vec<_> = warnings.collect();
            assert_eq!(warnings.len(), 2, "{:?}", updated.warnings);
            let told =
                format!("the record `{kind}` contradicts itself about the header of its file: expected");
            assert!(warnings.iter().any(|warning| warning.starts_with(&told)), "{warnings:?}");
        }
    }
}
