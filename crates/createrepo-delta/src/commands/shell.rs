//! `createrepo-delta completions` and `createrepo-delta man`.

use std::io::Write as _;

use anyhow::Context as _;
use durable::Dir;
use durable::streams::Output;
use repomd::files::TEMP_PREFIX;

use crate::args::{self, Completions, Manual};
use crate::exit::Status;
use crate::{completions, man, output};

pub(super) fn completions(args: &Completions) -> anyhow::Result<Status> {
    output::text(&completions::script(args.shell, &mut args::command()))?;
    Ok(Status::Success)
}

pub(super) fn manual(args: &Manual) -> anyhow::Result<Status> {
    let pages = man::pages(args::command());
    match &args.dir {
        Some(dir) => {
            Dir::create(dir)?;
            for (name, page) in &pages {
                let path = dir.join(name);
                let mut file = Output::open(&path, TEMP_PREFIX)?;
                file.write_all(page).with_context(|| format!("cannot write `{}`", path.display()))?;
                file.commit()?;
            }
        }
        None => {
            if let Some((_, page)) = pages.first() {
                output::text(&String::from_utf8_lossy(page))?;
            }
        }
    }
    Ok(Status::Success)
}
