//! What this tool has written into a repository, kept in the history: so that
//! only that is ever deleted, nothing is made twice, and delta files stay as
//! long as a mirror may need them (`docs/history.md`, "The ledger").

use std::collections::BTreeMap;
use std::path::PathBuf;

use durable::Dir;
use serde::{Deserialize, Serialize};

use crate::Error;

const NAME: &str = "ledger.json";
const MAX_SIZE: u64 = 64 << 20;
const FORMAT: u32 = 2;
/// Formats that are read: 1 had no journals.
const READ: [u32; 2] = [1, FORMAT];

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
}

/// A window for which a delta was made, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Made {
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

/// A journal that was made, and what from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MadeJournal {
    /// Open SHA-256 of the generation that it leads to.
    pub(crate) target: String,
    /// Open SHA-256 of the generations that it was to serve, newest first.
    pub(crate) planned: Vec<String>,
    /// The most bytes that a client was to read.
    pub(crate) max: u64,
    /// The most bytes of text that were to be encoded.
    pub(crate) text: u64,
    /// The file; nothing where it would have served nobody.
    pub(crate) file: Option<Written>,
    /// Bytes of the head.
    pub(crate) head_size: u64,
    /// SHA-256 of the head.
    pub(crate) head_sha256: String,
    /// Bytes that a client reads, by generation served, the youngest first.
    pub(crate) reads: Vec<u64>,
    /// Runs in the file.
    pub(crate) runs: usize,
    /// Distinct steps in the file.
    pub(crate) steps: usize,
}

/// How the file of a record was compressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MadeRecipe {
    /// Its `<checksum>`, `type:hex`.
    pub(crate) file: String,
    /// The number of the recipe; nothing where none gives it.
    pub(crate) recipe: Option<u8>,
}

impl MadeJournal {
    /// Whether it is the journal that `wanted` asks for.
    pub(crate) fn is_of(&self, wanted: &Self) -> bool {
        let of = |made: &Self| (made.target.clone(), made.planned.clone(), made.max, made.text);
        of(self) == of(wanted)
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
    pub(crate) types: BTreeMap<String, Vec<Made>>,
    /// Per metadata type the journal of the newest state.
    #[serde(default)]
    pub(crate) journals: BTreeMap<String, MadeJournal>,
    /// Per metadata type the recipe of the file that was published last with a
    /// journal.
    #[serde(default)]
    pub(crate) recipes: BTreeMap<String, MadeRecipe>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            format: FORMAT,
            states: Vec::new(),
            intent: None,
            loose: Vec::new(),
            types: BTreeMap::new(),
            journals: BTreeMap::new(),
            recipes: BTreeMap::new(),
        }
    }
}

impl Ledger {
    /// Reads the ledger; a new one where there is none. One that cannot be read
    /// is told apart, so that the caller can go on without it: nothing is
    /// deleted then that it would have named.
    pub(crate) fn read(dir: &Dir) -> Result<Result<Self, Error>, Error> {
        let path: PathBuf = dir.path().join(NAME);
        let bytes = match dir.read(NAME, MAX_SIZE) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Ok(Self::default())),
            Err(e @ (durable::Error::TooLarge { .. } | durable::Error::WrongKind { .. })) => {
                return Ok(Err(Error::Ledger { path, what: e.to_string() }));
            }
            Err(e) => return Err(Error::File(e)),
        };
        let ledger = match serde_json::from_slice::<Self>(&bytes) {
            Ok(ledger) if READ.contains(&ledger.format) => Ok(Self { format: FORMAT, ..ledger }),
            Ok(ledger) => Err(Error::Ledger {
                path,
                what: format!("expected format {FORMAT}, found {}", ledger.format),
            }),
            Err(e) => Err(Error::Ledger { path, what: e.to_string() }),
        };
        Ok(ledger)
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
    pub(crate) fn write(&self, dir: &Dir, on_disk: &mut Self) -> Result<(), Error> {
        if self == on_disk {
            return Ok(());
        }
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Ledger { path: dir.path().join(NAME), what: e.to_string() })?;
        bytes.push(b'\n');
        dir.write(NAME, &bytes).map_err(Error::File)?;
        on_disk.clone_from(self);
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
    pub(crate) fn settle(&mut self, repomd: &str) {
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
        State { repomd: repomd.into(), signed: false, files: files.iter().map(|f| file(f)).collect() }
    }

    #[test]
    fn runs_that_fail_push_no_published_state_out() {
        let mut ledger = Ledger::default();
        for name in ["a", "b", "c"] {
            ledger.publish(state(name, &[name]), 2);
        }
        for failed in ["d", "e", "f", "g"] {
            ledger = ledger.intending(&state(failed, &[failed]), [file(failed)].into_iter());
            ledger.settle("something else");
        }
        assert_eq!(ledger.states.len(), 3);
        ledger = ledger.intending(&state("h", &["h"]), std::iter::empty());
        ledger.settle("h");
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
