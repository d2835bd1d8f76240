//! Fetching parts of the journal for one or several types, from one source and once. Every byte is verified
//! before it is given out.

use std::io::Read;

use codec::{Algorithm, Expect};
use delta_core::journal::{Fetched, GAP, GenerationId, Head, MAX_HEAD, Part, Reading};

use super::choice::{Choice, MAX_READ, by_head, by_newest, shares};
use super::{ByType, rivals};
use crate::digest::digest_or_none;
use crate::fetch::{FetchError, Refused};
use crate::progress::{Meter, Step};
use crate::ranged::{RangeOrder, RangeReader, fetch_range};
use crate::transport::{ByteRange, TransportError};
use crate::update::attempt::AttemptError;
use crate::update::base::open_base;
use crate::update::context::Context;
use crate::update::parts::{OwnedPart, TypeParts};

/// What each type needs of the journal, or why it goes another way.
pub(super) fn fetch(
    context: &Context<'_>,
    types: &[ByType<'_, '_>],
    meter: &mut Meter<'_>,
) -> Vec<Result<TypeParts, AttemptError>> {
    let take = |reader: &mut RangeReader<'_, '_>, choice: &Choice| {
        let mut found: Vec<TypeParts> = Vec::new();
        found.resize_with(types.len(), TypeParts::default);
        for (led_on, reading) in &choice.readings {
            for (nth, parts) in led_on.iter().zip(read(reader, reading)?) {
                found[*nth].parts = parts;
            }
        }
        Ok(found)
    };
    let before = meter.downloaded();
    let taken = match by_newest(context, types) {
        Some(choice) => by_choice(context, types, choice, meter, take),
        None => from_head(context, types, meter, take),
    };
    let (choice, mut found) = match taken {
        Ok(taken) => taken,
        Err(errors) => return errors.into_iter().map(Err).collect(),
    };
    found.resize_with(types.len(), TypeParts::default);
    let shares = shares(meter.downloaded() - before, &choice.weights);
    found.iter_mut().zip(shares).for_each(|(parts, share)| parts.bytes = share);
    unless_refused(found, choice.refused)
}

/// How many bytes [`fetch`] would download for each type: the head is read where it has to be, and nothing
/// else is asked for.
pub(in crate::update) fn foresee(
    context: &Context<'_>,
    types: &[ByType<'_, '_>],
    meter: &mut Meter<'_>,
) -> Vec<Result<u64, AttemptError>> {
    let choice = by_newest(context, types)
        .map_or_else(|| from_head(context, types, meter, |_, _| Ok(())).map(|(choice, ())| choice), Ok);
    let (shares, refused) = match choice {
        Ok(choice) => (shares(meter.downloaded() + choice.bytes(), &choice.weights), choice.refused),
        Err(errors) => (vec![0; types.len()], errors.into_iter().map(Some).collect()),
    };
    // Where none goes by the journal, what told so is nobody's share.
    context.count_shared(super::SHARED, meter.downloaded().saturating_sub(shares.iter().sum()));
    unless_refused(shares, refused)
}

/// What was found for each type, unless it goes another way.
fn unless_refused<T>(found: Vec<T>, refused: Vec<Option<AttemptError>>) -> Vec<Result<T, AttemptError>> {
    let result = |(found, why): (T, Option<AttemptError>)| why.map_or(Ok(found), Err);
    found.into_iter().zip(refused).map(result).collect()
}

/// Lets `take` read what was chosen without the head. An error is one for each type.
fn by_choice<T: Default>(
    context: &Context<'_>,
    types: &[ByType<'_, '_>],
    choice: Choice,
    meter: &mut Meter<'_>,
    mut take: impl FnMut(&mut RangeReader<'_, '_>, &Choice) -> Result<T, Refused>,
) -> Result<(Choice, T), Vec<AttemptError>> {
    let first = choice.readings.first().and_then(|(_, reading)| reading.ranges(GAP).into_iter().next());
    let Some(range) = first.and_then(|range| ByteRange::between(range.start, range.end)) else {
        return Ok((choice, T::default()));
    };
    let taken = ranges(context, types, range, meter, |reader| take(reader, &choice));
    taken.map(|taken| (choice, taken)).map_err(|error| same(error, types.len()))
}

/// Reads the head, chooses, and lets `take` read what was chosen. An error is one for each type.
fn from_head<T>(
    context: &Context<'_>,
    types: &[ByType<'_, '_>],
    meter: &mut Meter<'_>,
    mut take: impl FnMut(&mut RangeReader<'_, '_>, &Choice) -> Result<T, Refused>,
) -> Result<(Choice, T), Vec<AttemptError>> {
    let for_each = |why: &dyn Fn() -> AttemptError| types.iter().map(|_| why()).collect::<Vec<_>>();
    let (head_size, rivals) = (types.first().map_or(0, |of| of.by.journal.head_size), rivals(types));
    let Some(range) = ByteRange::new(0, head_size).filter(|_| head_size <= MAX_HEAD as u64) else {
        let why =
            || format!("the journal would take {head_size} bytes first, more than the limit of {MAX_HEAD}");
        return Err(for_each(&|| AttemptError::unusable(why())));
    };
    if head_size >= rivals {
        let why = || format!("the journal would take at least {head_size} bytes, other ways {rivals} in all");
        return Err(for_each(&|| AttemptError::NotCheapest(why())));
    }
    let mut from = Vec::new();
    let mut unknown = Vec::new();
    for of_type in types {
        let (generation, error) = match generation(context, of_type, meter) {
            Ok(generation) => (Some(generation), None),
            Err(error) => (None, Some(error)),
        };
        from.push(generation);
        unknown.push(error);
    }
    if from.iter().all(Option::is_none) {
        return Err(unknown.into_iter().flatten().collect());
    }
    let taken = ranges(context, types, range, meter, |reader| {
        let choice = by_head(&head(reader, types)?, types, &from);
        let taken = take(reader, &choice)?;
        Ok((choice, taken))
    });
    let (mut choice, taken) = taken.map_err(|error| same(error, types.len()))?;
    for (refused, error) in choice.refused.iter_mut().zip(unknown) {
        *refused = error.or(refused.take());
    }
    Ok((choice, taken))
}

