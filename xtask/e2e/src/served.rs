//! The repository behind a web server, as readers usually meet it.

use crate::bench::Bench;
use crate::readers::{self, Reader, Site};
use crate::repository::{PLAIN, Repository};
use anyhow::{Result, ensure};
use xtask_common::web::Server;

/// Compares what readers that fetch get over HTTP with what they get from the directory
/// without deltas.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let fetching = [&readers::managers(bench.system)[..], &[Reader::Librepo]].concat();
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, second] = bench.first()?;
    repository.create(first)?;
    repository.generate()?;
    repository.create(second)?;
    let mut site = Site::local(&repository.root);
    let before = readers::ask_some(bench, &fetching, &site, "before")?;
    repository.generate()?;
    repository.ensure_deltas()?;

    let server = Server::nginx(bench.work, &repository.root, "")?;
    site.url = server.url();
    let after = readers::ask_some(bench, &fetching, &site, "after")?;
    readers::ensure_agreement(bench, &before, &after, &[], false)?;
    let requests = server.requests()?;
    let asked = |part: &str| requests.iter().any(|(path, _)| path.contains(part));
    ensure!(asked("/repodata/repomd.xml"), "nobody asked the server: {requests:?}");
    ensure!(!asked(".delta"), "a reader without delta support fetched a delta: {requests:?}");
    bench.ok(format!("{} requests served, none of them for a delta", requests.len()));
    Ok(())
}
