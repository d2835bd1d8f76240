//! What everything in an update needs to know, and what it tells.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

use codec::recipe::zchunk::PrimaryChunks;
use repomd::Location;
use signatures::Keyring;

use super::attempt::AttemptError;
use super::delta_files::DeltaFiles;
use super::held_index::HeldIndex;
use super::memory::Memory;
use super::parts::TypeParts;
use super::watched::Watched;
use crate::cache::LocalCopy;
use crate::error::UpdateError;
use crate::options::{KnownRecipes, Options};
use crate::progress::{Meter, Progress};
use crate::report::SharedDownload;
use crate::retry::Patience;
use crate::transport::Transport;

/// For a source that asks to be left alone, where nobody says how much time there is.
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// Where the chunks of the new primary begin, or why that is not known, as part of a sentence.
pub(super) type Primary = Result<Arc<PrimaryChunks>, String>;

/// Which documents are fetched besides repomd.xml, where the source has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Companions {
    pub(super) signature: bool,
    pub(super) key: bool,
    /// Whether they are asked for each time, and a source that fails to give
    /// one is as bad as one that fails to give repomd.xml. Otherwise they are
    /// asked for once with each repomd.xml, and the copy does without.
    pub(super) strictly: bool,
}

/// What everything needs to know.
pub(super) struct Context<'a> {
    pub(super) sources: Vec<Watched<'a>>,
    /// The one that gave repomd.xml.
    pub(super) origin: usize,
    pub(super) options: &'a Options,
    pub(super) keys: Option<Keyring>,
    pub(super) companions: Companions,
    /// What is there before.
    pub(super) local: Option<&'a LocalCopy>,
    /// The repomd.xml that is there before.
    pub(super) held_index: Option<HeldIndex<'a>>,
    pub(super) progress: &'a dyn Progress,
    /// What time it is, in seconds since 1970.
    pub(super) now: Option<u64>,
    /// When everything has to be over.
    deadline: Option<Instant>,
    warnings: Mutex<Vec<String>>,
    /// For documents, and for files of no type, in the order in which they came.
    shared: Mutex<Vec<SharedDownload>>,
    recipes: Mutex<KnownRecipes>,
    /// Of the new primary, when others are to be obtained by it.
    primary: Mutex<Option<Primary>>,
    /// What types need of the journal, where it was fetched for several of them at once.
    parts: Mutex<BTreeMap<String, Result<TypeParts, AttemptError>>>,
    /// Delta files and journals that are here already, in a complete copy.
    pub(super) deltas: Option<DeltaFiles<'a>>,
    /// Shared by the types that are worked on side by side.
    pub(super) memory: Memory,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        sources: &'a [&'a dyn Transport],
        options: &'a Options,
        keys: Option<Keyring>,
        local: Option<&'a LocalCopy>,
        recipes: KnownRecipes,
        progress: &'a dyn Progress,
    ) -> Self {
        let context = Self {
            sources: sources.iter().map(|source| Watched::new(*source)).collect(),
            origin: 0,
            options,
            keys,
            companions: Companions::default(),
            local,
            held_index: local.map(HeldIndex::of_copy),
            progress,
            now: options.now.and_then(|now| Some(now.duration_since(UNIX_EPOCH).ok()?.as_secs())),
            deadline: options.max_time.and_then(|time| Instant::now().checked_add(time)),
            warnings: Mutex::default(),
            shared: Mutex::default(),
            recipes: Mutex::new(recipes),
            primary: Mutex::default(),
            parts: Mutex::default(),
            deltas: None,
            memory: Memory::default(),
        };
        local.iter().flat_map(|local| &local.damage).for_each(|damage| context.warn(damage));
        context
    }

    /// Something went wrong, and the update goes on.
    pub(super) fn warn(&self, text: &str) {
        self.progress.warning(text);
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    /// The journal does not serve a type, which it should.
    pub(super) fn warn_of_journal(&self, data_type: &str, why: &str) {
        self.warn(&format!("going on without the journal of `{data_type}`: {why}"));
    }

    /// So many bytes came of a file that is of no single type.
    pub(super) fn count_shared(&self, file: &str, bytes: u64) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.iter_mut().find(|one| one.file == file) {
            Some(one) => one.bytes_downloaded += bytes,
            None if bytes > 0 => {
                shared.push(SharedDownload { file: file.to_owned(), bytes_downloaded: bytes });
            }
            None => {}
        }
    }

    pub(super) fn shared(&self) -> Vec<SharedDownload> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn recipes(&self) -> MutexGuard<'_, KnownRecipes> {
        self.recipes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known now, with how fast the sources were.
    pub(super) fn learned(&self) -> KnownRecipes {
        let mut known = self.recipes();
        for source in &self.sources {
            for (bytes, spent) in source.take_sent() {
                known.speeds.note_downloaded(&source.name(), bytes, spent);
            }
        }
        known.clone()
    }

    pub(super) fn set_primary(&self, primary: Primary) {
        *self.primary.lock().unwrap_or_else(PoisonError::into_inner) = Some(primary);
    }

    /// Where its chunks begin.
    pub(super) fn primary(&self) -> Primary {
        let primary = self.primary.lock().unwrap_or_else(PoisonError::into_inner);
        primary.clone().unwrap_or_else(|| Err("primary was not read".to_owned()))
    }

    /// Forgets what was kept for types: it was of another repomd.xml.
    pub(super) fn forget_parts(&self) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps what was fetched for a type until it is obtained.
    pub(super) fn put_parts(&self, data_type: &str, parts: Result<TypeParts, AttemptError>) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(data_type.to_owned(), parts);
    }

    /// What was kept for a type.
    pub(super) fn take_parts(&self, data_type: &str) -> Option<Result<TypeParts, AttemptError>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).remove(data_type)
    }

    pub(super) fn patience(&self) -> Patience {
        let Options { retries, pause, max_file_time: per_file, max_retry_after, max_time, .. } =
            *self.options;
        let longest_wait = max_retry_after.or_else(|| max_time.is_none().then_some(USUAL_WAIT));
        Patience { retries, pause, deadline: self.deadline, per_file, longest_wait }
    }

    /// An error of a run whose time is over says so.
    pub(super) fn blame_time(&self, error: UpdateError) -> UpdateError {
        match (error, self.options.max_time) {
            (error @ (UpdateError::Fetch(_) | UpdateError::Full { .. }), Some(max_time))
                if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) =>
            {
                UpdateError::OutOfTime { max_time, why: error.to_string() }
            }
            (error, _) => error,
        }
    }

    /// The sources, that of repomd.xml first, because it fits best; but those that
    /// kept this update waiting last.
    pub(super) fn sources_first(&self) -> Vec<&dyn Transport> {
        let mut sources: Vec<_> = self.sources.iter().collect();
        if self.origin < sources.len() {
            sources.get_mut(..=self.origin).unwrap_or_default().rotate_right(1);
        }
        sources.sort_by_key(|source| source.is_slow());
        sources.into_iter().map(|source| -> &dyn Transport { source }).collect()
    }

    /// Lets `take` have a delta file or journal from one source: from here where a
    /// complete copy fetched it before, and then nothing is counted as downloaded.
    /// The error says that it could not be obtained.
    pub(super) fn take_one<T>(
        &self,
        location: &Location,
        meter: &mut Meter<'_>,
        take: impl FnOnce(&dyn Transport, &mut Meter<'_>) -> T,
    ) -> Result<T, String> {
        match &self.deltas {
            Some(deltas) if deltas.has(location) => Ok(meter.local(|meter| take(deltas, meter))),
            Some(_) => Err(format!("no source gave `{location}`")),
            None => {
                let source = self.sources_first().first().copied();
                source.map(|source| take(source, meter)).ok_or_else(|| "there is no source".to_owned())
            }
        }
    }

    pub(super) fn source_name(&self) -> String {
        self.sources.get(self.origin).map(Transport::name).unwrap_or_default()
    }

    pub(super) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
