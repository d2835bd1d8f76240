//! zchunk files: rebuilt of the one that is held, or fetched.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use codec::recipe::{ChunkRule, Recipe, ZchunkCuts, ZchunkFile};
use codec::{Algorithm, Expect};
use delta_client::{CopyAs, Options, PathTaken};

use crate::exact::{number, path_of};
use crate::repo::{EPOCH, Repo, open_content, options, sha256};

const TYPE: &str = "primary_zck";

/// A zchunk file without chunks and dictionary, as the usual tools write it.
pub(crate) fn empty() -> Vec<u8> {
    let integer = |number: u8| number | 0x80;
    let index = [vec![integer(3), integer(1)], vec![0; 16], vec![integer(0), integer(0)]].concat();
    let data = Algorithm::Sha256.digest(b"");
    let length = integer(u8::try_from(index.len()).unwrap());
    let header = [data.as_bytes(), &[integer(0), integer(2), length], &index, &[integer(0)]].concat();
    let lead = [b"\0ZCK1", &[integer(1), integer(u8::try_from(header.len()).unwrap())][..]].concat();
    let sum = Algorithm::Sha256.digest(&[&lead[..], &header].concat());
    [&lead[..], sum.as_bytes(), &header].concat()
}

/// The open content with a chunk for each package.
fn zchunk(open: &[u8]) -> Vec<u8> {
    let old = ZchunkFile::read(Cursor::new(empty()), Path::new("empty"), Expect::default()).unwrap();
    let recipe = Recipe::from_number(number("zck-10")).unwrap();
    let cuts = ZchunkCuts::Rule(ChunkRule::from_number(1).unwrap());
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), old, cuts, None, Cursor::new(Vec::new())).unwrap();
    rebuilder.write_all(open).unwrap();
    rebuilder.finish().unwrap().out
}

/// Publishes a generation that has a zchunk file of primary, too.
fn publish(repo: &Repo, generation: u64) -> Vec<u8> {
    let timestamp = EPOCH + generation * 3600;
    repo.compose(generation, timestamp, generation);
    let open = open_content("primary", generation);
    let file = zchunk(&open);
    let name = format!("{}-primary.xml.zck", sha256(&file));
    fs::write(repo.root().join("repodata").join(&name), &file).unwrap();
    let record = format!(
        "  <data type=\"{TYPE}\">\n    <checksum type=\"sha256\">{}</checksum>\n    \
         <open-checksum type=\"sha256\">{}</open-checksum>\n    <location href=\"repodata/{name}\"/>\n    \
         <timestamp>{timestamp}</timestamp>\n    <size>{}</size>\n    <open-size>{}</open-size>\n  </data>\n\
         </repomd>\n",
        sha256(&file),
        sha256(&open),
        file.len(),
        open.len()
    );
    edit(repo, |text| text.replace("</repomd>\n", &record));
    repo.generate(generation);
    file
}

pub(crate) fn edit(repo: &Repo, change: impl Fn(&str) -> String) {
    let text = String::from_utf8(repo.repomd()).unwrap();
    let changed = change(&text);
    assert_ne!(changed, text);
    fs::write(repo.root().join("repodata/repomd.xml"), changed).unwrap();
}

/// A repository whose first two generations were published, and a cache of the second.
fn repo() -> Repo {
    let mut repo = Repo::new();
    repo.journals = true;
    publish(&repo, 0);
    let file = publish(&repo, 1);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.exact && held(&repo) == file);
    repo
}

fn exact() -> Options {
    let mut options = options();
    options.types = Some(vec![TYPE.to_owned()]);
    options.copy = CopyAs::Exact;
    options
}

/// The file that the cache has.
fn held(repo: &Repo) -> Vec<u8> {
    let record = repo.model();
    let location = record.record(TYPE).unwrap().local_location().unwrap();
    fs::read(repo.cache().join("repodata").join(location.in_repodata().unwrap())).unwrap()
}

#[test]
fn a_zchunk_file_is_rebuilt_of_the_one_that_is_held() {
    let repo = repo();
    for generations in [[2, 3], [4, 5]] {
        publish(&repo, generations[0]);
        let file = publish(&repo, generations[1]);
        let model = repo.model();
        let journal = model.record(TYPE).unwrap().journal().unwrap();
        assert_eq!((journal.recipe, journal.chunks), (Some(number("zck-10-unsplit")), Some(1)));
        assert_eq!(model.record("primary").unwrap().journal().unwrap().chunks, None);
        for copy in [CopyAs::Exact, CopyAs::Auto] {
            let mut options = exact();
            options.copy = copy;
            let updated = repo.update_with(&options).unwrap();
            assert_eq!(updated.warnings, [""; 0]);
            assert!(updated.exact && held(&repo) == file);
            if copy == CopyAs::Exact {
                assert_eq!(path_of(&updated, TYPE), PathTaken::Journal);
                assert_eq!(updated.types[0].recipe.as_deref(), Some("zck-10-unsplit"));
                assert!(updated.types[0].bytes_downloaded < file.len() as u64 / 2);
            }
        }
    }
}

#[test]
fn without_a_known_rule_the_file_is_fetched() {
    for change in [" chunks=\"9\"", ""] {
        let repo = repo();
        let file = publish(&repo, 2);
        edit(&repo, |text| text.replace(" chunks=\"1\"", change));
        let updated = repo.update_with(&exact()).unwrap();
        assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
        assert!(updated.exact && held(&repo) == file);
    }
}

#[test]
fn what_is_rebuilt_wrongly_is_fetched() {
    // By the other rule there are two chunks.
    let repo = repo();
    let file = publish(&repo, 2);
    edit(&repo, |text| text.replace(" chunks=\"1\"", " chunks=\"0\""));
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.warnings[0].contains("does not give the file that repomd.xml names"), "{updated:?}");
    assert!(updated.exact && held(&repo) == file);
    // That says nothing of the next one.
    let file = publish(&repo, 3);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Journal);
    assert!(updated.exact && held(&repo) == file);
}

#[test]
fn a_copy_in_another_form_is_no_old_file() {
    let repo = repo();
    // Re-described, the content of the zchunk file is a zst file.
    let mut open = exact();
    open.copy = CopyAs::Open;
    publish(&repo, 2);
    assert!(!repo.update_with(&open).unwrap().exact);
    let file = publish(&repo, 3);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.exact && held(&repo) == file);
}
