//! Whether a cache is whole, without any source: every file is read and
//! compared with what is recorded, and that with what the publisher signed.

use std::io::BufRead as _;
use std::path::Path;
use std::time::Instant;

use codec::{Compression, OpenReader};
use repomd::Record;
use repomd::files::REPODATA;
use signatures::Keyring;

use super::base::expected;
use super::delta_files::{deltas_in, has};
use super::elapsed::milliseconds;
use crate::cache::{LocalCopy, LocalFile, look};
use crate::digest::digest_or_none;
use crate::error::{CacheError, SignatureError, UpdateError};
use crate::options::Options;
use crate::progress::{Meter, Progress, Step};
use crate::recipes::compression_by_name;
use crate::report::{Checked, TypeChecked};
use crate::trust::{read_keys, verify};

/// Reads everything that `cache` holds, and says what is wrong with it.
///
/// Nothing is fetched, changed or locked. Of the options count [`Options::keyring`], by which
/// the publisher's repomd.xml must be signed, and [`Options::max_open_size`].
///
/// # Errors
/// When there is nothing to check, when the cache is not one, and when it was
/// replaced meanwhile ([`UpdateError::is_temporary`]). Damage is no error.
pub fn check(cache: &Path, options: &Options, progress: &dyn Progress) -> Result<Checked, UpdateError> {
    let started = Instant::now();
    let keys = read_keys(options)?;
    let held = look(cache)?.0.ok_or_else(|| CacheError::Empty { path: cache.to_owned() })?;
    let mut checked = Checked {
        problems: held.damage.clone(),
        source: held.state.origin.source.clone(),
        revision: held.upstream.as_ref().and_then(|upstream| upstream.model.revision.clone()),
        exact: held.state.exact,
        absent: absent(&held),
        deltas: held.state.deltas.len() as u64,
        ..Checked::default()
    };
    if let Some(keys) = &keys {
        match signed_by(&held, keys) {
            Ok(fingerprint) => checked.signed_by = Some(fingerprint),
            Err(error) => checked.problems.push(error.to_string()),
        }
    }
    for file in held.files() {
        let problems = problems_of(&held, &file, options, progress);
        checked.types.push(TypeChecked {
            data_type: file.record.kind.clone(),
            whole: problems.is_empty(),
            file: file.name.to_owned(),
            size: file.record.size,
            timestamp: file.record.timestamp.as_ref().map(repomd::Timestamp::seconds),
        });
        checked.problems.extend(problems);
    }
    checked.problems.extend(problems_of_types(&held));
    checked.problems.extend(problems_of_deltas(&held));
    let path = cache.join(REPODATA);
    if !held.dir.is_still_at(&path)? {
        return Err(CacheError::Replaced { path }.into());
    }
    checked.milliseconds = milliseconds(started);
    Ok(checked)
}

/// Types that the publisher has, and that were not asked for.
fn absent(held: &LocalCopy) -> Vec<String> {
    let theirs = held.upstream.iter().flat_map(|upstream| &upstream.model.records);
    let kinds = theirs.map(|record| record.kind.clone());
    kinds.filter(|kind| !held.state.types.contains(kind)).collect()
}

/// Types that should be held, and that no document describes.
fn problems_of_types(held: &LocalCopy) -> Vec<String> {
    let described = |kind: &String| held.files().any(|file| file.record.kind == *kind);
    // Where the document is damaged, that is told already.
    let undescribed = held.state.types.iter().filter(|kind| held.damage.is_empty() && !described(kind));
    undescribed.map(|kind| format!("repomd.xml has no record `{kind}`")).collect()
}

/// Delta files that are held for others must be what the publisher says, too.
fn problems_of_deltas(held: &LocalCopy) -> Vec<String> {
    let named: Vec<_> = held.upstream.iter().flat_map(|upstream| deltas_in(&upstream.model)).collect();
    let of_name = |name: &String| named.iter().find(|delta| delta.location.in_repodata() == Some(name));
    let whole = |name: &String| {
        let delta = of_name(name)?;
        has(held, name, delta.size, &digest_or_none(Some(delta.checksum))?).then_some(())
    };
    let damaged = held.state.deltas.iter().filter(|name| held.upstream.is_some() && whole(name).is_none());
    damaged.map(|name| format!("the delta `{name}` is damaged or missing")).collect()
}

fn signed_by(held: &LocalCopy, keys: &Keyring) -> Result<String, SignatureError> {
    let source_name = held.dir.path().display().to_string();
    let signed = held.upstream.as_ref().and_then(|upstream| Some((upstream, upstream.signature.as_ref()?)));
    match signed {
        Some((upstream, signature)) => verify(keys, &upstream.bytes, signature, &source_name),
        None => Err(SignatureError::Missing { source_name, why: "no signature is held".to_owned() }),
    }
}

fn problems_of(
    held: &LocalCopy,
    file: &LocalFile<'_>,
    options: &Options,
    progress: &dyn Progress,
) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(upstream) = &held.upstream {
        let record = upstream.model.record(&file.record.kind);
        if !file.is_odd && !record.is_some_and(|record| same_content(record, file.record)) {
            let kind = &file.record.kind;
            problems.push(format!("the record `{kind}` names other content than the publisher's repomd.xml"));
        }
    }
    problems.extend(held.missing(file).or_else(|| read(held, file, options, progress).err()));
    problems
}

/// Whether our record is of the content of the publisher's.
fn same_content(theirs: &Record, ours: &Record) -> bool {
    match digest_or_none(theirs.open_checksum.as_ref()) {
        Some(open) => digest_or_none(ours.open_checksum.as_ref()) == Some(open),
        None => digest_or_none(ours.checksum.as_ref()) == digest_or_none(theirs.checksum.as_ref()),
    }
}

fn read(
    held: &LocalCopy,
    file: &LocalFile<'_>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(), String> {
    let meter = Meter::new(progress, &file.record.kind);
    meter.begin(Step::Verify, file.record.open_size);
    let (opened, path) = held.open(file)?;
    let mut expect = expected(file.record, options.max_open_size);
    // What generators say of the open content of zchunk files is wrong too often.
    if file.is_odd || compression_by_name(file.name) == Compression::Zchunk {
        (expect.open_checksum, expect.open_size) = (None, None);
    }
    let mut reader = match OpenReader::new(opened, &path, expect) {
        Ok(reader) => reader,
        Err(codec::Error::Unsupported { .. }) => return unopened(held, file),
        Err(error) => return Err(error.to_string()),
    };
    loop {
        let read = reader.fill_buf().map_err(|error| error.to_string())?.len();
        if read == 0 {
            return Ok(());
        }
        reader.consume(read);
        meter.advance(read as u64);
    }
}

/// A file that cannot be opened here has a checksum all the same.
fn unopened(held: &LocalCopy, file: &LocalFile<'_>) -> Result<(), String> {
    let Some(expected) = digest_or_none(file.record.checksum.as_ref()) else {
        return Ok(());
    };
    let opened = held.dir.open_file(file.name).map_err(|error| error.to_string())?;
    let opened = opened.ok_or_else(|| format!("`{}` is not there", file.name))?;
    let found = expected.algorithm().digest_of(opened).map_err(|error| error.to_string())?;
    if found == expected {
        return Ok(());
    }
    Err(format!("`{}`: expected checksum {expected}, found {found}", file.name))
}
