//! `update` against real web servers, and real readers on what it leaves.

use crate::bench::Bench;
use crate::cache::{Cache, ensure_path, paths_taken, report};
use crate::gpg::{Key, SIGN};
use crate::repository::{PLAIN, Repository};
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;
use xtask_common::packages::Generation;
use xtask_common::process;
use xtask_common::web::{Certificate, Server};

/// The path of repomd.xml on a server.
const REPOMD: &str = "/repodata/repomd.xml";

/// A signed repository and the server that has it.
struct Served<'a> {
    bench: &'a Bench<'a>,
    key: Key,
    repository: Repository<'a>,
    server: Server,
}

impl Served<'_> {
    fn publish(&self, generation: &Generation) -> Result<()> {
        publish(&self.repository, &self.key, generation)
    }
}

fn publish(repository: &Repository<'_>, key: &Key, generation: &Generation) -> Result<()> {
    repository.create(generation)?;
    let mut signing = repository.generate_command(&["--sign-command", SIGN]);
    key.set_home(&mut signing);
    process::run(&mut signing)?;
    if !repository.repomd().with_extension("xml.asc").exists() {
        key.sign(&repository.repomd())?;
    }
    fs::copy(&key.public, repository.repomd().with_extension("xml.key"))?;
    Ok(())
}

/// Over HTTP/1.1, with entity tags: first everything, then deltas, then nothing.
pub(crate) fn nginx(bench: &Bench<'_>) -> Result<()> {
    let key = Key::new(bench.work)?;
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, .., middle, last] = bench.generations else {
        bail!("there are too few generations");
    };
    publish(&repository, &key, first)?;
    let directives = "gzip on;\ngzip_types *;\ngzip_min_length 1;";
    let server = Server::nginx(bench.work, &repository.root, directives)?;
    let site = Served { bench, key, repository, server };
    let cache = in_full(&site)?;
    let oldest = cache.copy("oldest")?;
    site.publish(middle)?;
    cache.update(&site.server.url(), &[])?;
    site.server.requests()?;
    let before = cache.copy("before")?;
    site.publish(last)?;
    by_deltas(&site, &cache)?;
    without_news(&site, &cache)?;

    let taken = oldest.update(&site.server.url(), &["--compress", "gz"])?;
    oldest.check(&site.repository.root, "from-oldest")?;
    bench.ok(format!("from the first generation: {:?}", paths_taken(&taken)?));
    missing_deltas(bench, &site.repository, &before, &site.server)?;
    offline_and_dry_run(bench, &cache, &site.server)
}

fn in_full<'a>(served: &'a Served<'_>) -> Result<Cache<'a>> {
    let cache = Cache::new(served.bench, "cache", Some(&served.key.public));
    let taken = cache.update(&served.server.url(), &[])?;
    ensure_path(&taken, "full")?;
    ensure!(taken["signed_by"].is_string(), "nothing says who signed it: {taken:#}");
    served.server.requests()?;
    cache.check(&served.repository.root, "first")?;
    Ok(cache)
}

fn by_deltas(served: &Served<'_>, cache: &Cache<'_>) -> Result<()> {
    served.repository.ensure_deltas()?;
    // What is younger than this is fetched again the next time.
    thread::sleep(Duration::from_millis(2100));
    let taken = cache.update(&served.server.url(), &[])?;
    let paths = paths_taken(&taken)?;
    for kind in ["primary", "filelists", "other"] {
        ensure!(
            paths.get(kind).is_some_and(|path| path == "delta" || path == "journal"),
            "{kind} is in full: {taken:#}"
        );
    }
    let requests = served.server.requests()?;
    let by = |way: &str| paths.values().filter(|path| *path == way).count();
    let count = |part: &str| requests.iter().filter(|(path, _)| path.contains(part)).count();
    ensure!(count(".delta") == by("delta"), "not as many deltas as were applied: {requests:?}");
    let journals = count(".journal");
    ensure!(by("journal") > 0, "no journal was taken: {taken:#}");
    ensure!((by("journal")..=2 * by("journal")).contains(&journals), "not one or two requests: {requests:?}");
    // With repomd.xml come its signature and its key.
    ensure!(requests.len() == 3 + by("delta") + by("full") + journals, "{requests:?}");
    served.bench.ok(format!("by deltas: {} of {} bytes", taken["bytes_downloaded"], taken["bytes_full"]));
    cache.check(&served.repository.root, "by-deltas")
}

fn without_news(served: &Served<'_>, cache: &Cache<'_>) -> Result<()> {
    let content = cache.content()?;
    let taken = cache.update(&served.server.url(), &[])?;
    ensure_path(&taken, "current")?;
    let requests = served.server.requests()?;
    ensure!(requests == [(REPOMD.to_owned(), 304)], "more than a question: {requests:?}");
    ensure!(cache.content()? == content, "an update without news changed the cache");
    served.bench.ok("no news: one request, status 304, nothing changed");
    Ok(())
}

/// Journals and deltas that a mirror lacks cost a line each, and nothing else.
fn missing_deltas(
    bench: &Bench<'_>,
    repository: &Repository<'_>,
    cache: &Cache<'_>,
    server: &Server,
) -> Result<()> {
    for entry in fs::read_dir(repository.root.join("repodata"))? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if name.ends_with(".journal") || name.contains(".delta") {
            fs::remove_file(&path)?;
        }
    }
    let listed = fs::read_to_string(repository.repomd())?;
    let journals = listed.matches("<delta-journal ").count();
    ensure!(journals > 0, "no journal is listed:\n{listed}");
    let output = process::run(&mut cache.command(&server.url(), &["--json"]))?;
    let taken: Value = serde_json::from_slice(&output.stdout)?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let paths = paths_taken(&taken)?;
    for kind in ["primary", "filelists", "other"] {
        ensure!(paths.get(kind).is_some_and(|path| path == "full"), "{kind} is not full: {taken:#}");
    }
    ensure!(
        messages.matches("404 Not Found").count() == 3 + journals,
        "not one line for each file:\n{messages}"
    );
    let requests = server.requests()?;
    ensure!(requests.iter().filter(|(_, status)| *status == 404).count() == 3 + journals, "{requests:?}");
    bench.ok("journals and deltas that are missing: one line each, then the full files");
    Ok(())
}

