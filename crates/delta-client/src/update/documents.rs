//! The small documents in `repodata/`: repomd.xml, its signature and the key, in memory.
//!
//! Whether they are believed is not decided here.

use std::io::Read as _;

use repomd::Location;
use repomd::files::{KEY, REPODATA, SIGNATURE};

use super::context::Context;
use crate::cache::Upstream;
use crate::error::{SignatureError, UpdateError};
use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind, Validators};

/// More than any signature or key has.
const MAX_SIGNATURE: u64 = 1 << 20;

/// What is beside a repomd.xml.
pub(super) struct Beside {
    pub(super) signature: Option<Vec<u8>>,
    pub(super) key: Option<Vec<u8>>,
    /// Whether both were asked for with it, and answered.
    pub(super) answered: bool,
}

/// The signature, unless it is `verified` already, and the key that goes with it: where the source was asked
/// for a signature and has none, it is not asked for a key. Where repomd.xml is `unchanged` those held are as
/// good, unless they are asked for `again`.
pub(super) fn companions(
    context: &Context<'_>,
    source: &dyn Transport,
    unchanged: Option<&Upstream>,
    again: bool,
    verified: Option<Vec<u8>>,
) -> Result<Beside, UpdateError> {
    let asked = context.companions;
    let mut answered = if unchanged.is_some() && !again { has_companions(context) } else { asked.key };
    let mut companion = |name: &str, is_asked: bool, ours: fn(&Upstream) -> &Option<Vec<u8>>| {
        if let Some(unchanged) = unchanged.filter(|_| !(is_asked && again)) {
            return Ok(ours(unchanged).clone());
        }
        if !is_asked {
            return Ok(None);
        }
        match beside(context, source, name) {
            Err(error) if !asked.strictly => {
                context.warn(&format!("going on without `{REPODATA}/{name}`: {error}"));
                answered = false;
                Ok(None)
            }
            got => got,
        }
    };
    let signature = match verified {
        Some(signature) => Some(signature),
        None => companion(SIGNATURE, asked.signature, |held| &held.signature)?,
    };
    let is_unsigned = asked.signature && signature.is_none();
    let key = if is_unsigned { None } else { companion(KEY, asked.key, |held| &held.key)? };
    Ok(Beside { signature, key, answered })
}

/// Whether the documents beside the repomd.xml that is held were asked for with it.
pub(super) fn has_companions(context: &Context<'_>) -> bool {
    context.held_index.is_some_and(|held| held.state.companions)
}

/// The signature, which must be there.
pub(super) fn fetch_signature(
    context: &Context<'_>,
    source: &dyn Transport,
    source_name: &str,
) -> Result<Vec<u8>, UpdateError> {
    let missing = |why| SignatureError::Missing { source_name: source_name.to_owned(), why };
    match get(source, SIGNATURE, MAX_SIGNATURE, None, context) {
        Ok(Some((bytes, _))) => Ok(bytes),
        Ok(None) => Err(UpdateError::Signature(missing(unasked(source_name)))),
        Err(UpdateError::Fetch(error)) if error.kind() == TransportErrorKind::NotFound => {
            Err(UpdateError::Signature(missing(error.to_string())))
        }
        Err(error) => Err(error),
    }
}

/// A document beside repomd.xml, where the source has it. Some servers deny
/// what is not there.
fn beside(context: &Context<'_>, source: &dyn Transport, name: &str) -> Result<Option<Vec<u8>>, UpdateError> {
    match get(source, name, MAX_SIGNATURE, None, context) {
        Ok(got) => Ok(got.map(|(bytes, _)| bytes)),
        Err(UpdateError::Fetch(error))
            if matches!(error.kind(), TransportErrorKind::NotFound | TransportErrorKind::Denied) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

pub(super) fn unasked(source_name: &str) -> String {
    format!("`{source_name}` gave no file: expected a file, found not modified")
}

/// A small file in `repodata/`, in memory; `None` where it was not modified. Caches on the way
/// have to ask the server for it: they may be behind.
pub(super) fn get(
    source: &dyn Transport,
    name: &str,
    max: u64,
    validators: Option<&Validators>,
    context: &Context<'_>,
) -> Result<Option<(Vec<u8>, Validators)>, UpdateError> {
    let other = |why: String| UpdateError::Fetch(TransportError::new(TransportErrorKind::Other, why));
    let location = Location::new(&format!("{REPODATA}/{name}")).map_err(|error| other(error.to_string()))?;
    let mut request = Request::new(&location).with_max_bytes(max).with_revalidation();
    if let Some(validators) = validators {
        request = request.with_validators(validators);
    }
    let request = context.patience().limit(request).map_err(UpdateError::Fetch)?;
    let body = match source.get(&request).map_err(UpdateError::Fetch)? {
        Response::NotModified => return Ok(None),
        Response::Body(body) => body,
    };
    let mut bytes = Vec::new();
    let read = body.reader.take(max + 1).read_to_end(&mut bytes);
    context.count_shared(name, bytes.len() as u64);
    read.map_err(|error| UpdateError::Fetch(TransportError::from_io(error)))?;
    if bytes.len() as u64 > max {
        let name = source.name();
        return Err(other(format!("`{location}` of `{name}` is too large: expected at most {max} bytes")));
    }
    Ok(Some((bytes, body.validators)))
}
