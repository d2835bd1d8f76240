//! What opening a file, or making it by a way that was planned, takes of the shared memory.

use codec::Expect;
use codec::memory::decoding_memory;

use super::base::expected;
use super::context::Context;
use super::memory::MOST;
use super::plan::{Plan, Way};
use crate::cache::LocalFile;
use crate::options::Options;
use crate::patch::StoredForm;

/// The most that applying a journal takes: 16 MiB of the copy, 16 MiB of text, and frames, dictionaries and
/// buffers on the way to the new file.
const JOURNAL: u64 = 44 << 20;

/// What going a way takes; the error is a reason not to go it.
pub(super) fn for_way(context: &Context<'_>, plan: &Plan<'_>, way: &Way<'_>) -> Result<u64, String> {
    let twice = |open_size: u64| open_size.saturating_mul(2);
    let (base, beside) = match way {
        Way::Journal(by) => (&by.base, JOURNAL.min(plan.record.open_size.map_or(u64::MAX, twice))),
        Way::Delta(by) => (&by.base, 0),
        Way::Rebuild(base) => (base, 0),
        Way::Keep(_) | Way::Full => return Ok(0),
    };
    let encoder = match plan.form {
        StoredForm::Exact(recipe) => recipe.memory(),
        StoredForm::Quick(_) => 0,
    };
    let decoder = for_base(context, base);
    if decoder > MOST {
        return Err(format!("the copy held takes {} MiB to be decompressed", decoder >> 20));
    }
    Ok(decoder.saturating_add(beside).saturating_add(encoder))
}

/// What opening a file that is held takes. One that cannot be read is told about
/// when it is needed.
pub(super) fn for_base(context: &Context<'_>, base: &LocalFile<'_>) -> u64 {
    let file = context.local.and_then(|held| held.dir.open_file(base.name).ok().flatten());
    let expect = expected(base.record, context.options.max_open_size);
    file.and_then(|file| decoding_memory(file, &expect).ok()).unwrap_or_default()
}

/// What opening a full file takes.
pub(super) fn for_full(
    file: impl std::io::Read + std::io::Seek,
    plan: &Plan<'_>,
    options: &Options,
) -> std::io::Result<u64> {
    let (open_size, max_open_size) = (plan.record.open_size, options.max_open_size);
    decoding_memory(file, &Expect { open_size, max_open_size, ..Expect::default() })
}
