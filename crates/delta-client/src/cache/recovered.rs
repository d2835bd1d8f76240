//! Notes that were damaged, found out again from what they were about: the documents in
//! `repodata/`, the files that these name, and files whose names begin with the checksum of
//! their bytes. What else there is was not written by us, as far as anybody can tell.

use std::collections::BTreeSet;

use codec::Algorithm;
use durable::{Dir, Kind};
use repomd::files::{REPODATA, SIGNATURE};

use super::UPSTREAM;
use super::local::parsed_repomd;
use super::notes::{Notes, State, sha256};
use crate::error::CacheError;
use crate::options::KnownRecipes;

/// Those whose digests stand in names.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Sha1, Algorithm::Sha224, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];

/// The notes on what is held; `None` where that does not tell.
pub(super) fn recovered(cache: &Dir) -> Result<Option<Notes>, CacheError> {
    let Some(dir) = cache.child(REPODATA)? else {
        return Ok(None);
    };
    let upstream = dir.child(UPSTREAM)?;
    let (Some((ours, model)), Some((theirs, _))) =
        (parsed_repomd(&dir)?, parsed_repomd(upstream.as_ref().unwrap_or(&dir))?)
    else {
        return Ok(None);
    };
    let mut state = State {
        exact: upstream.is_none(),
        companions: upstream.as_ref().unwrap_or(&dir).len(SIGNATURE)?.is_some(),
        repomd_sha256: sha256(&ours),
        upstream_sha256: sha256(&theirs),
        ..State::default()
    };
    let mut named = BTreeSet::new();
    for record in &model.records {
        let location = record.local_location().ok();
        let Some(name) = location.and_then(|location| location.in_repodata()) else { continue };
        if matches!(dir.len(name), Ok(Some(_))) {
            state.types.insert(record.kind.clone());
            named.insert(name);
        }
    }
    for entry in dir.entries()?.into_iter().filter(|entry| entry.kind == Kind::File) {
        if named.contains(&*entry.name) || is_called_as_it_is(&dir, &entry.name) {
            state.files.insert(entry.name);
        }
    }
    Ok(Some(Notes::new(vec![state], KnownRecipes::default())))
}

/// Whether a file has a name that begins with the checksum of its bytes.
fn is_called_as_it_is(dir: &Dir, name: &str) -> bool {
    let hex = name.split_once('-').map_or("", |(hex, _)| hex);
    let of_len = |algorithm: &Algorithm| 2 * algorithm.digest_len() == hex.len();
    let Some(algorithm) = ALGORITHMS.into_iter().find(of_len) else {
        return false;
    };
    let file = dir.open_file(name).ok().flatten();
    file.is_some_and(|file| algorithm.digest_of(file).is_ok_and(|digest| digest.to_hex() == hex))
}
