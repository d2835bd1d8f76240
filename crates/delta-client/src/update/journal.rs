//! The shortest way: from the copy held and a part of the journal to the current
//! file (`docs/format-2.md`).
//!
//! The head says what the steps cost; where another way is cheaper, or the copy is
//! of a generation that the journal does not serve, that is said and no failure.
//! Nothing is decompressed before its digest was compared. The copy is read
//! twice, but for its last 16 MiB; nothing larger is in memory.

use std::io;

use codec::{Algorithm, Digest, Expect};
use delta_core::journal::{GenerationId, Head, JournalError, MAX_HEAD, Way, read_steps};
use durable::Dir;

use super::attempt::AttemptError;
use super::base::{expected, open_base};
use super::context::Context;
use super::fetched::Stored;
use super::patching::{Patching, open_content};
use super::plan::{ByJournal, Plan};
use crate::cache::LocalFile;
use crate::digest::digest_or_none;
use crate::fetch::{FetchError, Refused};
use crate::patch::{Change, scratch};
use crate::progress::{Meter, Step};
use crate::ranged::{RangeOrder, RangeReader, fetch_range};
use crate::transport::{ByteRange, TransportError};

/// Bytes that are asked for with the head in any case: most clients are a few
/// generations behind, and then no second request is needed.
const FIRST_BYTES: u64 = 4 << 10;
/// Most bytes of steps: they are in memory while they are verified and applied.
const MAX_STEPS: u64 = 256 << 20;
/// Bytes beyond the head that are asked for at least.
const BEYOND_HEAD: u64 = 1 << 10;

