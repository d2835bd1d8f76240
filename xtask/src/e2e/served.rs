//! The repository behind a web server, as readers usually meet it.

use super::bench::Bench;
use super::readers::{self, Answer, Reader, Site};
use super::repository::{PLAIN, Repository};
use crate::paths;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Readers that fetch.
const FETCHING: [Reader; 3] = [Reader::Dnf, Reader::Zypper, Reader::Librepo];

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

    let server = Server::start(bench.work, &repository.root)?;
    let mut site = Site::local(&repository.root);
    site.url = format!("http://127.0.0.1:{}/", server.port);
    let after = ask(bench, &site, "after")?;
    for ((reader, before), after) in FETCHING.iter().zip(before).zip(after) {
        match (before, after) {
            (Answer::Listed(old), Answer::Listed(new)) => {
                readers::ensure_same(*reader, &old, &new)?;
                bench.ok(format!("{reader}: same answer over HTTP with deltas"));
            }
            (Answer::Refused { details, .. }, _) | (_, Answer::Refused { details, .. }) => {
                bail!("{reader} fails:\n{details}")
            }
        }
    }
    let log = fs::read_to_string(bench.work.join("access.log"))?;
    let requests = log.lines().count();
    ensure!(log.contains("GET /repodata/repomd.xml"), "nobody asked the server:\n{log}");
    ensure!(!log.contains(".delta"), "a reader without delta support fetched a delta:\n{log}");
    bench.ok(format!("{requests} requests served, none of them for a delta"));
    Ok(())
}

fn ask(bench: &Bench<'_>, site: &Site, label: &str) -> Result<Vec<Answer>> {
    let work = bench.work.join("readers").join(label);
    FETCHING.iter().map(|reader| reader.ask(site, &work)).collect()
}

/// nginx with a configuration of its own; stopped when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(work: &Path, root: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let temporary = work.join("nginx");
        paths::make_empty(&temporary)?;
        let config = work.join("nginx.conf");
        let (work, root, temporary) = (work.display(), root.display(), temporary.display());
        let text = format!(
            "daemon off;\nmaster_process off;\npid {work}/nginx.pid;\nerror_log {work}/error.log;\n\
             events {{}}\n\
             http {{\n\
             access_log {work}/access.log;\n\
             client_body_temp_path {temporary}/body;\nproxy_temp_path {temporary}/proxy;\n\
             fastcgi_temp_path {temporary}/fastcgi;\nuwsgi_temp_path {temporary}/uwsgi;\n\
             scgi_temp_path {temporary}/scgi;\n\
             server {{ listen 127.0.0.1:{port}; root {root}; }}\n\
             }}\n"
        );
        fs::write(&config, text)?;
        let child = Command::new("nginx")
            .arg("-e")
            .arg(format!("{work}/error.log"))
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start `nginx`")?;
        let server = Self { child, port };
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(format!("{work}/error.log")).unwrap_or_default();
        bail!("nginx does not answer on port {port}:\n{log}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has no state worth saving.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
