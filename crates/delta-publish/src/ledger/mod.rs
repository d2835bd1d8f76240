//! What this tool has written into a repository, kept in the history: so that
//! only that is ever deleted, nothing is made twice, and delta files stay as
//! long as a mirror may need them (`history.md`, "The ledger").

mod check;
mod publishes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use delta_core::Rule;
use durable::{Dir, Kind};
use repomd::Repomd;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::report::SignatureFate;

pub use check::{check, repair};
pub use history::History;
pub(crate) use publishes::{Publishes, Remembered};

const NAME: &str = "ledger.json";
/// Most ledgers that are set aside.
const MAX_ASIDE: u32 = 1000;
const MAX_SIZE: u64 = 64 << 20;
const FORMAT: u32 = 2;
/// Most paths that are remembered.
const MAX_PLACES: usize = 64;

/// A failed step on a file of the history.
fn of_history(error: durable::Error) -> Error {
    Error::History(history::Error::File(error))
}

/// Whether a history has tracks.
fn has_tracks(dir: &Dir) -> Result<bool, Error> {
    let entries = dir.entries().map_err(of_history)?;
    Ok(entries
        .iter()
        .any(|entry| entry.kind == Kind::Dir && !entry.name.starts_with('.') && entry.name != "lost+found"))
}

/// A file that this tool wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

/// One repomd.xml that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// SHA-256 of repomd.xml.
    pub(crate) repomd: String,
    /// Whether the signing command signed it.
    pub(crate) signed: bool,
    /// The delta files that it names.
    pub(crate) files: Vec<Written>,
    /// `<revision>`.
    pub(crate) revision: Option<String>,
    /// The greatest timestamp of its records, in seconds.
    pub(crate) timestamp: Option<u64>,
}

impl State {
    /// A state with a repomd.xml of this SHA-256, which the signing command did not sign: of that what the deltas
    /// do not change is as in `model`.
    pub(crate) fn new(repomd: String, files: Vec<Written>, model: &Repomd) -> Self {
        let (revision, timestamp) = (model.revision.clone(), model.greatest_timestamp());
        Self { repomd, signed: false, files, revision, timestamp }
    }
}

/// A repository that was published with this history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The path of its directory, without symbolic links.
    pub(crate) path: String,
    /// Open SHA-256 of the content that was published there last, of the type by
    /// which repositories are told apart.
    pub(crate) content: String,
    /// Whether that content had more in common with what was published there before
    /// than with what another path had published last.
    pub(crate) returned: bool,
}

/// A window for which a delta was made, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowEntry {
    /// Open SHA-256 of the generation that the delta makes.
    pub(crate) target: String,
    /// Open SHA-256 of the generations that it was to serve, newest first.
    pub(crate) planned: Vec<String>,
    /// How many of them it does serve.
    pub(crate) served: usize,
    /// The most bytes that it was allowed to have.
    pub(crate) max: u64,
    /// The file; nothing where it would have been larger.
    pub(crate) file: Option<Written>,
}

impl WindowEntry {
    /// Whether it is the delta that `request` asks for.
    pub(crate) fn is_of(&self, request: &Self) -> bool {
        self.target == request.target && self.planned == request.planned && self.max == request.max
    }
}

/// A journal that was made, and what from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalEntry {
    /// Which row of publishes it was to serve, and the SHA-256 over their numbers and contents.
    pub(crate) row: String,
    pub(crate) publishes: String,
    /// Its types in the order in which parts have them, with the open SHA-256 that it leads to.
    pub(crate) types: Vec<(String, String)>,
    /// The most bytes that a client was to read.
    pub(crate) max: u64,
    /// The most bytes of text that were to be encoded.
    pub(crate) text: u64,
    /// The file; nothing where it would have served nobody.
    pub(crate) file: Option<Written>,
    /// What it serves, by type.
    pub(crate) served: BTreeMap<String, ServedEntry>,
    /// Bytes that a client reads who wants all types, by publish, the youngest first.
    pub(crate) reads: Vec<u64>,
    /// Runs in the file.
    pub(crate) runs: usize,
    /// Distinct steps in the file.
    pub(crate) steps: usize,
}

/// What a journal serves of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServedEntry {
    /// Open SHA-256 of the generations, the youngest first.
    pub(crate) generations: Vec<String>,
    /// Its share of what a client of all types reads, in bytes, by generation.
    pub(crate) reads: Vec<u64>,
}

