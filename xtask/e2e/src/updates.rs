//! `update` against real web servers, and real readers on what it leaves.

use crate::bench::Bench;
use crate::cache::{Cache, ensure_path, paths_taken, report};
use crate::gpg::{Key, SIGN};
use crate::repository::{PLAIN, Repository};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use xtask_common::process;
use xtask_common::web::{Certificate, Server};

/// The path of repomd.xml on a server.
const REPOMD: &str = "/repodata/repomd.xml";

/// Over HTTP/1.1, with entity tags.
pub(crate) fn nginx(bench: &Bench<'_>) -> Result<()> {
    through(bench, |work, root| Server::nginx(work, root, "gzip on;\ngzip_types *;\ngzip_min_length 1;"))
}

/// Over HTTP/1.0, with dates alone.
pub(crate) fn python(bench: &Bench<'_>) -> Result<()> {
    through(bench, Server::python)
}

/// First everything, then deltas, then nothing.
fn through(bench: &Bench<'_>, serve: impl Fn(&Path, &Path) -> Result<Server>) -> Result<()> {
    let key = Key::new(bench.work)?;
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, middle @ .., last] = bench.generations else {
        bail!("there are too few generations");
    };
    let publish = |generation| {
        repository.create(generation)?;
        let mut signing = repository.generate_command(&["--sign-command", SIGN]);
        key.set_home(&mut signing);
        process::run(&mut signing)?;
        if !repository.repomd().with_extension("xml.asc").exists() {
            key.sign(&repository.repomd())?;
        }
        fs::copy(&key.public, repository.repomd().with_extension("xml.key"))?;
        anyhow::Ok(())
    };
    publish(first)?;
    let server = serve(bench.work, &repository.root)?;
    let cache = Cache::new(bench, "cache", Some(&key.public));
    let taken = cache.update(&server.url(), &[])?;
    ensure_path(&taken, "full")?;
    ensure!(taken["signed_by"].is_string(), "nothing says who signed it: {taken:#}");
    server.requests()?;
    cache.check(&repository.root, "first")?;
    let oldest = cache.copy("oldest")?;

    let middle = middle.last().context("there are too few generations")?;
    publish(middle)?;
    cache.update(&server.url(), &[])?;
    server.requests()?;
    let before = cache.copy("before")?;

    publish(last)?;
    repository.ensure_deltas()?;
    // What is younger than this is fetched again the next time.
    thread::sleep(Duration::from_millis(2100));
    let taken = cache.update(&server.url(), &[])?;
    let paths = paths_taken(&taken)?;
    for kind in ["primary", "filelists", "other"] {
        ensure!(
            paths.get(kind).is_some_and(|path| path == "delta" || path == "journal"),
            "{kind} is in full: {taken:#}"
        );
    }
    let requests = server.requests()?;
    let by = |way: &str| paths.values().filter(|path| *path == way).count();
    let of = |part: &str| requests.iter().filter(|(path, _)| path.contains(part)).count();
    ensure!(of(".delta") == by("delta"), "not as many deltas as were applied: {requests:?}");
    let journals = of(".journal");
    ensure!(by("journal") > 0, "no journal was taken: {taken:#}");
    ensure!((by("journal")..=2 * by("journal")).contains(&journals), "not one or two requests: {requests:?}");
    // With repomd.xml come its signature and its key.
    ensure!(requests.len() == 3 + by("delta") + by("full") + journals, "{requests:?}");
    bench.ok(format!("by deltas: {} of {} bytes", taken["bytes_downloaded"], taken["bytes_full"]));
    cache.check(&repository.root, "by-deltas")?;

    let content = cache.content()?;
    let taken = cache.update(&server.url(), &[])?;
    ensure_path(&taken, "current")?;
    let requests = server.requests()?;
    ensure!(requests == [(REPOMD.to_owned(), 304)], "more than a question: {requests:?}");
    ensure!(cache.content()? == content, "an update without news changed the cache");
    bench.ok("no news: one request, status 304, nothing changed");

    let taken = oldest.update(&server.url(), &["--compress", "gz"])?;
    oldest.check(&repository.root, "from-oldest")?;
    bench.ok(format!("from the first generation: {:?}", paths_taken(&taken)?));

    missing_deltas(bench, &repository, &before, &server)?;
    offline_and_dry_run(bench, &cache, &server)
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

