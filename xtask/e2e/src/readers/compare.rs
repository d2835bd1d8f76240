//! Comparing what readers say with deltas and without.

use super::{Answer, Reader};
use crate::bench::Bench;
use anyhow::{Result, bail, ensure};
use std::fmt::Display;

/// Fails unless each reader finds `after`, with deltas, what it found `before`,
/// without, and all packages called `names`. Only with `may_refuse` readers may
/// fail, and then the same way both times.
pub(crate) fn ensure_agreement(
    bench: &Bench<'_>,
    before: &[(Reader, Answer)],
    after: &[(Reader, Answer)],
    names: &[&str],
    may_refuse: bool,
) -> Result<()> {
    for ((reader, before), (_, after)) in before.iter().zip(after) {
        match (before, after) {
            (Answer::Listed(old), Answer::Listed(new)) => {
                ensure_same(*reader, old, new)?;
                ensure!(
                    !reader.lists_packages() || names.iter().all(|name| new.contains(name)),
                    "{reader} does not list all packages:\n{new}"
                );
                bench.ok(format!("{reader}: same answer with deltas ({} lines)", new.lines().count()));
            }
            (Answer::Refused { message: old, .. }, Answer::Refused { message: new, details }) => {
                ensure!(may_refuse, "{reader} cannot read it:\n{details}");
                ensure!(old == new, "{reader} fails otherwise than without deltas:\n{details}");
                bench.ok(format!("{reader}: cannot read zstd here, with deltas or without"));
            }
            (Answer::Listed(_), Answer::Refused { details, .. }) => {
                bail!("{reader} fails with deltas:\n{details}")
            }
            (Answer::Refused { details, .. }, Answer::Listed(_)) => {
                bail!("{reader} failed only without deltas:\n{details}")
            }
        }
    }
    Ok(())
}

/// Fails, showing the first line that differs, unless the listings are equal.
pub(crate) fn ensure_same(reader: impl Display, old: &str, new: &str) -> Result<()> {
    if old == new {
        return Ok(());
    }
    let (mut old_lines, mut new_lines) = (old.lines(), new.lines());
    for number in 1.. {
        let (before, after) = (old_lines.next(), new_lines.next());
        if before != after {
            bail!(
                "{reader} answers differently, first in line {number}:\n\
                 without deltas: {}\nwith deltas:    {}",
                before.unwrap_or("(no more lines)"),
                after.unwrap_or("(no more lines)")
            );
        }
        if before.is_none() {
            break;
        }
    }
    bail!("{reader} ends its lines differently")
}
