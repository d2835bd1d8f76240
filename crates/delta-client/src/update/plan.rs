//! What to do for each type: keep the file, apply a delta, or take the full
//! file. Nothing is fetched, and only sizes of files are looked at.

use std::collections::BTreeSet;

use codec::Digest;
use codec::recipe::zchunk::ChunkRule;
use codec::recipe::{Facts, Recipe};
use delta_core::Rule;
use repomd::journal::{Journal, Recipe as ListedRecipe};
use repomd::{Checksum, Delta, Location, Record};

use super::index::Index;
use crate::cache::{LocalCopy, LocalFile};
use crate::digest::{digest, digest_or_none, may_be_named};
use crate::error::UpdateError;
use crate::options::{CopyAs, Options};
use crate::patch::StoredForm;
use crate::report::Rebuilding;
use crate::select::select;

/// What is to be done for one type.
#[derive(Clone, Debug)]
pub(super) struct Plan<'a> {
    /// The publisher's record.
    pub(super) record: &'a Record,
    /// The journal of the repository, where that has this type or its family's.
    pub(super) journal: Option<&'a Journal>,
    pub(super) location: &'a Location,
    pub(super) checksum: Digest,
    pub(super) way: Way<'a>,
    /// Why this way, as part of a sentence.
    pub(super) reason: String,
    /// How the result is stored, where it is made here.
    pub(super) form: StoredForm,
    /// What the publisher's file may say of itself besides its content.
    pub(super) facts: Facts,
    /// Why the file will not be the publisher's, byte for byte; nothing where
    /// it will.
    pub(super) inexact: Option<String>,
    /// What rebuilding the file takes, or would, where it could be rebuilt.
    pub(super) rebuilding: Option<Rebuilding>,
}

/// The way to the current file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    Keep(LocalFile<'a>),
    /// The content is held, in other bytes than the publisher's.
    Rebuild(LocalFile<'a>),
    Journal(ByJournal<'a>),
    Delta(ByDelta<'a>),
    Full,
}

/// What it takes to go by a delta.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByDelta<'a> {
    pub(super) delta: &'a Delta,
    /// The copy that it is applied to.
    pub(super) base: LocalFile<'a>,
    pub(super) rule: Rule,
    /// Of the result.
    pub(super) open_checksum: Digest,
}

/// What it takes to go by the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByJournal<'a> {
    pub(super) journal: &'a Journal,
    /// The number of the type in it.
    pub(super) data_type: usize,
    /// The copy that its steps are applied to.
    pub(super) base: LocalFile<'a>,
    pub(super) rule: Rule,
    /// Of the result.
    pub(super) open_checksum: Digest,
    /// The delta to go by where that is cheaper, or the journal fails.
    pub(super) otherwise: Option<ByDelta<'a>>,
}

/// The type without which a repository is of no use.
const PRIMARY: &str = "primary";

/// Plans for the records that are wanted, in the order of repomd.xml. Those that
/// cannot be fetched and verified are left out, and `left_out` is told why; for
/// primary, and where the copy must have all that its repomd.xml names, that is an
/// error.
pub(super) fn plan<'a>(
    index: &'a Index,
    held: Option<&'a LocalCopy>,
    options: &Options,
    left_out: impl Fn(&UpdateError),
) -> Result<Vec<Plan<'a>>, UpdateError> {
    let model = &index.upstream.model;
    let (records, revision) = (&model.records, model.revision.as_deref());
    let (mut plans, mut odd) = (Vec::new(), BTreeSet::new());
    for record in records.iter().filter(|record| options.wants(&record.kind, model)) {
        match plan_one((record, model.journal.as_ref()), (&index.origin.source, revision), held, options) {
            Ok(plan) => plans.push(plan),
            Err(error) => {
                if record.kind == PRIMARY || options.copy_as() == CopyAs::Exact {
                    return Err(error);
                }
                // Of several records of one type, each is as odd as the others.
                if odd.insert(&*record.kind) {
                    left_out(&error);
                }
            }
        }
    }
    if plans.is_empty() {
        return Err(UpdateError::NothingWanted {
            source_name: index.origin.source.clone(),
            wanted: options.types.clone().unwrap_or_default(),
            present: records.iter().map(|record| record.kind.clone()).collect(),
        });
    }
    Ok(plans)
}

/// Where the file of a record is, and by what it is verified; else why that cannot
/// be said. An open-checksum that is malformed or not known takes the ways that
/// depend on it, and not the full file, as package managers have it.
fn file_of(record: &Record) -> Result<(&Location, Digest), String> {
    let vital = ["checksum", "data", "location"];
    if let Some(fault) = record.faults.iter().find(|fault| vital.contains(&fault.element)) {
        return Err(fault.why.to_string());
    }
    let location = record.local_location().map_err(|problem| problem.to_string())?;
    let checksum = record.checksum.as_ref().ok_or("it has no checksum")?;
    Ok((location, digest(checksum)?))
}