/// Certificates, redirects, passwords, proxies and odd headers.
pub(crate) fn tls(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, ..] = bench.generations else {
        bail!("there are too few generations");
    };
    repository.create(first)?;
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
            "{}location /away/ {{ rewrite ^/away/(.*)$ http://127.0.0.1:{}/$1 redirect; }}\n\
             location /within/ {{ rewrite ^/within/(.*)$ /$1 redirect; }}\n\
             location /closed/ {{ alias {}/; auth_basic demo; auth_basic_user_file {}; }}",
            certificate.directives(),
            plain.port,
            repository.root.display(),
            passwords.display()
        ),
    )?;
    let base = format!("https://127.0.0.1:{}/", secure.port);
    let trusting = |cache: &Cache<'_>, source: &str| {
        let mut command = cache.command(source, &["--json"]);
        command.env("SSL_CERT_FILE", &certificate.public);
        command
    };

    let cache = Cache::new(bench, "untrusted", None);
    refused(&mut cache.command(&base, &[]), &cache, "is not trusted")?;
    bench.ok("a server whose certificate nobody vouches for is refused");

    let cache = Cache::new(bench, "trusted", None);
    ensure_path(&report(&mut trusting(&cache, &base))?, "full")?;
    cache.check(&repository.root, "https")?;
    let cache = Cache::new(bench, "redirected", None);
    ensure_path(&report(&mut trusting(&cache, &format!("{base}within/")))?, "full")?;
    bench.ok("https with a trusted certificate, and redirects within it");

    let cache = Cache::new(bench, "downgraded", None);
    plain.requests()?;
    refused(&mut trusting(&cache, &format!("{base}away/")), &cache, "expected to stay with https")?;
    ensure!(plain.requests()?.is_empty(), "the http server was asked");
    bench.ok("a redirect from https to http is refused");

    let with = |password: &str| format!("https://demo:{password}@127.0.0.1:{}/closed/", secure.port);
    let cache = Cache::new(bench, "closed", None);
    let messages = refused(&mut trusting(&cache, &with("wrong-password")), &cache, "401 Unauthorized")?;
    ensure!(!messages.contains("wrong-password"), "the password is shown:\n{messages}");
    let output = process::run(&mut trusting(&cache, &with("demo-password")))?;
    let shown = format!("{output:?}");
    ensure!(!shown.contains("demo-password"), "the password is shown:\n{shown}");
    ensure!(
        cache.content()?.values().all(|bytes| !contains(bytes, b"demo-password")),
        "the password is stored"
    );
    bench.ok("user name and password are sent, and neither shown nor stored");

    let cache = Cache::new(bench, "odd-headers", None);
    ensure_path(&cache.update(&plain.url(), &[])?, "full")?;
    cache.check(&repository.root, "content-encoding")?;

    let proxy =
        Server::nginx(bench.work, bench.work, "location / { proxy_pass http://$http_host$request_uri; }")?;
    plain.requests()?;
    let cache = Cache::new(bench, "proxied", None);
    let mut command = cache.command(&plain.url(), &["--json"]);
    command.env("http_proxy", proxy.url());
    ensure_path(&report(&mut command)?, "full")?;
    let (seen, asked) = (proxy.requests()?, plain.requests()?);
    ensure!(seen.len() == asked.len() && !seen.is_empty(), "past the proxy: {seen:?} {asked:?}");
    ensure!(seen.iter().all(|(url, _)| url.starts_with(&plain.url())), "not whole URLs: {seen:?}");
    bench.ok("through nginx as proxy, by whole URLs");
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
