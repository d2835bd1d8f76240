//! The shortest way: from the copy held and some parts of the journal to the current file
//! (format 2).
//!
//! What the parts cost is known before they are asked for; where another way is cheaper, or the copy is of
//! a generation that the journal does not serve, that is said and no failure. Nothing is decompressed
//! before its digest was compared. The copy is read twice, but for its last 16 MiB; nothing larger is in
//! memory.

mod choice;
mod fetch;

use std::io;

use codec::Expect;
use durable::Dir;

use super::attempt::AttemptError;
use super::base::{expected, open_base};
use super::context::Context;
use super::fetched::Stored;
use super::parts::TypeParts;
use super::patching::{Patching, open_content};
use super::plan::{ByJournal, Plan, Way};
use crate::cache::LocalFile;
use crate::patch::{Change, scratch};
use crate::progress::{Meter, Step};

pub(super) use fetch::foresee;

/// What is told to be downloaded of it for no single type.
const SHARED: &str = "journal";

/// One type that the journal may lead on.
#[derive(Clone, Copy)]
pub(super) struct ByType<'p, 'a> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) by: &'p ByJournal<'a>,
}

impl<'p, 'a> ByType<'p, 'a> {
    /// The plan, if its way is by the journal.
    pub(super) fn of(plan: &'p Plan<'a>) -> Option<Self> {
        match &plan.way {
            Way::Journal(by) => Some(Self { plan, by }),
            _ => None,
        }
    }

    /// What the cheapest other way costs, in bytes.
    fn rival(&self) -> u64 {
        let full = self.plan.record.size.unwrap_or(u64::MAX);
        self.by.otherwise.map_or(full, |by| by.delta.size.min(full))
    }
}

/// What the cheapest other ways of these types cost together, in bytes.
fn rivals<'t, 'p: 't, 'a: 'p>(types: impl IntoIterator<Item = &'t ByType<'p, 'a>>) -> u64 {
    types.into_iter().map(ByType::rival).fold(0, u64::saturating_add)
}

/// Fetches at once what several types need of the journal; [`obtain`] finds it in the context.
pub(super) fn fetch_for_all<'p>(context: &Context<'_>, plans: impl Iterator<Item = &'p Plan<'p>>) {
    context.forget_parts();
    let types: Vec<ByType<'_, '_>> = plans.filter_map(ByType::of).collect();
    if types.len() < 2 {
        return;
    }
    let mut meter = Meter::new(context.progress, "journal");
    let found = fetch::fetch(context, &types, &mut meter);
    let counted: u64 = found.iter().flatten().map(|parts| parts.bytes).sum();
    context.count_shared(SHARED, meter.downloaded().saturating_sub(counted));
    let found = without_repetition(context, found);
    for (of_type, result) in types.iter().zip(found) {
        context.put_parts(&of_type.plan.record.kind, result);
    }
}

/// What keeps several types from the journal is told once, and is a reason for each of them from then on.
pub(super) fn without_repetition<T>(
    context: &Context<'_>,
    found: Vec<Result<T, AttemptError>>,
) -> Vec<Result<T, AttemptError>> {
    let unusable = |result: &Result<T, AttemptError>| match result {
        Err(AttemptError::Unusable(why)) => Some(why.clone()),
        _ => None,
    };
    let Some(why) = found.first().and_then(unusable).filter(|_| found.len() > 1) else { return found };
    context.warn(&format!("going on without the journal: {why}"));
    let as_reason = |result| match result {
        Err(AttemptError::Unusable(why)) => Err(AttemptError::Told(why)),
        other => other,
    };
    found.into_iter().map(as_reason).collect()
}

/// Applies what the copy needs of the journal. Unless that was fetched with what other types need, it is
/// fetched, from one source and once. [`AttemptError::NotCheapest`] says that another way is better.
pub(super) fn obtain(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    place: (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, AttemptError> {
    let parts = if let Some(fetched) = context.take_parts(&plan.record.kind) {
        let parts = fetched?;
        meter.count(parts.bytes);
        parts
    } else {
        let found = fetch::fetch(context, &[ByType { plan, by }], meter).into_iter().next();
        found.ok_or_else(|| AttemptError::unusable("the journal gave nothing"))??
    };
    apply(context, plan, by, &parts, place, meter)
}

fn apply(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    parts: &TypeParts,
    place: (&Dir, &str),
    meter: &Meter<'_>,
) -> Result<Stored, AttemptError> {
    meter.begin(Step::Apply, plan.record.open_size);
    let mut scratch = scratch(place, "scratch")?;
    let name = by.journal.location.to_string();
    let patching = Patching { context, plan, base: &by.base, place, name: &name };
    let mut old = || match open_base(context, &by.base, Expect::default()) {
        Ok(reader) => Ok(Box::new(reader) as Box<dyn io::Read>),
        Err(why) => Err(io::Error::other(why.to_string())),
    };
    let expected = open_content(plan.record, [by.open_checksum]);
    let parts = parts.as_parts();
    let change = Change::Steps { rule: by.rule, old: &mut old, parts: &parts, scratch: &mut scratch };
    let patched = patching.run(change, expected, meter)?;
    patching.store(patched, || verify_base(context, &by.base))
}

/// Reads the copy as it should be.
fn verify_base(context: &Context<'_>, base: &LocalFile<'_>) -> Result<(), AttemptError> {
    let expect = expected(base.record, context.options.max_open_size);
    open_base(context, base, expect)?.finish().map_err(AttemptError::damaged_base)?;
    Ok(())
}
