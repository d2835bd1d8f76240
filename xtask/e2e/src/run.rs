//! Running the chosen cases.

use crate::cases;
use crate::options::{Options, Tally};
use crate::workers::{self, Common};
use anyhow::{Result, bail};
use std::fs;
use xtask_common::{packages, paths, tools};

/// Runs the cases, several at a time.
pub(crate) fn run(options: &Options) -> Result<Tally> {
    let chosen = cases::chosen(options.only.as_deref(), options.system);
    if chosen.is_empty() {
        let all = cases::chosen(None, None);
        let names: Vec<String> = all.iter().map(|(case, system)| case.name_in(*system)).collect();
        bail!("there is no such case\n\nhint: the cases are {}", names.join(", "));
    }
    tools::check()?;
    let binary = match &options.binary {
        Some(path) => fs::canonicalize(path)?,
        None => paths::program()?,
    };
    let generations = packages::generations()?;
    let pool = packages::Pool::fill(&generations)?;
    let common = Common { options, binary: &binary, generations: &generations, pool: &pool };
    Ok(workers::run(chosen, &common))
}
