//! One file by its record: what a program does that keeps its own cache.

use std::fs;
use std::path::Path;
use std::time::Duration;

use delta_client::error::UpdateError;
use delta_client::obtain_file;
use delta_client::options::{CopyAs, OldFile, Options};
use delta_client::progress::Silent;
use delta_client::report::{ObtainedFile, PathTaken};
use delta_client::transport::DirectoryTransport;
use repomd::Record;

use crate::repo::{Repo, damage, open, open_content, sha256, tree};

fn record(repo: &Repo) -> Record {
    repo.model().record("primary").unwrap().clone()
}

fn options() -> Options {
    Options::default().with_retries(0).with_pause(Duration::ZERO)
}

fn obtain(repo: &Repo, old: Option<&OldFile>, options: &Options) -> Result<ObtainedFile, UpdateError> {
    let source = DirectoryTransport::open(&repo.root()).unwrap();
    let dir = repo.path("own");
    fs::create_dir_all(&dir).unwrap();
    let (record, model) = (record(repo), repo.model());
    obtain_file(&record, model.journal.as_ref(), old, &[&source], &dir, options, &Silent)
}

/// The file is whole and of this generation, as its record says, and alone.
#[track_caller]
fn assert_is(obtained: &ObtainedFile, generation: u64) {
    let file = fs::read(&obtained.path).unwrap();
    assert_eq!(obtained.record.checksum.as_ref().unwrap().hex(), sha256(&file));
    assert_eq!(obtained.record.size, Some(file.len() as u64));
    assert!(open(file) == open_content("primary", generation));
    let hidden = |name: &String| name.starts_with('.');
    assert!(!tree(obtained.path.parent().unwrap()).keys().any(hidden));
}

fn old(obtained: &ObtainedFile) -> OldFile {
    OldFile::new(&obtained.path).with_record(&obtained.record)
}

#[test]
fn it_goes_the_cheapest_way_and_its_result_is_the_next_base() {
    for (journals, way) in [(false, PathTaken::Delta), (true, PathTaken::Journal)] {
        let mut repo = Repo::new();
        repo.journals = journals;
        repo.publish(0);
        let mut obtained = obtain(&repo, None, &options()).unwrap();
        assert_eq!((obtained.report.path, obtained.report.exact), (PathTaken::Full, true));
        assert_is(&obtained, 0);
        for generation in 1..4 {
            repo.publish(generation);
            obtained = obtain(&repo, Some(&old(&obtained)), &options()).unwrap();
            assert_eq!((obtained.report.path, obtained.report.exact), (way, false), "{obtained:?}");
            assert!(obtained.report.bytes_downloaded < record(&repo).size.unwrap());
            assert_is(&obtained, generation);
        }
        let again = obtain(&repo, Some(&old(&obtained)), &options()).unwrap();
        assert_eq!((again.report.path, again.report.bytes_downloaded), (PathTaken::Current, 0));
        assert_eq!(again.path, obtained.path);
    }
}

#[test]
fn with_a_recipe_it_is_the_publishers_file() {
    let repo = Repo::with_journals(Some(0), 0);
    let first = obtain(&repo, None, &options()).unwrap();
    repo.publish(1);
    let exact = options().with_copy(CopyAs::Exact);
    let obtained = obtain(&repo, Some(&old(&first)), &exact).unwrap();
    assert_eq!(obtained.report.path, PathTaken::Journal, "{obtained:?}");
    assert_eq!(obtained.record.checksum, record(&repo).checksum);
    assert_is(&obtained, 1);
}

#[test]
fn a_file_of_which_nothing_is_known_is_served_by_a_journal() {
    let repo = Repo::with_journals(None, 2);
    let path = repo.path("unknown.xml");
    fs::write(&path, open_content("primary", 1)).unwrap();
    let obtained = obtain(&repo, Some(&OldFile::new(&path)), &options()).unwrap();
    assert_eq!(obtained.report.path, PathTaken::Journal, "{obtained:?}");
    assert_is(&obtained, 2);
}

#[test]
fn what_does_not_serve_leads_to_the_full_file() {
    let repo = Repo::at(0);
    let first = obtain(&repo, None, &options()).unwrap();
    repo.publish(1);
    let delta = repo.locations("primary").1.unwrap();
    let damage = |path: &Path| damage(path, fs::read(path).unwrap().len() / 2);
    damage(&repo.root().join(delta));
    let obtained = obtain(&repo, Some(&old(&first)), &options()).unwrap();
    assert_eq!(obtained.report.path, PathTaken::Full);
    assert_eq!(obtained.warnings.len(), 1, "{obtained:?}");
    assert_is(&obtained, 1);

    let gone = OldFile::new(repo.path("gone")).with_record(&first.record);
    assert_is(&obtain(&repo, Some(&gone), &options()).unwrap(), 1);

    damage(&repo.root().join(repo.locations("primary").0));
    fs::remove_dir_all(repo.path("own")).unwrap();
    let error = obtain(&repo, None, &options()).unwrap_err();
    assert!(matches!(error, UpdateError::Full { .. }), "{error}");
    assert!(tree(&repo.path("own")).is_empty());
}
