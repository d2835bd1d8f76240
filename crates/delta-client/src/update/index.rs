//! The publisher's repomd.xml: fetched, verified, and only then read.
//!
//! Which of its records are wanted is not looked at here.

use codec::{Algorithm, Digest};
use repomd::files::REPOMD;
use repomd::{MAX_SIZE, Repomd};
use signatures::Keyring;

use super::context::Context;
use super::documents::{Beside, companions, fetch_signature, get, has_companions, unasked};
use super::validators::Believed;
use crate::cache::{RepomdOrigin, Upstream};
use crate::error::{SignatureError, UpdateError};
use crate::options::Options;
use crate::report::RepomdFound;
use crate::retry::{Verdict, ask};
use crate::transport::{Transport, TransportError, TransportErrorKind, Validators};
use crate::trust::{Age, Basis, is_rollback, verify};

/// A repomd.xml that is believed.
pub(super) struct Index {
    pub(super) upstream: Upstream,
    /// The number of the source that gave it.
    pub(super) source: usize,
    /// Which source that is, and what the next request may build upon.
    pub(super) origin: RepomdOrigin,
    pub(super) signed_by: Option<String>,
    /// Whether the signature and the key were asked for with it, and answered.
    pub(super) companions: bool,
    pub(super) found: RepomdFound,
}

/// Whether the server may answer that nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It may.
    IfChanged,
    /// It must send the file: a publish may be in flight.
    Anew,
}

impl Freshness {
    /// As the options say.
    pub(super) fn asked_for(options: &Options) -> Self {
        if options.fresh { Self::Anew } else { Self::IfChanged }
    }
}

/// Gets repomd.xml from the first source that gives a good one.
///
/// The error is that of the first source; those of others become warnings.
pub(super) fn fetch(context: &Context<'_>, freshness: Freshness) -> Result<Index, UpdateError> {
    let mut failures: Vec<(usize, String)> = Vec::new();
    let attempt = |number: usize| {
        let source = context.sources.get(number).ok_or(UpdateError::NoSource)?;
        let index = match from_source(context, number, source, freshness) {
            // The files may have been replaced between two requests: once more.
            Err(UpdateError::Signature(SignatureError::Bad { .. } | SignatureError::Missing { .. })) => {
                std::thread::sleep(context.options.pause);
                from_source(context, number, source, Freshness::Anew)
            }
            result => result,
        };
        if let Err(error) = &index {
            let failure = (number, error.to_string());
            if !failures.contains(&failure) {
                failures.push(failure);
            }
        }
        index
    };
    let got = ask(context.sources.len(), context.patience(), attempt, verdict)
        .map_err(|errors| errors.into_iter().next().unwrap_or(UpdateError::NoSource));
    tell(context, &failures, &got);
    got
}

/// Warns of sources that failed, each failure once; not of the one that is the error.
fn tell(context: &Context<'_>, failures: &[(usize, String)], got: &Result<Index, UpdateError>) {
    let others = |source: usize| failures.iter().filter(move |(number, _)| *number != source);
    match got {
        Ok(index) => {
            others(index.source).for_each(|(_, why)| context.warn(&format!("using another source: {why}")));
        }
        Err(error) => {
            let error = error.to_string();
            others(0).filter(|(_, why)| *why != error).for_each(|(_, why)| context.warn(why));
        }
    }
}

fn verdict(error: &UpdateError) -> Verdict {
    match error {
        UpdateError::Fetch(error) => Verdict::from_error(error),
        UpdateError::Signature(
            SignatureError::Keyring { .. } | SignatureError::Program { .. } | SignatureError::File(_),
        ) => Verdict::Never,
        _ => Verdict::NotHere,
    }
}

fn from_source(
    context: &Context<'_>,
    number: usize,
    source: &dyn Transport,
    freshness: Freshness,
) -> Result<Index, UpdateError> {
    let (source_name, identity) = (source.name(), source.identity());
    let known =
        if freshness == Freshness::IfChanged { known(context, &source_name, &identity) } else { None };
    let validators = known.as_ref().map(|known| known.origin.validators());
    let got = get(source, REPOMD, MAX_SIZE as u64, validators.as_ref(), context)?;
    let again = (context.companions.signature || context.companions.key)
        && (context.companions.strictly || !has_companions(context));
    let (bytes, given, unmodified) = match (got, known) {
        (Some((bytes, validators)), _) => (bytes, validators, None),
        // What belongs to it may have changed all the same.
        (None, Some(known)) if again => (known.upstream.bytes, Validators::default(), Some(known.origin)),
        (None, Some(known)) => return Ok(Index { source: number, ..known }),
        (None, None) => {
            let error = TransportError::new(TransportErrorKind::Other, unasked(&source_name));
            return Err(UpdateError::Fetch(error));
        }
    };
    expect_digest(context, &bytes, &source_name)?;
    let held = context.held_index.and_then(|held| held.upstream);
    let same = held.is_some_and(|held| held.bytes == bytes);
    let (verified, signed_by) = match &context.keys {
        Some(keys) => {
            let signature = fetch_signature(context, source, &source_name)?;
            let signed_by = verify(keys, &bytes, &signature, &source_name).map_err(UpdateError::Signature)?;
            (Some(signature), Some(signed_by))
        }
        None => (None, None),
    };
    // From here on it is believed.
    let model =
        Repomd::parse(&bytes).map_err(|why| UpdateError::Repomd { source_name: source_name.clone(), why })?;
    let found = match (unmodified.is_some(), same) {
        (true, _) => RepomdFound::NotModified,
        (false, true) => RepomdFound::Same,
        (false, false) => RepomdFound::New,
    };
    let origin = unmodified.unwrap_or_else(|| {
        let (seen, described) = (seen(context, &identity, same), Age::from_repomd(&model).timestamp);
        let Believed { validators, since, dated } = Believed::new(given, seen, described, context.now);
        let Validators { etag, last_modified } = validators;
        RepomdOrigin { source: source_name.clone(), identity, etag, last_modified, since, dated }
    });
    expect_age(context, held, &model, &source_name)?;
    let unchanged = held.filter(|_| same);
    let Beside { signature, key, answered: companions } =
        companions(context, source, unchanged, again, verified)?;
    let upstream = Upstream { bytes, signature, key, model };
    Ok(Index { upstream, source: number, origin, signed_by, companions, found })
}

