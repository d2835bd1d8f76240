//! Copies that `update` keeps, byte for byte what the publisher has: of clients,
//! of mirrors, and of clients of mirrors.

use crate::bench::Bench;
use crate::cache::{Cache, ensure_path, paths_taken, report};
use crate::gpg::Key;
use crate::repository::{ALWAYS, Generator, PLAIN, Repository};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use xtask_common::libraries::{ZLIB_NG, ZSTD_1_5_6, ZSTD_1_5_7};
use xtask_common::packages::Generation;
use xtask_common::web::{Certificate, Server};
use xtask_common::{paths, process};

const XZ: Generator = Generator { compression: "xz", ..PLAIN };
const GZ_NG: Generator = Generator { library: Some(ZLIB_NG), ..PLAIN };
/// As distributions have it.
pub(super) const ZST: Generator =
    Generator { current: true, compression: "zstd", library: Some(ZSTD_1_5_7), ..PLAIN };
const ZST_UNSPLIT: Generator = Generator { library: Some(ZSTD_1_5_6), ..ZST };
const BZ2: Generator = Generator { compression: "bz2", ..PLAIN };
/// The one of the Python package index, whose zstd no recipe knows.
const UNKNOWN: Generator = Generator { current: true, compression: "zstd", ..PLAIN };

/// The generation whose recipes are not published; the one before it is as the one
/// before that.
const UNTOLD: usize = 4;

/// nginx's directives for whoever asks for it, which `update` must not.
const COMPRESSING: &str = "gzip on;\ngzip_types *;\ngzip_min_length 1;";

/// By zlib; the last generation has databases, which mirrors hold and clients do not.
pub(crate) fn gz(bench: &Bench<'_>) -> Result<()> {
    run(bench, &PLAIN, "gzip-6", |root, generation| {
        if generation < UNTOLD {
            return Ok(());
        }
        process::run(Command::new("sqliterepo_c").args(["--force", "--quiet"]).arg(root))?;
        Ok(())
    })
}

/// By liblzma.
pub(crate) fn xz(bench: &Bench<'_>) -> Result<()> {
    run(bench, &XZ, "xz-", |_, _| Ok(()))
}

/// By bzip2.
pub(crate) fn bz2(bench: &Bench<'_>) -> Result<()> {
    run(bench, &BZ2, "bzip2-", |_, _| Ok(()))
}

/// By zlib-ng.
pub(crate) fn gz_ng(bench: &Bench<'_>) -> Result<()> {
    run(bench, &GZ_NG, "gzip-6-ng", |_, _| Ok(()))
}

/// By zstd as it is now.
pub(crate) fn zst(bench: &Bench<'_>) -> Result<()> {
    run(bench, &ZST, "zstd-10", |_, _| Ok(()))
}

/// By zstd as it was before it split blocks.
pub(crate) fn zst_unsplit(bench: &Bench<'_>) -> Result<()> {
    run(bench, &ZST_UNSPLIT, "zstd-10-unsplit", |_, _| Ok(()))
}

/// A repository that is signed, a client, a mirror, and a client of the mirror.
struct Stage<'a> {
    bench: &'a Bench<'a>,
    key: Key,
    repository: Repository<'a>,
    compress: fn(&Path, usize) -> Result<()>,
    /// What names of recipes begin with.
    recipe: &'a str,
}

fn run(
    bench: &Bench<'_>,
    generator: &Generator,
    recipe: &str,
    compress: fn(&Path, usize) -> Result<()>,
) -> Result<()> {
    let key = Key::new(bench.work)?;
    let public = key.public.clone();
    let repository = Repository::new(bench, generator, "repo")?;
    let stage = Stage { bench, key, repository, compress, recipe };
    let [first, second, third, _, untold] = bench.first()?;
    stage.publish(first, &[])?;
    let source = Server::nginx(bench.work, &stage.repository.root, COMPRESSING)?;
    let client = Cache::new(bench, "client", Some(&public));
    let mirror = Cache::new(bench, "mirror", Some(&public));
    let downstream = Cache::new(bench, "downstream", None);
    paths::make_empty(&mirror.directory)?;
    let mirrored = Server::nginx(bench.work, &mirror.directory, "")?;

    for generation in [first, second, third] {
        let is_first = generation.number == first.number;
        if !is_first {
            stage.publish(generation, &[])?;
        }
        if generation.number == third.number {
            client.copy("open")?;
        }
        source.requests()?;
        let taken = client.update(&source.url(), &[])?;
        ensure!(taken["signed_by"].is_string(), "nothing says who signed it: {taken:#}");
        if !is_first {
            ensure_requests(&taken, &source.requests()?)?;
        }
        let copied = mirror.update(&source.url(), &["--complete"])?;
        let again = downstream.update(&mirrored.url(), &[])?;
        if !is_first {
            [&taken, &copied, &again].into_iter().try_for_each(|report| stage.ensure_rebuilt(report))?;
        }
        ensure!(copied["absent"].as_array().is_some_and(Vec::is_empty), "not complete: {copied:#}");
        let ordinary = stage.ensure_same(&client, false)?;
        let all = stage.ensure_same(&mirror, true)?;
        ensure!(is_first || all > ordinary, "the mirror has nothing more than a client: {all} files");
        ensure!(stage.ensure_same(&downstream, false)? == ordinary, "the mirror's client has less");
        bench.ok(format!(
            "generation {}: {ordinary} files of clients and {all} of a mirror are the publisher's; a client \
             downloads {} of {} bytes",
            generation.number, taken["bytes_downloaded"], taken["bytes_full"]
        ));
    }

    stage.without_news(&client, &source)?;
    stage.forms(&client, &Cache::new(bench, "open", Some(&public)), &source.url())?;
    stage.publish(untold, &["--no-recipe"])?;
    stage.untold(&client, &source.url())?;
    mirror.update(&source.url(), &["--complete"])?;
    process::run(&mut mirror.command(&source.url(), &["--offline"]))?;
    stage.ensure_same(&mirror, true)?;
    bench.ok("--offline finds the mirror whole");
    Ok(())
}

