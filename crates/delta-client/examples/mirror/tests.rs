//! The mirror, between a repository through three publishes, another one, and a server.

use std::fs;
use std::path::Path;

use delta_client::repomd::Repomd;
use delta_client::transport::{Request, Transport as _, TransportErrorKind};
use delta_publish::generate;

use super::http::Http;
use super::run;
use super::server::{Reply, Server};
use super::store::Store;

/// Publishes the metadata of a past state in `repository`, with deltas.
fn publish(repository: &Path, history: &Path, number: usize) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history");
    let repodata = repository.join("repodata");
    if repodata.exists() {
        fs::remove_dir_all(&repodata).unwrap();
    }
    fs::create_dir_all(&repodata).unwrap();
    for entry in fs::read_dir(demo.join(format!("gen-{number:04}/repodata"))).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), repodata.join(entry.file_name())).unwrap();
    }
    generate(repository, history, &delta_publish::Options::default()).unwrap();
}

/// Every file that `repodata/` of `repository` names for its types is in the store, byte for byte, and nothing else.
fn assert_mirrored(store: &Path, name: &str, repository: &Path) {
    let bytes = fs::read(repository.join("repodata/repomd.xml")).unwrap();
    let store = Store::open(store).unwrap();
    assert_eq!(store.repomd(name).unwrap().as_ref(), Some(&bytes));
    for record in Repomd::parse(&bytes).unwrap().records {
        let file = fs::read(repository.join(record.servable().unwrap().as_str())).unwrap();
        assert!(fs::read(store.file(record.checksum.as_ref().unwrap())).unwrap() == file, "{}", record.kind);
    }
}

#[test]
fn several_repositories_are_mirrored_and_only_what_changed_is_downloaded() {
    let work = tempfile::tempdir().unwrap();
    let path = |name: &str| work.path().join(name);
    let server = Server::start(work.path());
    let store = path("store").to_string_lossy().into_owned();
    let names = ["demo", "sibling"].map(|name| format!("{name}={}{name}", server.url()));
    for number in [0, 1, 2, 4] {
        publish(&path("demo"), &path("history"), number);
        publish(&path("sibling"), &path("sibling-history"), 0);
        assert_eq!(run(&store, &names).unwrap(), 0);
        assert_mirrored(&path("store"), "demo", &path("demo"));
        assert_mirrored(&path("store"), "sibling", &path("sibling"));
    }
    // Three files of each; what demo had in between is gone.
    assert_eq!(fs::read_dir(path("store/files")).unwrap().count(), 6);

    publish(&path("demo"), &path("history"), 5);
    let store = Store::open(&path("store")).unwrap();
    let source = Http::new(&format!("{}demo", server.url())).unwrap();
    let mirrored = store.update("demo", &source).unwrap();
    assert!(mirrored.changed && mirrored.downloaded < mirrored.full / 5, "{mirrored:?}");
    // A repository that did not change costs one question.
    let mirrored = store.update("demo", &source).unwrap();
    assert_eq!((mirrored.changed, mirrored.downloaded), (false, 0));
}

#[test]
fn one_repository_that_fails_keeps_its_state_and_the_others_are_updated() {
    let work = tempfile::tempdir().unwrap();
    let path = |name: &str| work.path().join(name);
    let server = Server::start(work.path());
    let store = path("store").to_string_lossy().into_owned();
    let names = ["absent", "demo"].map(|name| format!("{name}={}{name}", server.url()));
    publish(&path("demo"), &path("history"), 0);
    assert_eq!(run(&store, &names).unwrap(), 1);
    assert_mirrored(&path("store"), "demo", &path("demo"));
}

#[test]
fn errors_name_the_file_and_tell_their_kind() {
    let work = tempfile::tempdir().unwrap();
    let server = Server::start(work.path());
    let source = Http::new(&server.url()).unwrap();
    let location = delta_client::repomd::Location::new("repodata/repomd.xml").unwrap();
    let get = || source.get(&Request::new(&location)).err().unwrap();
    assert_eq!(get().kind(), TransportErrorKind::NotFound);
    assert!(get().to_string().contains("/repodata/repomd.xml"), "{}", get());
    server.script("repodata/repomd.xml", [Reply::Status(503)]);
    assert_eq!((get().kind(), get().is_transient()), (TransportErrorKind::Status(503), true));
}
