//! In which form each type is stored, once the ways are planned; where only the
//! exact file will do and no recipe is known, the way becomes the full file.
//!
//! A copy is exact as a whole or not at all, because it has one repomd.xml. So
//! where one type cannot be, the others are stored quickly.

use codec::recipe::zchunk::ChunkRule;
use repomd::files::ZCHUNK;

use super::names::among;
use super::primary::{NO_PRIMARY, has_primary};
use super::search::recipe_for;
use crate::cache::{LocalCopy, LocalFile};
use crate::digest::digest_or_none;
use crate::error::UpdateError;
use crate::options::CopyAs;
use crate::patch::StoredForm;
use crate::update::context::Context;
use crate::update::fetched::FetchedFile;
use crate::update::index::Index;
use crate::update::plan::{Plan, Way};

const OPEN_FORM: &str = "a re-described copy was asked for";

/// Decides for all plans of a repomd.xml.
pub(crate) fn choose_storage(
    context: &Context<'_>,
    index: &Index,
    plans: &mut [Plan<'_>],
) -> Result<(), UpdateError> {
    let copy = context.options.copy_as();
    if copy == CopyAs::Open {
        for plan in plans {
            plan.inexact = Some(OPEN_FORM.to_owned());
        }
        return Ok(());
    }
    if copy == CopyAs::Auto
        && let Some(why) = missed(context, index, plans)
    {
        for plan in plans {
            plan.inexact = Some(why.clone());
        }
        return Ok(());
    }
    let placeable: Vec<Result<(), String>> = plans.iter().map(|plan| among(plans, plan)).collect();
    let has_primary = has_primary(plans);
    for (plan, placeable) in plans.iter_mut().zip(placeable) {
        if let Err(why) = placeable {
            if copy == CopyAs::Exact {
                let (source_name, data_type) = (context.source_name(), plan.record.kind.clone());
                return Err(UpdateError::NotExact { source_name, data_type, why });
            }
            plan.inexact = Some(why);
        } else if let Some(held) = context.local {
            one(context, held, plan, has_primary, copy);
        }
    }
    let inexact = plans.iter().find(|plan| plan.inexact.is_some()).map(|plan| plan.record.kind.clone());
    if let Some(kind) = inexact {
        for plan in plans.iter_mut() {
            give_up(context, plan, &kind);
        }
    }
    Ok(())
}

/// Decides for a file that is obtained without the others of its repomd.xml.
pub(crate) fn choose_storage_alone(context: &Context<'_>, plan: &mut Plan<'_>) {
    let copy = context.options.copy_as();
    if copy == CopyAs::Open {
        plan.inexact = Some(OPEN_FORM.to_owned());
    } else if let Some(held) = context.local {
        one(context, held, plan, false, copy);
    }
}

/// What readers would ask for, and not find in a copy with the publisher's
/// repomd.xml, as part of a sentence.
fn missed(context: &Context<'_>, index: &Index, plans: &[Plan<'_>]) -> Option<String> {
    let model = &index.upstream.model;
    let kinds = || model.records.iter().map(|record| record.kind.as_str());
    let wants = |kind: &str| context.options.wants(kind, model);
    let is_zchunk = |kind: &&str| kind.ends_with(ZCHUNK) && !wants(kind);
    let is_left_out = |kind: &&str| wants(kind) && !plans.iter().any(|plan| plan.record.kind == *kind);
    if let Some(kind) = kinds().find(is_zchunk) {
        return Some(format!("readers of zchunk would ask for `{kind}`, which is not held"));
    }
    kinds().find(is_left_out).map(|kind| format!("readers would ask for `{kind}`, which cannot be held"))
}

fn one(context: &Context<'_>, held: &LocalCopy, plan: &mut Plan<'_>, has_primary: bool, copy: CopyAs) {
    let base = match plan.way {
        Way::Keep(file) if has_publishers_bytes(held, &file, plan) => return,
        Way::Keep(file) | Way::Rebuild(file) => file,
        Way::Delta(by) => by.base,
        Way::Journal(by) => by.base,
        Way::Full => return,
    };
    let lacks_primary = !has_primary && plan.chunk_rule().is_some_and(ChunkRule::needs_primary);
    let recipe = recipe_for(context, plan, &base);
    match (recipe.and_then(|recipe| if lacks_primary { Err(NO_PRIMARY) } else { Ok(recipe) }), plan.way) {
        (Ok(recipe), way) => {
            plan.form = StoredForm::Exact(recipe);
            if let Way::Keep(file) = way {
                plan.way = Way::Rebuild(file);
                "the copy has the content, in another compression".clone_into(&mut plan.reason);
            }
        }
        (Err(why), _) if copy == CopyAs::Exact => {
            plan.way = Way::Full;
            why.clone_into(&mut plan.reason);
        }
        (Err(why), _) => plan.inexact = Some(why.to_owned()),
    }
}

/// Exactness would be of no use: another type is in the way.
fn give_up(context: &Context<'_>, plan: &mut Plan<'_>, kind: &str) {
    let StoredForm::Exact(_) = plan.form else {
        return;
    };
    plan.form = StoredForm::Quick(context.options.store_as.compression());
    plan.inexact = Some(format!("`{kind}` keeps the copy from being exact"));
    if let Way::Rebuild(file) = plan.way {
        plan.way = Way::Keep(file);
        "the copy has this open-checksum".clone_into(&mut plan.reason);
    }
}

/// Whether the files that were obtained make an exact copy; notes for each what
/// it is.
pub(crate) fn mark_exact(
    context: &Context<'_>,
    index: &Index,
    plans: &[Plan<'_>],
    files: &mut [FetchedFile],
) -> bool {
    let copy = context.options.copy_as();
    let mut exact = copy != CopyAs::Open && (copy != CopyAs::Auto || missed(context, index, plans).is_none());
    for (plan, file) in plans.iter().zip(files) {
        let same = file.stored.checksum == plan.checksum && among(plans, plan).is_ok();
        file.report.exact = same;
        file.report.inexact = if same { None } else { plan.inexact.clone() };
        exact &= same;
    }
    exact
}

/// Whether the held file is the one that the record of `plan` names, byte for
/// byte.
///
/// It is read only where checksums of two kinds cannot be compared.
fn has_publishers_bytes(held: &LocalCopy, file: &LocalFile<'_>, plan: &Plan<'_>) -> bool {
    let Some(ours) = digest_or_none(file.record.checksum.as_ref()) else {
        return false;
    };
    if ours.algorithm() == plan.checksum.algorithm() {
        return ours == plan.checksum;
    }
    let sizes = (held.dir.len(file.name), plan.record.size);
    if matches!(sizes, (Ok(Some(found)), Some(size)) if found != size) {
        return false;
    }
    let Ok(Some(opened)) = held.dir.open_file(file.name) else {
        return false;
    };
    plan.checksum.algorithm().digest_of(opened).is_ok_and(|digest| digest == plan.checksum)
}