impl Stage<'_> {
    fn publish(&self, generation: &Generation, options: &[&str]) -> Result<()> {
        self.repository.create(generation)?;
        (self.compress)(&self.repository.root, generation.number)?;
        process::run(&mut self.repository.generate_command(options))?;
        self.key.sign(&self.repository.repomd())?;
        fs::copy(&self.key.public, self.repository.repomd().with_extension("xml.key"))?;
        Ok(())
    }

    fn ensure_same(&self, cache: &Cache<'_>, complete: bool) -> Result<usize> {
        ensure_same(&self.repository, cache, complete)
    }

    /// Fails unless primary, filelists and other came by journal or delta, and
    /// were compressed by the recipe.
    fn ensure_rebuilt(&self, report: &Value) -> Result<()> {
        ensure!(report["exact"] == true, "the copy is not exact: {report:#}");
        ensure!(report["warnings"].as_array().is_some_and(Vec::is_empty), "there are warnings: {report:#}");
        let types = report["types"].as_array().context("the report has no types")?;
        for kind in ALWAYS {
            let one = types.iter().find(|one| one["type"] == kind).with_context(|| format!("no {kind}"))?;
            ensure!(one["path"] == "journal" || one["path"] == "delta", "{kind} is in full: {report:#}");
            let by = one["recipe"].as_str().unwrap_or_default();
            ensure!(by.starts_with(self.recipe), "{kind} is by `{by}`: {report:#}");
        }
        Ok(())
    }

    /// What is current costs a question.
    fn without_news(&self, client: &Cache<'_>, source: &Server) -> Result<()> {
        // What is younger than this is fetched again the next time.
        thread::sleep(Duration::from_millis(2100));
        client.update(&source.url(), &[])?;
        source.requests()?;
        let content = client.content()?;
        ensure_path(&client.update(&source.url(), &[])?, "current")?;
        let requests = source.requests()?;
        ensure!(requests == [("/repodata/repomd.xml".to_owned(), 304)], "more than a question: {requests:?}");
        ensure!(client.content()? == content, "an update without news changed the copy");
        self.bench.ok("no news: one request, status 304, nothing changed");
        Ok(())
    }

    /// The last generation tells no recipe, and this client has forgotten those
    /// of the others.
    fn untold(&self, client: &Cache<'_>, source: &str) -> Result<()> {
        let forgetful = client.copy("forgetful")?;
        let notes = forgetful.directory.join(".createrepo-delta.json");
        let mut remembered: Value = serde_json::from_slice(&fs::read(&notes)?)?;
        remembered["recipes"] = serde_json::json!({});
        fs::write(&notes, serde_json::to_vec(&remembered)?)?;
        self.ensure_rebuilt(&forgetful.update(source, &[])?)?;
        self.ensure_same(&forgetful, false)?;
        self.bench.ok("a recipe that nobody tells is found by the copy");
        Ok(())
    }

    /// The open form of `open`, which is a generation behind, the exact one of
    /// `client`, and from the first to the second.
    fn forms(&self, client: &Cache<'_>, open: &Cache<'_>, source: &str) -> Result<()> {
        let taken = open.update(source, &["--open"])?;
        ensure!(taken["exact"] == false, "the open form is exact: {taken:#}");
        open.check(&self.repository.root, "open")?;
        client.check(&self.repository.root, "exact")?;
        let taken = open.update(source, &[])?;
        ensure!(taken["exact"] == true, "the copy is not exact again: {taken:#}");
        let paths = paths_taken(&taken)?;
        ensure!(paths.values().all(|path| path == "rebuilt" || path == "current"), "{taken:#}");
        self.ensure_same(open, false)?;
        self.bench.ok("from the open form to an exact copy without fetching metadata");
        Ok(())
    }
}