fn offline_and_dry_run(bench: &Bench<'_>, cache: &Cache<'_>, server: &Server) -> Result<()> {
    let content = cache.content()?;
    process::run(&mut cache.command(&server.url(), &["--offline"]))?;
    ensure!(server.requests()?.is_empty(), "--offline asked the server");
    let mut command = cache.command(&server.url(), &["--json", "--dry-run"]);
    report(&mut command)?;
    let requests = server.requests()?;
    ensure!(requests.iter().all(|(path, _)| path.starts_with(REPOMD)), "{requests:?}");
    ensure!(cache.content()? == content, "--offline or --dry-run changed the cache");
    bench.ok("--offline asks nobody, --dry-run only for repomd.xml; neither changes anything");
    Ok(())
}

/// Certificates, redirects, passwords and odd headers.
pub(crate) fn tls(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, ..] = bench.generations else {
        bail!("there are too few generations");
    };
    repository.create(first)?;
    let servers = Servers::start(bench, repository)?;
    certificates(&servers)?;
    passwords(&servers)?;

    let cache = Cache::new(bench, "odd-headers", None);
    ensure_path(&cache.update(&servers.plain.url(), &[])?, "full")?;
    cache.check(&servers.repository.root, "content-encoding")?;
    Ok(())
}

/// One repository on two servers.
struct Servers<'a> {
    bench: &'a Bench<'a>,
    repository: Repository<'a>,
    /// It says of gzip files that they are compressed once more.
    plain: Server,
    /// With redirects, and a directory that wants a password.
    secure: Server,
    certificate: Certificate,
}

impl<'a> Servers<'a> {
    fn start(bench: &'a Bench<'a>, repository: Repository<'a>) -> Result<Self> {
        let certificate = Certificate::new(bench.work)?;
        let plain = Server::nginx(
            bench.work,
            &repository.root,
            "location ~ \\.gz$ { add_header Content-Encoding x-gzip; }",
        )?;
        let password = process::run(Command::new("openssl").args(["passwd", "-apr1", "demo-password"]))?;
        let passwords = bench.work.join("passwords");
        fs::write(&passwords, [b"demo:", &password.stdout[..]].concat())?;
        let secure = Server::nginx(
            bench.work,
            &repository.root,
            &format!(
                "{}location /within/ {{ rewrite ^/within/(.*)$ /$1 redirect; }}\n\
                 location /closed/ {{ alias {}/; auth_basic demo; auth_basic_user_file {}; }}",
                certificate.directives(),
                repository.root.display(),
                passwords.display()
            ),
        )?;
        Ok(Self { bench, repository, plain, secure, certificate })
    }

    /// The command that updates `cache` and trusts the certificate.
    fn trusting(&self, cache: &Cache<'_>, source: &str) -> Command {
        let mut command = cache.command(source, &["--json"]);
        command.env("SSL_CERT_FILE", &self.certificate.public);
        command
    }
}

fn certificates(servers: &Servers<'_>) -> Result<()> {
    let bench = servers.bench;
    let base = format!("https://127.0.0.1:{}/", servers.secure.port);
    let cache = Cache::new(bench, "untrusted", None);
    refused(&mut cache.command(&base, &[]), &cache, "is not trusted")?;
    bench.ok("a server whose certificate nobody vouches for is refused");

    let cache = Cache::new(bench, "trusted", None);
    ensure_path(&report(&mut servers.trusting(&cache, &base))?, "full")?;
    cache.check(&servers.repository.root, "https")?;
    let cache = Cache::new(bench, "redirected", None);
    ensure_path(&report(&mut servers.trusting(&cache, &format!("{base}within/")))?, "full")?;
    bench.ok("https with a trusted certificate, and redirects within it");

    Ok(())
}

fn passwords(servers: &Servers<'_>) -> Result<()> {
    let with = |password: &str| format!("https://demo:{password}@127.0.0.1:{}/closed/", servers.secure.port);
    let cache = Cache::new(servers.bench, "closed", None);
    let mut command = servers.trusting(&cache, &with("wrong-password"));
    let messages = refused(&mut command, &cache, "401 Unauthorized")?;
    ensure!(!messages.contains("wrong-password"), "the password is shown:\n{messages}");
    let output = process::run(&mut servers.trusting(&cache, &with("demo-password")))?;
    let shown = format!("{output:?}");
    ensure!(!shown.contains("demo-password"), "the password is shown:\n{shown}");
    ensure!(
        cache.content()?.values().all(|bytes| !contains(bytes, b"demo-password")),
        "the password is stored"
    );
    servers.bench.ok("user name and password are sent, and neither shown nor stored");
    Ok(())
}

/// Runs a command that has to fail with status 1, name the reason, and leave no
/// state; returns what it said.
fn refused(command: &mut Command, cache: &Cache<'_>, reason: &str) -> Result<String> {
    let output = process::expect(command, 1)?;
    let messages = String::from_utf8(output.stderr)?;
    ensure!(messages.contains(reason), "nothing says `{reason}`:\n{messages}");
    ensure!(!cache.directory.join("repodata").exists(), "there is a state though nothing was fetched");
    Ok(messages)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
