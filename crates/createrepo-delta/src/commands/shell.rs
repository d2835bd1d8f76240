//! `createrepo-delta completions` and `createrepo-delta man`.

use durable::Dir;
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
            let dir = Dir::create(dir)?.with_temp_prefix(TEMP_PREFIX);
            for (name, page) in &pages {
                dir.write(name, page)?;
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