/// Fetches what the copy needs of the journal, from one source and once, and
/// applies it. [`AttemptError::NotCheapest`] says that another way is better.
pub(super) fn obtain(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    place: (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, AttemptError> {
    let from = generation(context, by, meter)?;
    let take = |reader: &mut RangeReader<'_, '_>| steps(reader, plan, by, from);
    let payloads = fetch(context, plan, by, meter, take)?;
    apply(context, plan, by, &payloads, place, meter)
}

/// Which generation the copy is of: by its SHA-256, which repomd.xml mostly says.
fn generation(
    context: &Context<'_>,
    by: &ByJournal<'_>,
    meter: &Meter<'_>,
) -> Result<GenerationId, AttemptError> {
    let said = digest_or_none(by.base.record.open_checksum.as_ref());
    let sha256 = if let Some(digest) = said.filter(|digest| digest.algorithm() == Algorithm::Sha256) {
        digest
    } else {
        meter.begin(Step::Verify, by.base.record.open_size);
        let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
        let damaged = AttemptError::damaged_base::<String>;
        let read = open_base(context, &by.base, expect)?.finish().map_err(|why| damaged(why.to_string()))?;
        read.open_digest(Algorithm::Sha256)
            .ok_or_else(|| AttemptError::unusable("the copy held has no SHA-256"))?
    };
    let bytes: [u8; 32] =
        sha256.as_bytes().try_into().map_err(|_| AttemptError::unusable("the copy held has no SHA-256"))?;
    Ok(GenerationId::from_sha256(&bytes))
}

/// How many bytes [`obtain`] would download: the head is read, and no step.
pub(super) fn foresee(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    meter: &mut Meter<'_>,
) -> Result<u64, AttemptError> {
    let from = generation(context, by, meter)?;
    let look = |reader: &mut RangeReader<'_, '_>| {
        let head = head(reader, by)?;
        Ok(choose(reader, plan, by, &head, from).map(|way| to_come(reader, &way)))
    };
    let to_come = fetch(context, plan, by, meter, look)?;
    // What was asked for with the head was received meanwhile.
    Ok(meter.downloaded() + to_come)
}

/// Why another way than the journal is better, in one line.
struct Dearer(String);

/// Lets `take` read the journal from its start, from one source and once.
fn fetch<T>(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    meter: &mut Meter<'_>,
    take: impl FnMut(&mut RangeReader<'_, '_>) -> Result<Result<T, Dearer>, Refused>,
) -> Result<T, AttemptError> {
    let journal = by.journal;
    let first = (journal.head_size + BEYOND_HEAD).max(FIRST_BYTES);
    let range = ByteRange::new(0, first)
        .ok_or_else(|| AttemptError::unusable("the head of the journal is too large"))?;
    let order =
        RangeOrder { location: &journal.location, size: journal.size, range, max_skipped: by.rival(plan) };
    let begin = |meter: &Meter<'_>| meter.begin(Step::Journal, None);
    let fetched = context.take_one(&journal.location, meter, |source, meter| {
        fetch_range(&[source], &order, context.patience().once(), meter, begin, take)
    });
    match fetched.map_err(AttemptError::unusable)? {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(Dearer(why))) => Err(AttemptError::NotCheapest(why)),
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Err(AttemptError::unusable(error)),
    }
}

/// The way that costs least, if that is less than another path.
fn choose(
    reader: &RangeReader<'_, '_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    head: &Head,
    from: GenerationId,
) -> Result<Way, Dearer> {
    let Some(way) = head.ways(from).into_iter().min_by_key(|way| to_come(reader, way)) else {
        return Err(Dearer("the journal does not serve the generation of the copy".to_owned()));
    };
    let range = way.range();
    let bytes = range.end.saturating_sub(range.start);
    if bytes > MAX_STEPS {
        let why = format!("the steps of the journal have {bytes} bytes, more than the limit of {MAX_STEPS}");
        return Err(Dearer(why));
    }
    let (cost, rival) = (to_come(reader, &way), by.rival(plan));
    if cost >= rival {
        return Err(Dearer(format!("the journal would take {cost} bytes more, another way {rival} in all")));
    }
    Ok(way)
}

/// The payloads of the steps, newest first.
fn steps(
    reader: &mut RangeReader<'_, '_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    from: GenerationId,
) -> Result<Result<Vec<Vec<u8>>, Dearer>, Refused> {
    let head = head(reader, by)?;
    let way = match choose(reader, plan, by, &head, from) {
        Ok(way) => way,
        Err(dearer) => return Ok(Err(dearer)),
    };
    let range = way.range();
    let range = ByteRange::between(range.start, range.end)
        .ok_or_else(|| reader.wrong("a part of the journal", "an empty one"))?;
    reader.move_to(range)?;
    match read_steps(&head, &way, &mut *reader, range.bytes()) {
        Ok(payloads) => Ok(Ok(payloads)),
        Err(JournalError::Range { source, .. }) => Err(TransportError::from_io(source).into()),
        Err(error) => Err(reader.wrong("the steps that the head tells of", &error.to_string())),
    }
}

/// Bytes that are still to come for a way: those that were asked for already come
/// in any case.
fn to_come(reader: &RangeReader<'_, '_>, way: &Way) -> u64 {
    let range = way.range();
    if reader.is_whole() {
        return range.end.saturating_sub(reader.position());
    }
    if range.start >= reader.reach() {
        return range.end - range.start;
    }
    range.end.saturating_sub(reader.reach())
}

/// Reads and verifies the head.
fn head(reader: &mut RangeReader<'_, '_>, by: &ByJournal<'_>) -> Result<Head, Refused> {
    let mut bytes = Vec::new();
    let read = std::io::Read::take(&mut *reader, by.journal.head_size);
    let mut read = std::io::BufReader::new(read);
    std::io::Read::read_to_end(&mut read, &mut bytes).map_err(TransportError::from_io)?;
    let found = by.head_digest.algorithm().digest(&bytes);
    if found != by.head_digest {
        let what = |digest: &Digest| format!("a head with {digest}");
        return Err(reader.wrong(&what(&by.head_digest), &what(&found)));
    }
    let head = Head::read(&bytes).map_err(|error| reader.wrong("a head of format 2", &error.to_string()))?;
    if head.file_len() != by.journal.size {
        let what = |bytes: u64| format!("a head of a journal of {bytes} bytes");
        return Err(reader.wrong(&what(by.journal.size), &what(head.file_len())));
    }
    Ok(head)
}

fn apply(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    payloads: &[Vec<u8>],
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
    // Where repomd.xml has a checksum of another kind that must be right, too.
    let other = by.open_checksum.filter(|digest| digest.algorithm() != Algorithm::Sha256);
    let expected = open_content(plan.record, std::iter::once(by.target).chain(other));
    let change = Change::Steps { rule: by.rule, old: &mut old, payloads, scratch: &mut scratch };
    let patched = patching.run(change, expected, meter)?;
    patching.store(patched, || verify_base(context, &by.base))
}

/// Reads the copy as it should be.
fn verify_base(context: &Context<'_>, base: &LocalFile<'_>) -> Result<(), AttemptError> {
    let expect = expected(base.record, context.options.max_open_size);
    open_base(context, base, expect)?.finish().map_err(AttemptError::damaged_base)?;
    Ok(())
}

impl ByJournal<'_> {
    /// What the cheapest other way costs, in bytes.
    fn rival(&self, plan: &Plan<'_>) -> u64 {
        let full = plan.record.size.unwrap_or(u64::MAX);
        self.otherwise.map_or(full, |by| by.delta.size.min(full))
    }

    /// Whether it may be cheaper than other ways, as far as repomd.xml tells.
    pub(super) fn is_promising(&self, plan: &Plan<'_>) -> bool {
        self.journal.head_size <= MAX_HEAD as u64 && self.journal.head_size < self.rival(plan)
    }
}