/// Fails unless these are the requests of an update that took what it reports: with repomd.xml
/// come its signature and its key, and of the journal, which is one for all types, the head may come first.
fn ensure_requests(report: &Value, requests: &[(String, u16)]) -> Result<()> {
    let paths = paths_taken(report)?;
    let by = |way: &str| paths.values().filter(|path| *path == way).count();
    let count = |part: &str| requests.iter().filter(|(path, _)| path.contains(part)).count();
    ensure!(count(".delta") == by("delta"), "not as many deltas as were applied: {requests:?}");
    let journals = count(".journal");
    let least = by("journal").min(1);
    ensure!((least..=2 * least).contains(&journals), "not one or two requests of the journal: {requests:?}");
    ensure!(requests.len() == 3 + by("delta") + by("full") + journals, "{requests:?}");
    Ok(())
}

/// A server with a certificate that nobody vouches for, and then somebody does.
pub(crate) fn tls(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first] = bench.first()?;
    repository.create(first)?;
    let certificate = Certificate::new(bench.work)?;
    let server = Server::nginx(bench.work, &repository.root, &certificate.directives())?;
    let cache = Cache::new(bench, "cache", None);
    let output = process::expect(&mut cache.command(&server.url(), &[]), 1)?;
    let messages = String::from_utf8(output.stderr)?;
    ensure!(messages.contains("is not trusted"), "nothing says why:\n{messages}");
    ensure!(!cache.directory.join("repodata").exists(), "there is a state though nothing was fetched");
    bench.ok("a server whose certificate nobody vouches for is refused");
    let mut command = cache.command(&server.url(), &["--json"]);
    ensure_path(&report(command.env("SSL_CERT_FILE", &certificate.public))?, "full")?;
    ensure_same(&repository, &cache, false)?;
    bench.ok("https with a certificate that the system trusts");
    Ok(())
}

/// Files that no recipe gives.
pub(crate) fn unknown(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &UNKNOWN, "repo")?;
    let [first, second, last] = bench.first()?;
    repository.create(first)?;
    repository.generate()?;
    let source = repository.root.display().to_string();
    let (usual, strict) = (Cache::new(bench, "usual", None), Cache::new(bench, "strict", None));
    usual.update(&source, &[])?;
    strict.update(&source, &["--exact"])?;
    for generation in [second, last] {
        repository.create(generation)?;
        repository.generate()?;
        let taken = usual.update(&source, &[])?;
        ensure!(taken["exact"] == false, "a recipe was found: {taken:#}");
        ensure!(taken["warnings"].as_array().is_some_and(Vec::is_empty), "there are warnings: {taken:#}");
        ensure!(taken.to_string().contains("no recipe is known that gives its file"), "{taken:#}");
        let taken = strict.update(&source, &["--exact"])?;
        ensure!(taken["exact"] == true, "not exact: {taken:#}");
        ensure_path(&taken, "full")?;
        ensure_same(&repository, &strict, false)?;
    }
    usual.check(&repository.root, "re-described")?;
    bench.ok("where no recipe is known the copy is re-described, or with --exact fetched whole");
    Ok(())
}

/// Fails unless `cache` has the documents of the repository, and every file that
/// its repomd.xml names (if not `complete`, but for databases, deltas and
/// the journal), byte for byte; returns how many.
fn ensure_same(repository: &Repository<'_>, cache: &Cache<'_>, complete: bool) -> Result<usize> {
    let (theirs, ours) = (repository.root.join("repodata"), cache.directory.join("repodata"));
    let repomd = String::from_utf8(repository.repomd_bytes()?)?;
    ensure!(!ours.join("upstream").exists(), "there is a repomd.xml of our own");
    let is_ordinary = |name: &str| [".sqlite", ".delta", ".journal"].iter().all(|part| !name.contains(part));
    let mut compared = 0;
    for entry in fs::read_dir(&theirs)? {
        let name = entry?.file_name().into_string().ok().context("a name that is no text")?;
        let is_document = name.starts_with("repomd.xml");
        if is_document || repomd.contains(&name) && (complete || is_ordinary(&name)) {
            let file = fs::read(ours.join(&name)).with_context(|| format!("`{name}` is not in the copy"))?;
            ensure!(file == fs::read(theirs.join(&name))?, "`{name}` differs");
            compared += 1;
        }
    }
    Ok(compared)
}