/// An error for each of some types; what only one can have, such as that of the disk, comes first.
fn same(error: AttemptError, types: usize) -> Vec<AttemptError> {
    let why = error.to_string();
    let rest = (1..types).map(|_| AttemptError::Unusable(why.clone()));
    std::iter::once(error).chain(rest).collect::<Vec<_>>()
}

/// Lets `take` read the journal from `first` on, from one source and once.
fn ranges<T>(
    context: &Context<'_>,
    types: &[ByType<'_, '_>],
    first: ByteRange,
    meter: &mut Meter<'_>,
    take: impl FnMut(&mut RangeReader<'_, '_>) -> Result<T, Refused>,
) -> Result<T, AttemptError> {
    let Some(journal) = types.first().map(|of_type| of_type.by.journal) else {
        return Err(AttemptError::unusable("there is nothing to fetch"));
    };
    let (location, size) = (&journal.location, journal.size);
    let order = RangeOrder { location, size, range: first, max_skipped: rivals(types) };
    let begin = |meter: &Meter<'_>| meter.begin(Step::Journal, None);
    let fetched = context.take_one(location, meter, |source, meter| {
        fetch_range(&[source], &order, context.patience().once(), meter, begin, take)
    });
    match fetched.map_err(AttemptError::unusable)? {
        Ok(taken) => Ok(taken),
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Err(AttemptError::unusable(error)),
    }
}

/// Which generation the copy is of: by its SHA-256, which repomd.xml mostly says.
fn generation(
    context: &Context<'_>,
    of_type: &ByType<'_, '_>,
    meter: &Meter<'_>,
) -> Result<GenerationId, AttemptError> {
    let base = &of_type.by.base;
    let said = digest_or_none(base.record.open_checksum.as_ref());
    let sha256 = if let Some(digest) = said.filter(|digest| digest.algorithm() == Algorithm::Sha256) {
        Some(digest)
    } else {
        meter.begin(Step::Verify, base.record.open_size);
        let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
        let damaged = AttemptError::damaged_base::<String>;
        let read = open_base(context, base, expect)?.finish().map_err(|why| damaged(why.to_string()))?;
        read.open_digest(Algorithm::Sha256)
    };
    let bytes = sha256.and_then(|digest| digest.as_bytes().try_into().ok());
    let bytes: [u8; 32] = bytes.ok_or_else(|| AttemptError::unusable("the copy held has no SHA-256"))?;
    Ok(GenerationId::from_sha256(&bytes))
}

/// Reads and verifies the head.
fn head(reader: &mut RangeReader<'_, '_>, types: &[ByType<'_, '_>]) -> Result<Head, Refused> {
    let Some(journal) = types.first().map(|of_type| of_type.by.journal) else {
        return Err(reader.wrong("a type", "none"));
    };
    let mut bytes = Vec::new();
    let read = Read::take(&mut *reader, journal.head_size);
    std::io::BufReader::new(read).read_to_end(&mut bytes).map_err(TransportError::from_io)?;
    if !Algorithm::Sha256.digest(&bytes).as_bytes().starts_with(&journal.head_digest) {
        return Err(reader.wrong("the head that repomd.xml tells of", "another one"));
    }
    let head = Head::read(&bytes).map_err(|error| reader.wrong("a head of format 2", &error.to_string()))?;
    if head.file_len() != journal.size {
        let what = |bytes: u64| format!("a head of a journal of {bytes} bytes");
        return Err(reader.wrong(&what(journal.size), &what(head.file_len())));
    }
    if head.sequence() != journal.sequence {
        let what = |number: u64| format!("a head that leads to publish {number}");
        return Err(reader.wrong(&what(journal.sequence), &what(head.sequence())));
    }
    if !head.types().iter().eq(journal.types.iter().map(|of| &of.name)) {
        return Err(reader.wrong("a head of the types that repomd.xml tells", "one of others"));
    }
    Ok(head)
}

/// Reads and verifies the parts of a reading, type by type.
fn read(reader: &mut RangeReader<'_, '_>, reading: &Reading) -> Result<Vec<Vec<OwnedPart>>, Refused> {
    if reading.bytes(GAP) > MAX_READ {
        return Err(reader.wrong(&format!("at most {MAX_READ} bytes of steps"), "more"));
    }
    let mut fetched = Fetched::new();
    for range in reading.ranges(GAP) {
        let bytes = ByteRange::between(range.start, range.end)
            .ok_or_else(|| reader.wrong("a part of the journal", "an empty one"))?;
        reader.move_to(bytes)?;
        let mut bytes = Vec::new();
        std::io::BufReader::new(&mut *reader).read_to_end(&mut bytes).map_err(TransportError::from_io)?;
        fetched.add(range.start, bytes);
    }
    let parts = reading.parts(&fetched);
    let parts = parts.map_err(|error| reader.wrong("the steps that were asked for", &error.to_string()))?;
    let owned = |part: Part<'_>| (part.ids, part.payload.to_vec());
    Ok(parts.into_iter().map(|parts| parts.into_iter().map(owned).collect()).collect())
}