/// The latest date that this source gave for other bytes than it gives now, or for
/// the `same`, where it was not believed.
fn seen(context: &Context<'_>, identity: &str, same: bool) -> Option<u64> {
    let origin = &context.held_index?.state.origin;
    let is_believed = same && origin.last_modified.is_some();
    if origin.identity == identity && !is_believed { origin.dated } else { None }
}

/// It must not be one of the past.
fn expect_age(
    context: &Context<'_>,
    held: Option<&Upstream>,
    model: &Repomd,
    source_name: &str,
) -> Result<(), UpdateError> {
    let found = Age::from_repomd(model);
    let source_name = || source_name.to_owned();
    if let (Some(least), Some(timestamp)) = (context.options.not_before, found.timestamp)
        && timestamp < least
    {
        return Err(UpdateError::Outdated { source_name: source_name(), least, found: timestamp });
    }
    let Some(held) = held.filter(|_| !context.options.allow_rollback) else {
        return Ok(());
    };
    let age = Age::from_repomd(&held.model);
    let is_signed = || {
        let signed = |keys| verify_again(keys, held, &source_name());
        context.keys.as_ref().and_then(signed).is_some()
    };
    if is_rollback(&age, &found, Basis::Taken) || is_rollback(&age, &found, Basis::Signed) && is_signed() {
        let (least, found) = (age.to_string(), found.to_string());
        return Err(UpdateError::Rollback { source_name: source_name(), least, found });
    }
    Ok(())
}

/// It must have one of the digests that were given, if any were.
fn expect_digest(context: &Context<'_>, bytes: &[u8], source_name: &str) -> Result<(), UpdateError> {
    if context.options.repomd_digests.is_empty() {
        return Ok(());
    }
    let differs = |expected: String, found: String| {
        Err(UpdateError::Digest { source_name: source_name.to_owned(), expected, found })
    };
    let wanted = strongest_digests(&context.options.repomd_digests);
    let Some(first) = wanted.first() else {
        return differs("a digest by SHA-256 or more".to_owned(), "SHA-1 only".to_owned());
    };
    let found = first.algorithm().digest(bytes);
    if wanted.contains(&found) {
        return Ok(());
    }
    let expected: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    differs(expected.join(" or "), found.to_string())
}

/// Of digests that a metalink tells, with those of its alternates, the ones by the
/// strongest algorithm among them. SHA-1 is not believed: two files may have the
/// same. Where it is all that there is, nothing is left.
fn strongest_digests(digests: &[Digest]) -> Vec<Digest> {
    let algorithm = digests.iter().map(Digest::algorithm).max().filter(|one| *one > Algorithm::Sha1);
    let by = |digest: &&Digest| Some(digest.algorithm()) == algorithm;
    digests.iter().filter(by).copied().collect()
}

/// What is held of this source, if a conditional request may refer to it: its
/// signature must be one that is still trusted.
fn known(context: &Context<'_>, source_name: &str, identity: &str) -> Option<Index> {
    let held = context.held_index?;
    let upstream = held.upstream?.clone();
    let origin = Some(&held.state.origin).filter(|origin| origin.identity == identity)?;
    if !origin.may_be_asked(context.now) {
        return None;
    }
    expect_digest(context, &upstream.bytes, source_name).ok()?;
    let signed_by = match &context.keys {
        None => None,
        Some(keys) => Some(verify_again(keys, &upstream, source_name)?),
    };
    let origin = RepomdOrigin { source: source_name.to_owned(), ..origin.clone() };
    let (companions, found) = (held.state.companions, RepomdFound::NotModified);
    Some(Index { upstream, source: 0, origin, signed_by, companions, found })
}

fn verify_again(keys: &Keyring, upstream: &Upstream, source_name: &str) -> Option<String> {
    verify(keys, &upstream.bytes, upstream.signature.as_ref()?, source_name).ok()
}