/// How the file of a record was compressed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipeEntry {
    /// Its `<checksum>`, `type:hex`.
    pub(crate) file: String,
    /// The number of the recipe; nothing where none gives it.
    pub(crate) recipe: Option<u8>,
    /// Of a zchunk file, the number of the rule by which its chunks begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chunks: Option<u8>,
    /// Of a zchunk file, SHA-256 of its dictionary as it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dictionary: Option<String>,
    /// The `<checksum>` of the primary on which that depends, empty where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) primary: Option<String>,
}

impl JournalEntry {
    /// Whether it is the journal that `request` asks for.
    pub(crate) fn is_of(&self, request: &Self) -> bool {
        (&self.row, &self.publishes, &self.types) == (&request.row, &request.publishes, &request.types)
            && (self.max, self.text) == (request.max, request.text)
    }

    /// Whether it is to serve a type.
    pub(crate) fn has(&self, data_type: &str) -> bool {
        self.types.iter().any(|(name, _)| name == data_type)
    }
}

/// The ledger of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    format: u32,
    /// Newest first.
    pub(crate) states: Vec<State>,
    /// A state that was about to be published, and is not known to have been.
    pub(crate) intent: Option<State>,
    /// Files that are about to be written, or of no state any more: to be
    /// deleted unless a state names them.
    pub(crate) loose: Vec<Written>,
    /// Per metadata type the windows of the newest state, newest first.
    pub(crate) types: BTreeMap<String, Vec<WindowEntry>>,
    /// The journal of the newest state.
    pub(crate) journal: Option<JournalEntry>,
    /// What was published, as far as it is remembered.
    pub(crate) publishes: Publishes,
    /// Per metadata type the recipe of the file that was published last with a
    /// journal.
    pub(crate) recipes: BTreeMap<String, RecipeEntry>,
    /// Per metadata type the open SHA-256 of its content in the newest state.
    pub(crate) contents: BTreeMap<String, String>,
    /// The repositories that this history was used for, the last one first.
    pub(crate) places: Vec<Place>,
    /// Open SHA-256 of generations that were forgotten by request since the newest
    /// state was published.
    pub(crate) forgotten: Vec<String>,
    /// Whether a run removed the signature of repomd.xml, and none was seen since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) signature_removed: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            format: FORMAT,
            states: Vec::new(),
            intent: None,
            loose: Vec::new(),
            types: BTreeMap::new(),
            journal: None,
            publishes: Publishes::default(),
            recipes: BTreeMap::new(),
            contents: BTreeMap::new(),
            places: Vec::new(),
            forgotten: Vec::new(),
            signature_removed: false,
        }
    }
}

/// What there was to read.
#[derive(Debug)]
pub(crate) enum Reading {
    /// A ledger.
    Whole(Box<Ledger>),
    /// There is none.
    Missing,
    /// One that cannot be read, and why.
    Damaged(Error),
}

impl Reading {
    /// The ledger that was read; one that knows nothing where there is none, or a damaged one.
    pub(crate) fn or_default(self) -> Ledger {
        match self {
            Self::Whole(ledger) => *ledger,
            Self::Missing | Self::Damaged(_) => Ledger::default(),
        }
    }
}

/// Enough of a ledger to tell which version wrote it.
#[derive(Deserialize)]
struct Version {
    format: u64,
}

