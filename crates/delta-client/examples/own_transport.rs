//! Updates a cache with a transport and a progress display of one's own.
//!
//! ```sh
//! cargo run -p delta-client --example own_transport -- REPOSITORY CACHE
//! ```
//!
//! The transport here keeps a whole repository in memory. One on top of your
//! program's own HTTP client, its object store or its asynchronous runtime
//! (`block_on` in [`Transport::get`]) looks the same: it gives out bytes, and
//! says what kind of failure it was when it cannot. Verifying, retrying and
//! falling back to the full file are not its business. [`update`] calls it from
//! several threads, and needs no runtime.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Cursor};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use delta_client::options::Options;
use delta_client::progress::{Progress, Step};
use delta_client::report::Updated;
use delta_client::transport::{Body, Request, Response, Transport, TransportError, TransportErrorKind};
use delta_client::update;

/// A repository in memory: what is below its root, by path.
#[derive(Default)]
struct InMemory {
    files: BTreeMap<String, Vec<u8>>,
}

impl InMemory {
    /// Reads the `repodata/` of a repository on disk.
    fn load(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(root.join("repodata"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                files.insert(format!("repodata/{name}"), std::fs::read(entry.path())?);
            }
        }
        Ok(Self { files })
    }
}

impl Transport for InMemory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        // A location is relative and stays within the repository; that was
        // checked before this is called.
        let path = request.location.as_str();
        let bytes = self.files.get(path).ok_or_else(|| {
            let message = format!("cannot fetch `{path}` from memory: it is not there");
            TransportError::new(TransportErrorKind::NotFound, message)
        })?;
        // A transport that gives an entity tag and a date (`Body::with_validators`) may be asked
        // whether repomd.xml changed (`Options::now`), and answers with `Response::NotModified`.
        // Where `request.range` asks for a part of the file, all of it is an
        // answer, too; `Body::with_part` would say that it is that part.
        let length = bytes.len() as u64;
        let body = Body::new(Box::new(Cursor::new(bytes.clone())));
        Ok(Response::Body(body.with_length(length)))
    }
}

/// Says what happens, and counts. It is called from several threads.
#[derive(Default)]
struct Lines {
    bytes: AtomicU64,
}

impl Progress for Lines {
    fn began(&self, data_type: &str, step: Step, total: Option<u64>) {
        match total {
            Some(total) => println!("{data_type}: {step:?}, {total} bytes"),
            None => println!("{data_type}: {step:?}"),
        }
    }

    fn advanced(&self, _data_type: &str, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn warning(&self, text: &str) {
        println!("warning: {text}");
    }
}

/// Brings `cache` up to date with what is in `repository`.
fn refresh(repository: &InMemory, cache: &Path) -> Result<Updated, Box<dyn Error>> {
    // Nothing here gets better by waiting.
    let options = Options::default().with_retries(0);
    let progress = Lines::default();
    // Further sources would be mirrors, asked file by file where the first fails.
    let updated = update(&[repository], cache, &options, &progress)?;
    println!("{} bytes were worked on", progress.bytes.load(Ordering::Relaxed));
    Ok(updated)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [repository, cache] = &arguments[..] else {
        return Err("usage: own_transport REPOSITORY CACHE".into());
    };
    let repository = InMemory::load(Path::new(repository))?;
    let updated = refresh(&repository, Path::new(cache))?;
    for of_type in &updated.types {
        println!("{}: {:?}, because {}", of_type.data_type, of_type.path, of_type.reason);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{InMemory, refresh};
    use delta_client::report::{PathTaken, RepomdFound};
    use delta_client::transport::{ByteRange, Extent, Request, Response, Transport as _};
    use std::path::{Path, PathBuf};

    fn generation(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history").join(name)
    }

    #[test]
    fn the_example_updates_a_cache_through_its_own_transport() {
        let work = tempfile::tempdir().unwrap();
        let cache = work.path().join("cache");
        let repository = InMemory::load(&generation("gen-0000")).unwrap();
        let first = refresh(&repository, &cache).unwrap();
        assert!(first.changed && first.types.iter().all(|t| t.path == PathTaken::Full));
        for of_type in &first.types {
            let file = of_type.file.as_ref().unwrap();
            assert!(cache.join("repodata").join(file).exists(), "{file}");
        }

        let again = refresh(&repository, &cache).unwrap();
        assert!(!again.changed);
        assert_eq!(again.repomd, RepomdFound::Same);
    }

    #[test]
    fn a_part_is_answered_with_the_whole_file_and_said_to_be() {
        let repository = InMemory::load(&generation("gen-0000")).unwrap();
        let location = repomd::Location::new("repodata/repomd.xml").unwrap();
        let request = Request::new(&location).with_range(ByteRange::new(5, 10).unwrap());
        let Response::Body(body) = repository.get(&request).unwrap() else { panic!("no body") };
        let size = repository.files[location.as_str()].len() as u64;
        assert_eq!((body.extent, body.length), (Extent::Whole, Some(size)));
    }

    #[test]
    fn a_file_that_the_transport_lacks_is_an_error_that_names_it() {
        let work = tempfile::tempdir().unwrap();
        let mut repository = InMemory::load(&generation("gen-0000")).unwrap();
        repository.files.retain(|path, _| !path.contains("filelists"));
        let error = refresh(&repository, work.path()).unwrap_err().to_string();
        assert!(error.contains("filelists") && error.contains("from memory: it is not there"), "{error}");
    }
}
