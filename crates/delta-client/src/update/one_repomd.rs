//! repomd.xml alone, for programs with storage of their own: fetched, verified, and read.
//!
//! The files that it names are obtained one by one; see [`obtain_file`](super::obtain_file).

use repomd::{ReadError, Repomd};

use super::context::{Companions, Context};
use super::held_index::HeldIndex;
use super::index::{self, Freshness};
use crate::cache::{RepomdOrigin, State, Upstream};
use crate::date;
use crate::error::UpdateError;
use crate::options::{KnownRecipes, Options};
use crate::progress::Progress;
use crate::report::ObtainedRepomd;
use crate::transport::{Transport, Validators};
use crate::trust::read_keys;

/// The repomd.xml that a caller has of a repository.
#[derive(Clone, Debug)]
pub struct OldRepomd {
    upstream: Upstream,
    state: State,
}

impl OldRepomd {
    /// This document, of which nothing else is known: it is compared with the current one.
    ///
    /// # Errors
    /// When it is no repomd.xml. What is damaged is best taken for absent.
    pub fn new(bytes: Vec<u8>) -> Result<Self, ReadError> {
        let model = Repomd::parse(&bytes)?;
        Ok(Self { upstream: Upstream { bytes, signature: None, key: None, model }, state: State::default() })
    }

    /// What it says.
    #[must_use]
    pub fn model(&self) -> &Repomd {
        &self.upstream.model
    }

    /// Its signature and the key beside it, as they were obtained: none that was not there.
    #[must_use]
    pub fn with_companions(mut self, signature: Option<Vec<u8>>, key: Option<Vec<u8>>) -> Self {
        (self.upstream.signature, self.upstream.key) = (signature, key);
        self.state.companions = true;
        self
    }

    /// The source that gave it ([`ObtainedRepomd::identity`]), how that source identifies it, and since when
    /// ([`ObtainedRepomd::since`]): for a day that source is asked only whether it has another one.
    #[must_use]
    pub fn with_validators(mut self, identity: &str, validators: &Validators, since: Option<u64>) -> Self {
        self.state.origin = RepomdOrigin {
            source: String::new(),
            identity: identity.to_owned(),
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
            since,
            dated: validators.last_modified.as_deref().and_then(date::seconds),
        };
        self
    }
}

impl From<&ObtainedRepomd> for OldRepomd {
    fn from(obtained: &ObtainedRepomd) -> Self {
        let ObtainedRepomd { bytes, signature, key, model, companions, .. } = obtained.clone();
        let state = State { companions, ..State::default() };
        Self { upstream: Upstream { bytes, signature, key, model }, state }.with_validators(
            &obtained.identity,
            &obtained.validators,
            obtained.since,
        )
    }
}

/// Obtains the current repomd.xml from the first of `sources` that gives a good one, with its signature and the key
/// beside it where there are any.
///
/// It is verified as [`Options::keyring`], [`Options::repomd_digests`] and [`Options::not_before`] say, and it is not older
/// than `old` unless [`Options::allow_rollback`] says so. Besides these count [`Options::fresh`], [`Options::retries`] and
/// what else is about time.
///
/// ```
/// use delta_client::options::OldRepomd;
/// use delta_client::progress::Silent;
/// use delta_client::report::RepomdFound;
/// use delta_client::transport::DirectoryTransport;
/// use delta_client::{Options, obtain_repomd};
/// # use std::path::Path;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
/// let source = DirectoryTransport::open(&root)?;
/// let options = Options::default();
/// let first = obtain_repomd(&[&source], None, &options, &Silent)?;
/// assert_eq!((first.found, first.model.records.len()), (RepomdFound::New, 3));
/// // What is kept of it, by whatever means, is what the next one is compared with.
/// let old = OldRepomd::new(first.bytes)?;
/// let second = obtain_repomd(&[&source], Some(&old), &options, &Silent)?;
/// assert_eq!(second.found, RepomdFound::Same);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// See [`UpdateError`].
pub fn obtain_repomd(
    sources: &[&dyn Transport],
    old: Option<&OldRepomd>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<ObtainedRepomd, UpdateError> {
    let keys = read_keys(options)?;
    let mut context = Context::new(sources, options, keys, None, KnownRecipes::default(), progress);
    context.held_index = old.map(|old| HeldIndex { state: &old.state, upstream: Some(&old.upstream) });
    context.companions = Companions { signature: true, key: true, strictly: false };
    let index =
        index::fetch(&context, Freshness::asked_for(options)).map_err(|error| context.blame_time(error))?;
    let Upstream { bytes, signature, key, model } = index.upstream;
    let (validators, origin) = (index.origin.validators(), index.origin);
    Ok(ObtainedRepomd {
        bytes,
        signature,
        key,
        model,
        found: index.found,
        source: origin.source,
        identity: origin.identity,
        number: index.source,
        validators,
        since: origin.since,
        signed_by: index.signed_by,
        companions: index.companions,
        bytes_downloaded: context.shared().iter().map(|shared| shared.bytes_downloaded).sum(),
        warnings: context.take_warnings(),
    })
}