impl Ledger {
    /// Reads the ledger.
    ///
    /// # Errors
    /// [`Error::NewerLedger`] for one that a newer version wrote, which must stay as
    /// it is; or when the file cannot be read for other reasons than damage.
    pub(crate) fn read(dir: &Dir) -> Result<Reading, Error> {
        let path: PathBuf = dir.path().join(NAME);
        let damaged = |what: String| Ok(Reading::Damaged(Error::Ledger { path: path.clone(), what }));
        let bytes = match dir.read(NAME, MAX_SIZE) {
            Ok(Some(bytes)) => bytes,
            // It is written by the first publish, and by an import.
            Ok(None) if has_tracks(dir)? => return damaged("it is missing".to_owned()),
            Ok(None) => return Ok(Reading::Missing),
            Err(e @ durable::Error::TooLarge { .. }) => return damaged(e.to_string()),
            Err(e) => return Err(of_history(e)),
        };
        match serde_json::from_slice::<Version>(&bytes) {
            Ok(Version { format }) if format > u64::from(FORMAT) => {
                return Err(Error::NewerLedger { path, expected: FORMAT, found: format });
            }
            Ok(Version { format }) if format != u64::from(FORMAT) => {
                return damaged(format!("expected format {FORMAT}, found {format}"));
            }
            _ => {}
        }
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(ledger) => Ok(Reading::Whole(Box::new(ledger))),
            Err(e) => damaged(e.to_string()),
        }
    }

    /// Fails if a newer version wrote the ledger of the history at `path`; nothing of
    /// it may be touched then.
    ///
    /// # Errors
    /// [`Error::NewerLedger`].
    pub(crate) fn refuse_newer(path: &Path) -> Result<(), Error> {
        match Dir::open(path).ok().map(|dir| Self::read(&dir)) {
            Some(Err(error @ Error::NewerLedger { .. })) => Err(error),
            // Whatever else is wrong is found when the history is opened.
            _ => Ok(()),
        }
    }

    /// Keeps a ledger that cannot be read under another name, so that a new one can
    /// take its place; gives that name.
    pub(crate) fn set_aside(dir: &Dir) -> Result<Option<String>, Error> {
        for nth in 1..=MAX_ASIDE {
            let name = format!("{NAME}.damaged-{nth}");
            if matches!(dir.len(&name), Ok(None)) {
                return Ok(dir.move_from(dir, NAME, &name).map_err(of_history)?.then_some(name));
            }
        }
        Ok(None)
    }

    /// The names of all files that are known to have been written with this history.
    pub(crate) fn known(&self) -> BTreeSet<&str> {
        self.files().map(|file| &*file.name).collect()
    }

    /// Whether a file is known to have been written with this history.
    pub(crate) fn knows(&self, file: &str) -> bool {
        self.files().any(|known| known.name == file)
    }

    /// The number of the state with a repomd.xml of this SHA-256, from the newest on.
    pub(crate) fn state_of(&self, repomd: &str) -> Option<usize> {
        self.states.iter().position(|state| state.repomd == repomd)
    }

    /// Every file that is known to have been written with this history.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Written> {
        let deltas = self.types.values().flatten().filter_map(|made| made.file.as_ref());
        let journals = self.journal.iter().filter_map(|made| made.file.as_ref());
        let states = self.states.iter().chain(&self.intent).flat_map(|state| &state.files);
        states.chain(&self.loose).chain(deltas).chain(journals)
    }

    /// Open SHA-256 of the generations of a type that the newest state serves.
    pub(crate) fn served(&self, data_type: &str) -> BTreeSet<String> {
        let deltas = self.types.get(data_type).into_iter().flatten().filter(|made| made.file.is_some());
        let journal = self.journal.as_ref().filter(|made| made.file.is_some());
        // A twin goes by the entry of its family, and is among the types for which deltas are made.
        let in_journal = journal.and_then(|made| {
            let family = self.types.contains_key(data_type).then(|| Rule::family(data_type));
            made.served.get(data_type).or_else(|| made.served.get(family?))
        });
        deltas
            .flat_map(|made| made.planned.iter().take(made.served))
            .chain(in_journal.into_iter().flat_map(|served| &served.generations))
            .cloned()
            .collect()
    }

    /// Remembers what became of the signature; gives that, told from a repository that was never signed.
    pub(crate) fn remember_signature(&mut self, fate: SignatureFate) -> SignatureFate {
        let fate = match fate {
            SignatureFate::None if self.signature_removed => SignatureFate::Missing,
            fate => fate,
        };
        self.signature_removed = matches!(fate, SignatureFate::Removed | SignatureFate::Missing);
        fate
    }

    /// A ledger without any state, that knows for whom the history was used.
    pub(crate) fn begin_again(places: Vec<Place>) -> Self {
        Self { places, ..Self::default() }
    }

    /// Remembers that the repository at `path` has this content now.
    pub(crate) fn used_at(&mut self, place: Place) {
        self.places.retain(|known| known.path != place.path);
        self.places.insert(0, place);
        self.places.truncate(MAX_PLACES);
    }

    /// Whether the delta in `file` is to serve the generation of a metadata type
    /// with this open SHA-256. A delta that the ledger does not know is taken to
    /// serve whoever selects it.
    pub(crate) fn serves(&self, data_type: &str, file: &str, sha256: &str) -> bool {
        let made = self.types.get(data_type).map(Vec::as_slice).unwrap_or_default();
        let made = made.iter().find(|m| m.file.as_ref().is_some_and(|f| f.name == file));
        made.is_none_or(|m| m.planned.iter().take(m.served).any(|planned| planned == sha256))
    }

    /// Replaces the ledger on disk, which is `on_disk`, if that differs.
    pub(crate) fn write(&self, dir: &Dir, on_disk: &mut Option<Self>) -> Result<(), Error> {
        if on_disk.as_ref() == Some(self) {
            return Ok(());
        }
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Ledger { path: dir.path().join(NAME), what: e.to_string() })?;
        bytes.push(b'\n');
        dir.write(NAME, &bytes).map_err(of_history)?;
        *on_disk = Some(self.clone());
        Ok(())
    }

    /// This ledger with what is about to happen: `state` will be published, with
    /// the files `new` among its own. Should the process die meanwhile, the next
    /// one knows whose files they are, and nobody's are forgotten.
    pub(crate) fn intending(&self, state: &State, new: impl Iterator<Item = Written>) -> Self {
        let mut intent = self.clone();
        intent.loose.extend(new);
        intent.intent = Some(state.clone());
        intent
    }

    /// Finds out, from the SHA-256 of the repomd.xml that is in place, what became
    /// of a state that a run before meant to publish: it is the newest one, or it
    /// never was, and its files are loose.
    pub(crate) fn resolve_intent(&mut self, repomd: &str) {
        let Some(intent) = self.intent.take() else { return };
        if intent.repomd != repomd {
            self.loose.extend(intent.files);
        } else if self.states.first().is_none_or(|newest| newest.repomd != repomd) {
            self.states.insert(0, intent);
        }
    }

    /// Makes `state` the newest one, unless it is that already, and forgets those
    /// beyond `keep` older ones; their files become loose.
    pub(crate) fn publish(&mut self, state: State, keep: usize) {
        match self.states.first_mut() {
            Some(newest) if newest.repomd == state.repomd => {
                let before = std::mem::replace(newest, state);
                self.loose.extend(before.files);
            }
            _ => self.states.insert(0, state),
        }
        let kept = keep.saturating_add(1).min(self.states.len());
        for old in self.states.split_off(kept) {
            self.loose.extend(old.files);
        }
        let named = |file: &Written| self.states.iter().any(|s| s.files.iter().any(|f| f.name == file.name));
        let mut loose = std::mem::take(&mut self.loose);
        loose.retain(|file| !named(file));
        loose.sort();
        loose.dedup();
        self.loose = loose;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Written {
        Written { name: name.into(), sha256: "00".into(), size: 1 }
    }

    fn state(repomd: &str, files: &[&str]) -> State {
        let files = files.iter().map(|f| file(f)).collect();
        State { repomd: repomd.into(), signed: false, files, revision: None, timestamp: None }
    }

    #[test]
    fn runs_that_fail_push_no_published_state_out() {
        let mut ledger = Ledger::default();
        for name in ["a", "b", "c"] {
            ledger.publish(state(name, &[name]), 2);
        }
        for failed in ["d", "e", "f", "g"] {
            ledger = ledger.intending(&state(failed, &[failed]), [file(failed)].into_iter());
            ledger.resolve_intent("something else");
        }
        assert_eq!(ledger.states.len(), 3);
        ledger = ledger.intending(&state("h", &["h"]), std::iter::empty());
        ledger.resolve_intent("h");
        assert_eq!(ledger.states[0].repomd, "h");
        ledger.publish(state("h", &["h"]), 2);
        assert_eq!(ledger.states.iter().map(|s| &*s.repomd).collect::<Vec<_>>(), ["h", "c", "b"]);
        assert_eq!(ledger.loose, ["a", "d", "e", "f", "g"].map(file));
    }

    #[test]
    fn files_become_loose_when_the_last_kept_state_no_longer_names_them() {
        let mut ledger = Ledger::default();
        ledger.publish(state("a", &["1", "2"]), 2);
        ledger.publish(state("b", &["2", "3"]), 2);
        ledger.publish(state("c", &["4"]), 2);
        assert_eq!(ledger.loose, []);
        ledger.publish(state("d", &["5"]), 2);
        assert_eq!(ledger.loose, [file("1")]);
        ledger.publish(state("e", &["1"]), 2);
        assert_eq!(ledger.loose, [file("2"), file("3")]);
        ledger.publish(state("e", &["1"]), 0);
        assert_eq!(ledger.states.len(), 1);
        assert_eq!(ledger.loose, [file("2"), file("3"), file("4"), file("5")]);
    }
}
