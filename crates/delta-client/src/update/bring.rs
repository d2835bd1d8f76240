//! Several types at a time, each by the way that was planned for it.
//!
//! After a failure nothing new is begun; what has begun is brought to its end,
//! because it may still be of use.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use durable::Dir;
use repomd::Record;

use super::plan::{Plan, Way};
use super::{Context, PathTaken, TypeUpdated, UpdateError, delta, describe, full, milliseconds};
use crate::cache::Staging;
use crate::progress::Meter;

/// A file of the new state.
pub(super) struct Brought {
    /// What the publisher says of it.
    pub(super) upstream: Record,
    /// What our repomd.xml will say.
    pub(super) record: Record,
    pub(super) name: String,
    pub(super) report: TypeUpdated,
}

impl Brought {
    /// Whether this is the file of a plan by a newer repomd.xml, too; it is
    /// then described as that one says.
    fn serves(&mut self, plan: &Plan<'_>) -> bool {
        let (a, b) = (&self.upstream, plan.record);
        let same = a.kind == b.kind
            && (&a.checksum, &a.open_checksum, a.size, a.open_size)
                == (&b.checksum, &b.open_checksum, b.size, b.open_size);
        if same {
            self.record = describe::kept(plan.record, &self.record);
            self.upstream = plan.record.clone();
        }
        same
    }
}

/// Brings all types that are not in `ready` yet, and adds them to it.
pub(super) fn all(
    context: &Context<'_>,
    plans: &[Plan<'_>],
    staging: &mut Staging<'_>,
    ready: &mut BTreeMap<String, Brought>,
) -> Result<(), UpdateError> {
    ready.retain(|_, brought| plans.iter().any(|plan| brought.serves(plan)));
    let left: Vec<(usize, &Plan<'_>)> = plans
        .iter()
        .enumerate()
        .filter(|(_, plan)| !matches!(plan.way, Way::Keep(_)) && !ready.contains_key(&plan.record.kind))
        .collect();
    let jobs = Mutex::new(left.into_iter());
    let done = Mutex::new((Vec::new(), None));
    let dir = staging.dir();
    let work = || {
        while let Some((number, plan)) = next(&jobs, &done) {
            let result = one(context, plan, (dir, &format!("file-{number}")));
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(brought) => done.0.push(brought),
                Err(error) => {
                    done.1.get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..context.options.parallel.min(plans.len()) {
            // Where there can be no thread there is one less to work.
            let _ = std::thread::Builder::new().name("update".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    let (brought, error) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    ready.extend(brought.into_iter().map(|brought| (brought.upstream.kind.clone(), brought)));
    staging.begin_again();
    for plan in plans {
        if let Way::Keep(file) = plan.way {
            staging.take(file.name, context.held)?;
            ready.insert(plan.record.kind.clone(), keep(plan));
        }
    }
    for brought in ready.values() {
        staging.take(&brought.name, None)?;
    }
    error.map_or(Ok(()), Err)
}

type Done = Mutex<(Vec<Brought>, Option<UpdateError>)>;

fn next<'a, 'p>(
    jobs: &Mutex<impl Iterator<Item = (usize, &'a Plan<'p>)>>,
    done: &Done,
) -> Option<(usize, &'a Plan<'p>)>
where
    'p: 'a,
{
    if done.lock().unwrap_or_else(PoisonError::into_inner).1.is_some() {
        return None;
    }
    jobs.lock().unwrap_or_else(PoisonError::into_inner).next()
}

fn one(context: &Context<'_>, plan: &Plan<'_>, place: (&Dir, &str)) -> Result<Brought, UpdateError> {
    let started = Instant::now();
    let kind = &plan.record.kind;
    let mut meter = Meter::new(context.progress, kind);
    let mut path = PathTaken::Full;
    let mut reason = plan.reason.clone();
    let mut stored = None;
    if let Way::Delta(by) = &plan.way {
        match delta::bring(context, plan, by, place, &mut meter) {
            Ok(result) => {
                path = PathTaken::Delta;
                stored = Some(result);
            }
            Err(delta::Failed::Here(error)) => return Err(error),
            Err(delta::Failed::Delta(why)) => {
                context.warn(&format!("taking the full file of `{kind}`: {why}"));
                reason = why;
            }
        }
    }
    let stored = match stored {
        Some(stored) => stored,
        None => full::bring(context, plan, place, &mut meter)?,
    };
    let record = describe::stored(plan.record, &stored).map_err(|error| UpdateError::Record {
        source_name: context.source_name(),
        data_type: kind.clone(),
        why: error.to_string(),
    })?;
    let report = TypeUpdated {
        data_type: kind.clone(),
        path,
        reason,
        bytes_downloaded: meter.downloaded(),
        bytes_full: plan.record.size,
        milliseconds: milliseconds(started),
        file: Some(stored.name.clone()),
    };
    Ok(Brought { upstream: plan.record.clone(), record, name: stored.name, report })
}

fn keep(plan: &Plan<'_>) -> Brought {
    let report = planned(plan);
    let (record, name) = match &plan.way {
        Way::Keep(file) => (describe::kept(plan.record, file.record), file.name.to_owned()),
        _ => (plan.record.clone(), String::new()),
    };
    Brought { upstream: plan.record.clone(), record, name, report }
}

/// What is to be reported of a plan that is not carried out, or needs no work.
pub(super) fn planned(plan: &Plan<'_>) -> TypeUpdated {
    let (path, bytes, file) = match &plan.way {
        Way::Keep(file) => (PathTaken::Current, 0, Some(file.name.to_owned())),
        Way::Delta(by) => (PathTaken::Delta, by.delta.size, None),
        Way::Full => (PathTaken::Full, plan.record.size.unwrap_or(0), None),
    };
    TypeUpdated {
        data_type: plan.record.kind.clone(),
        path,
        reason: plan.reason.clone(),
        bytes_downloaded: bytes,
        bytes_full: plan.record.size,
        milliseconds: 0,
        file,
    }
}
