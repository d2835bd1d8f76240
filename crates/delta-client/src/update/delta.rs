//! The short way: from the copy held and a delta to the current file.
//!
//! Everything is streamed; nothing is in memory but the blocks at hand and the
//! longest chunk. Any failure but one of the disk is a reason to take the full
//! file, and is told as such.

use codec::recipe::Recipe;
use codec::{Compression, Expect, OpenReader};
use delta_core::{ApplyError, ChunkError, Limits};
use durable::{Dir, Scratch};
use repomd::{Delta, Record};

use super::plan::{ByDelta, Plan};
use super::store::Output;
use super::{Context, Stored, UpdateError};
use crate::apply::longest_delta;
use crate::cache::HeldFile;
use crate::digest::{digest, digest_or_none};
use crate::fetch::{FetchError, Order, fetch};
use crate::progress::{Meter, Step};

/// Why there is no result.
pub(super) enum Failed {
    /// The delta does not serve; in one line.
    Delta(String),
    /// The copy held is damaged, so that nothing can be made of it; in one line.
    Base(String),
    /// Another way is better; why.
    Dearer(String),
    /// The recipe does not give the publisher's file; in one line.
    Recipe(Recipe, String),
    /// The disk fails, with or without deltas.
    Here(UpdateError),
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Delta(why) | Self::Base(why) | Self::Dearer(why) | Self::Recipe(_, why) => f.write_str(why),
            Self::Here(error) => error.fmt(f),
        }
    }
}

impl Failed {
    /// The copy held is damaged.
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
    pub(super) fn base<E: ToString>(why: E) -> Self {
        Self::Base(format!("the copy held is damaged: {}", why.to_string()))
    }
}

impl From<durable::Error> for Failed {
    fn from(error: durable::Error) -> Self {
        Self::Here(error.into())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
pub(super) fn failed(why: impl ToString) -> Failed {
    Failed::Delta(why.to_string())
}

/// Fetches a delta, from one source and once, and applies it.
pub(super) fn bring(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByDelta<'_>,
    (dir, temporary): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, Failed> {
    let ByDelta { delta, base, rule, open_checksum } = by;
    let scratch = download(context, delta, (dir, temporary), meter)?;

    let max_open = plan.record.open_size.unwrap_or(context.options.max_open_size);
    let max_open = max_open.min(context.options.max_open_size);
    let expect = Expect { max_open_size: longest_delta(max_open), ..Expect::default() };
    let name = format!("{}", delta.location);
    let mut delta_reader = OpenReader::new(scratch.open()?, &name, expect).map_err(failed)?;
    if delta_reader.compression() != Compression::Bzip2 {
        let found = delta_reader.compression();
        return Err(failed(format!("`{name}` is no delta: expected bzip2 data, found {found}")));
    }
    let mut base_reader = open_base(context, base, expected(base.record, context.options.max_open_size))?;

    meter.begin(Step::Apply, plan.record.open_size);
    let mut out = Output::new(context, plan, base, (dir, temporary), open_checksum.algorithm(), meter)?;
    let limits = Limits::default().with_max_output(max_open);
    let applied = delta_core::apply(*rule, &mut base_reader, &mut delta_reader, &mut out, &limits);
    let (store, made) = out.open.finish();
    let result = match applied {
        Err(ApplyError::Output { .. }) => return Err(store.failure()),
        Err(error) => Err(failed(explain(error, &name))),
        Ok(_) => match made.differs(plan.record.open_size, Some(open_checksum)) {
            Some((expected, found)) => Err(failed(format!(
                "the result of `{name}` is not the file wanted: expected {expected}, found {found}"
            ))),
            None => Ok(()),
        },
    };
    if matches!(result, Err(Failed::Delta(_))) {
        // Whose fault was it? The rest of the copy tells.
        base_reader.finish().map_err(Failed::base)?;
    }
    result?;
    store.finish(plan, made.size)
}

fn download(
    context: &Context<'_>,
    delta: &Delta,
    (dir, temporary): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Scratch, Failed> {
    let checksum = digest(&delta.checksum).map_err(Failed::Delta)?;
    let order = Order {
        location: &delta.location,
        size: Some(delta.size),
        max_size: context.options.max_file_size,
        checksum: &checksum,
    };
    let begin = |meter: &Meter<'_>| meter.begin(Step::Delta, Some(delta.size));
    let fetched = context.take_one(&delta.location, meter, |source, meter| {
        fetch(&[source], &order, context.patience().once(), (dir, temporary), meter, begin)
    });
    match fetched.map_err(failed)? {
        Ok(pending) => Ok(pending.into_scratch()?),
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Err(failed(error)),
    }
}

/// The copy held, which must be as expected.
pub(super) fn open_base(
    context: &Context<'_>,
    base: &HeldFile<'_>,
    expect: Expect,
) -> Result<OpenReader, Failed> {
    let held = context.held.ok_or_else(|| failed("nothing is held"))?;
    let path = held.dir.path().join(base.name);
    let damaged = Failed::base::<String>;
    let file = held.dir.open_file(base.name).map_err(|error| damaged(error.to_string()))?;
    let file = file.ok_or_else(|| damaged(format!("`{}` is not there", path.display())))?;
    OpenReader::new(file, path, expect).map_err(|error| damaged(error.to_string()))
}

/// What a file must be according to its record.
pub(super) fn expected(record: &Record, max_open_size: u64) -> Expect {
    Expect {
        checksum: digest_or_none(record.checksum.as_ref()),
        size: record.size,
        open_checksum: digest_or_none(record.open_checksum.as_ref()),
        open_size: record.open_size,
        max_open_size,
        ..Expect::default()
    }
}

/// In one line what is wrong with a delta.
fn explain(error: ApplyError, name: &str) -> String {
    match error {
        ApplyError::ReadDelta { source, .. }
        | ApplyError::Old { source: ChunkError::Read { source, .. } } => source.to_string(),
        error => format!("cannot apply `{name}`: {error}"),
    }
}