/// The plan for one record of a repomd.xml, from this source and of this revision.
pub(super) fn plan_one<'a>(
    (record, journal): (&'a Record, Option<&'a Journal>),
    (source_name, revision): (&str, Option<&str>),
    held: Option<&'a LocalCopy>,
    options: &Options,
) -> Result<Plan<'a>, UpdateError> {
    let too_large = |what: &str, size: Option<u64>, limit: u64| match size {
        Some(size) if size > limit => {
            let why = format!("it {what} {size} bytes, more than the limit of {limit}");
            Err(UpdateError::record(source_name, record, why))
        }
        _ => Ok(()),
    };
    let (location, checksum) =
        file_of(record).map_err(|why| UpdateError::record(source_name, record, why))?;
    too_large("has", record.size, options.max_file_size)?;
    too_large("opens to", record.open_size, options.max_open_size)?;
    let (way, reason) = way(record, &checksum, held);
    let form = StoredForm::Quick(options.store_as.compression());
    let facts = Facts::from_repomd(revision, location.file_name());
    let (inexact, rebuilding) = (None, None);
    let mut plan =
        Plan { record, journal, location, checksum, way, reason, form, facts, inexact, rebuilding };
    prefer_journal(&mut plan, held);
    Ok(plan)
}

fn way<'a>(record: &'a Record, checksum: &Digest, held: Option<&'a LocalCopy>) -> (Way<'a>, String) {
    let full = |why: &str| (Way::Full, why.to_owned());
    let Some(held) = held else {
        return full("nothing is held yet");
    };
    let Some(file) = held.file(&record.kind) else {
        return full("this type is not held yet");
    };
    if let Some(why) = held.missing(&file) {
        return (Way::Full, why);
    }
    let same =
        |ours: Option<&Checksum>, theirs: Option<Digest>| theirs.is_some() && digest_or_none(ours) == theirs;
    if file.is_odd {
        return if same(file.record.checksum.as_ref(), Some(*checksum)) {
            (Way::Keep(file), "the copy has this checksum".to_owned())
        } else {
            full("the copy has another content than its repomd.xml says")
        };
    }
    let open = digest_or_none(record.open_checksum.as_ref());
    if same(file.record.open_checksum.as_ref(), open) {
        return (Way::Keep(file), "the copy has this open-checksum".to_owned());
    }
    if same(file.record.checksum.as_ref(), Some(*checksum)) {
        return (Way::Keep(file), "the copy has this checksum".to_owned());
    }
    let Some(rule) = Rule::for_type(&record.kind) else {
        return full("no deltas are defined for this type");
    };
    if let Err(problem) = record.servable() {
        return (Way::Full, problem.to_string());
    }
    if record.deltas.is_empty() {
        return full("there are no deltas");
    }
    let Some(open_checksum) = open else {
        return full("the record has no open-checksum by which a result could be verified");
    };
    let timestamp = file.record.timestamp.as_ref().map(repomd::Timestamp::seconds);
    match select(record, &crate::select::CopyVersion { timestamp, open_checksum: None }) {
        crate::select::Selection::Delta(delta) => (
            Way::Delta(ByDelta { delta, base: file, rule, open_checksum }),
            "a delta serves the copy".to_owned(),
        ),
        crate::select::Selection::Full { why } => full(why),
        crate::select::Selection::Current => (Way::Keep(file), "the copy is current".to_owned()),
    }
}

/// The way by the journal instead of another one that downloads, where there is one
/// that may be cheaper.
fn prefer_journal<'a>(plan: &mut Plan<'a>, held: Option<&'a LocalCopy>) {
    let otherwise = match plan.way {
        Way::Delta(by) => Some(by),
        Way::Full => None,
        _ => return,
    };
    let (Some(journal), Some(rule)) = (plan.journal, Rule::for_type(&plan.record.kind)) else { return };
    let is_base = |held: &LocalCopy, file: &LocalFile<'_>| held.missing(file).is_none() && !file.is_odd;
    let file = held.and_then(|held| held.file(&plan.record.kind).filter(|file| is_base(held, file)));
    let open_checksum = digest_or_none(plan.record.open_checksum.as_ref());
    let (Some(base), Some(open_checksum)) = (file, open_checksum) else { return };
    // It may have been left behind when somebody replaced the record's file.
    let leads_there = |id| may_be_named(&open_checksum, id);
    let number = |name: &str| journal.types.iter().position(|of| of.name == name && leads_there(of.id));
    let data_type = number(&plan.record.kind).or_else(|| number(Rule::family(&plan.record.kind)));
    let Some(data_type) = data_type.filter(|_| plan.record.servable().is_ok()) else { return };
    plan.way = Way::Journal(ByJournal { journal, data_type, base, rule, open_checksum, otherwise });
    "there is a journal".clone_into(&mut plan.reason);
}

impl Plan<'_> {
    /// The numbers that repomd.xml publishes of how the record's file is made of its open content.
    fn listed_recipe(&self) -> Option<ListedRecipe> {
        self.journal?.recipes.get(&self.record.kind).copied()
    }

    /// The recipe that repomd.xml publishes. A number that this version does not know is as good as none.
    pub(super) fn published_recipe(&self) -> Option<Recipe> {
        Recipe::from_number(self.listed_recipe()?.number)
    }

    /// The rule that repomd.xml publishes for the chunks of the record's zchunk file.
    pub(super) fn chunk_rule(&self) -> Option<ChunkRule> {
        ChunkRule::from_number(self.listed_recipe()?.chunks?)
    }
}
