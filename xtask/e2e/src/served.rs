//! The repository behind a web server, as readers usually meet it.

use crate::bench::Bench;
use crate::readers::{self, Answer, Reader, Site};
use crate::repository::{PLAIN, Repository};
use anyhow::{Result, bail, ensure};
use xtask_common::web::Server;

/// Readers that fetch.
fn fetching(bench: &Bench<'_>) -> impl Iterator<Item = Reader> {
    readers::managers(bench.system).into_iter().chain([Reader::Librepo])
}

/// Compares what readers get over HTTP with what they get from the directory
/// without deltas.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, second, ..] = bench.generations else {
        bail!("there are too few generations");
    };
    repository.create(first)?;
    repository.generate()?;
    repository.create(second)?;
    let before: Vec<Answer> = ask(bench, &Site::local(&repository.root), "before")?;
    repository.generate()?;
    repository.ensure_deltas()?;

    let server = Server::nginx(bench.work, &repository.root, "")?;
    let mut site = Site::local(&repository.root);
    site.url = server.url();
    let after = ask(bench, &site, "after")?;
    for ((reader, before), after) in fetching(bench).zip(before).zip(after) {
        match (before, after) {
            (Answer::Listed(old), Answer::Listed(new)) => {
                readers::ensure_same(reader, &old, &new)?;
                bench.ok(format!("{reader}: same answer over HTTP with deltas"));
            }
            (Answer::Refused { details, .. }, _) | (_, Answer::Refused { details, .. }) => {
                bail!("{reader} fails:\n{details}")
            }
        }
    }
    let requests = server.requests()?;
    let asked = |part: &str| requests.iter().any(|(path, _)| path.contains(part));
    ensure!(asked("/repodata/repomd.xml"), "nobody asked the server: {requests:?}");
    ensure!(!asked(".delta"), "a reader without delta support fetched a delta: {requests:?}");
    bench.ok(format!("{} requests served, none of them for a delta", requests.len()));
    Ok(())
}

fn ask(bench: &Bench<'_>, site: &Site, label: &str) -> Result<Vec<Answer>> {
    let work = bench.work.join("readers").join(label);
    fetching(bench).map(|reader| reader.ask(bench, site, &work)).collect()
}
