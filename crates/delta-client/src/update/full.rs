//! The long way, which always works: the full file, from any source, stored as
//! it is.

use codec::recipe::zchunk::ZchunkHeader;
use codec::{Compression, Expect, OpenReader};
use durable::{Dir, Sealed};
use std::io::BufRead as _;

use super::context::Context;
use super::fetched::Stored;
use super::patching::header_differs;
use super::plan::Plan;
use super::{memory, memory_needs};
use crate::cache::stored_name;
use crate::digest::digest_or_none;
use crate::error::UpdateError;
use crate::fetch::{FetchError, Order, fetch};
use crate::progress::{Meter, Step};

/// Fetches a full file, and verifies it inside and out.
pub(super) fn obtain(
    context: &Context<'_>,
    plan: &Plan<'_>,
    (dir, temporary): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, UpdateError> {
    let order = Order {
        location: plan.location,
        size: plan.record.size,
        max_size: context.options.max_file_size,
        checksum: &plan.checksum,
        step: Step::Full,
    };
    let failed = |why: String, kind| UpdateError::Full { data_type: plan.record.kind.clone(), why, kind };
    let fetched = fetch(&context.sources_first(), &order, context.patience(), (dir, temporary), meter);
    let pending = match fetched {
        Ok(pending) => pending,
        Err(FetchError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(failed(error.to_string(), error.kind())),
    };
    let sealed = pending.seal()?;
    let (open_size, is_odd) = match verify_open(context, plan, &sealed, meter)? {
        OpenContent::AsDescribed(open_size) => (open_size, false),
        OpenContent::Otherwise(open_size, why) => {
            context.warn(&format!(
                "taking `{}`, though its content is not what repomd.xml says; its next change is downloaded in full: {why}",
                plan.record.kind
            ));
            (open_size, true)
        }
        OpenContent::Broken(why) => return Err(failed(why, None)),
    };
    let name = stored_name(plan.location, &plan.checksum);
    sealed.publish_as(&name)?;
    let size = dir.len(&name)?;
    Ok(Stored { name, checksum: plan.checksum, size, open_size, is_odd })
}

/// Tells where a record contradicts itself: the file of its checksum has another header
/// than it says. Readers of zchunk, who look at the header first, will not take it.
fn check_header(context: &Context<'_>, plan: &Plan<'_>, sealed: &Sealed) -> Result<(), UpdateError> {
    let record = plan.record;
    if record.header_size.is_none() && record.header_checksum.is_none() {
        return Ok(());
    }
    let header = ZchunkHeader::read(sealed.open()?, plan.location.as_str().as_ref());
    let why = match header.map(|header| header_differs(record, header)) {
        Ok(None) => return Ok(()),
        Ok(Some((expected, found))) => format!("expected {expected}, found {found}"),
        Err(error) => error.to_string(),
    };
    let kind = &record.kind;
    context.warn(&format!("the record `{kind}` contradicts itself about the header of its file: {why}"));
    Ok(())
}

/// What the open content of a file is, with its size where that is known.
enum OpenContent {
    /// As repomd.xml says, as far as that can be said.
    AsDescribed(Option<u64>),
    /// The file opens well, and not to what repomd.xml says; why. Package managers
    /// take it: they look at the checksum of the file.
    Otherwise(Option<u64>, String),
    /// It does not open, or to more than it should.
    Broken(String),
}

/// Reads the open content: it is what readers will see, and what the next delta is
/// applied to. The file itself was verified before.
fn verify_open(
    context: &Context<'_>,
    plan: &Plan<'_>,
    sealed: &Sealed,
    meter: &mut Meter<'_>,
) -> Result<OpenContent, UpdateError> {
    let open_checksum = digest_or_none(plan.record.open_checksum.as_ref());
    let expect = Expect {
        open_checksum,
        open_size: plan.record.open_size,
        max_open_size: context.options.max_open_size,
        ..Expect::default()
    };
    let bytes = memory_needs::for_full(sealed.open()?, plan, context.options)
        .map_err(|error| durable::Error::from_io(error, plan.location.file_name().as_ref()))?;
    if bytes > memory::MOST {
        // Too much to look into it: it is stored as it came.
        return Ok(OpenContent::AsDescribed(plan.record.open_size));
    }
    let _share = context.memory.take(bytes);
    meter.begin(Step::Verify, plan.record.open_size);
    let mut reader = match OpenReader::new(sealed.open()?, plan.location.as_str(), expect) {
        // What generators say of the open content of zchunk files is wrong too often:
        // it is what the publisher made.
        Ok(reader) if reader.compression() == Compression::Zchunk => {
            check_header(context, plan, sealed)?;
            return Ok(OpenContent::AsDescribed(plan.record.open_size));
        }
        Ok(reader) => reader,
        Err(codec::Error::Unsupported { .. }) => return Ok(OpenContent::AsDescribed(plan.record.open_size)),
        Err(error) => return Ok(OpenContent::Broken(error.to_string())),
    };
    if reader.compression() == Compression::None && open_checksum.is_none() {
        return Ok(OpenContent::AsDescribed(plan.record.open_size));
    }
    // An error is repeated by `finish`.
    while let Ok(bytes @ [_, ..]) = reader.fill_buf() {
        let read = bytes.len();
        reader.consume(read);
        meter.advance(read as u64);
    }
    Ok(match reader.finish() {
        Ok(summary) => OpenContent::AsDescribed(Some(summary.open_size)),
        Err(error @ codec::Error::OpenChecksum { .. }) => {
            OpenContent::Otherwise(plan.record.open_size, error.to_string())
        }
        Err(error @ codec::Error::OpenSize { found, .. }) => {
            OpenContent::Otherwise(Some(found), error.to_string())
        }
        // Larger than described; more than that is not read.
        Err(error @ codec::Error::TooLarge { .. })
            if plan.record.open_size.is_some_and(|size| size < context.options.max_open_size) =>
        {
            OpenContent::Otherwise(plan.record.open_size, error.to_string())
        }
        Err(error) => OpenContent::Broken(error.to_string()),
    })
}
