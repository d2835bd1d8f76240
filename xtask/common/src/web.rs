//! Real web servers over loopback, with configurations of their own, and what
//! they logged.

use crate::{paths, process};
use anyhow::{Context as _, Result, bail, ensure};
use std::cell::Cell;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// What went over the wire, heads included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wire {
    /// How many.
    pub requests: u64,
    /// In both directions together.
    pub bytes: u64,
    /// Of them, those of requests and of heads of answers.
    pub heads: u64,
}

impl AddAssign for Wire {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.bytes += more.bytes;
        self.heads += more.heads;
    }
}

/// A path that only marks a place in the log.
const MARK: &str = "/mark-of-the-log";

/// A server; stopped when dropped.
pub struct Server {
    child: Child,
    /// Where it listens, on loopback.
    pub port: u16,
    log: PathBuf,
    /// Lines of the log that were already told.
    told: Cell<usize>,
}

impl Server {
    /// nginx, serving `root`, with further directives for its `server` block.
    pub fn nginx(work: &Path, root: &Path, directives: &str) -> Result<Self> {
        let port = free_port()?;
        let work = work.join(format!("nginx-{port}"));
        paths::make_empty(&work)?;
        let config = work.join("nginx.conf");
        let log = work.join("access.log");
        let ssl = if directives.contains("ssl_certificate") { " ssl" } else { "" };
        let (here, root) = (work.display(), root.display());
        let text = format!(
            "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log;\n\
             events {{}}\n\
             http {{\n\
             log_format wire '$request_length $bytes_sent $body_bytes_sent $uri';\n\
             access_log {here}/access.log;\naccess_log {here}/wire.log wire;\n\
             client_body_temp_path {here}/body;\nproxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fastcgi;\nuwsgi_temp_path {here}/uwsgi;\n\
             scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port}{ssl}; root {root};\n{directives}\n}}\n\
             }}\n"
        );
        fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-e").arg(work.join("error.log")).arg("-c").arg(&config);
        Self::start(&mut command, port, log, &work.join("error.log"))
    }

    fn start(command: &mut Command, port: u16, log: PathBuf, errors: &Path) -> Result<Self> {
        let shown = process::describe(command);
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
        let server = Self { child, port, log, told: Cell::new(0) };
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        let text = fs::read_to_string(errors).unwrap_or_default();
        bail!("`{shown}` does not answer on port {port}:\n{text}")
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What nginx transferred since this was last asked.
    pub fn wire(&self) -> Result<Wire> {
        let mut wire = Wire::default();
        self.transfers()?.into_iter().for_each(|(_, one)| wire += one);
        Ok(wire)
    }

    /// The same for each request, with its path.
    pub fn transfers(&self) -> Result<Vec<(String, Wire)>> {
        let log = self.settled("wire.log")?;
        let mut transfers = Vec::new();
        for line in log.lines().skip(self.told.replace(log.lines().count())) {
            if line.ends_with(MARK) {
                continue;
            }
            let read = || -> Option<(String, Wire)> {
                let mut words = line.splitn(4, ' ');
                let mut number = || words.next()?.parse::<u64>().ok();
                let (asked, sent, body) = (number()?, number()?, number()?);
                let wire = Wire { requests: 1, bytes: asked + sent, heads: asked + sent.checked_sub(body)? };
                Some((words.next()?.to_owned(), wire))
            };
            transfers.push(read().with_context(|| format!("cannot read `{line}`"))?);
        }
        Ok(transfers)
    }

    /// A log of nginx with everything that was answered by now. A request is logged after it was
    /// answered, and before the next one is: one more is sent, and waited for.
    fn settled(&self, name: &str) -> Result<String> {
        let path = self.log.with_file_name(name);
        let marks = |log: &str| log.lines().filter(|line| line.ends_with(MARK)).count();
        let before = marks(&fs::read_to_string(&path)?);
        self.exchange(MARK)?;
        for _ in 0..500 {
            let log = fs::read_to_string(&path)?;
            if marks(&log) > before {
                return Ok(log);
            }
            thread::sleep(Duration::from_millis(2));
        }
        bail!("`{}` does not grow", path.display())
    }

    /// The body of an answer, asked for with the least head that HTTP/1.1 allows.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let mut answer = self.exchange(path)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("an answer without head")?;
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "`{path}`: {}", String::from_utf8_lossy(&answer));
        Ok(answer.split_off(end + 4))
    }

    fn exchange(&self, path: &str) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// Paths and statuses of the GET requests since this was last asked.
    pub fn requests(&self) -> Result<Vec<(String, u16)>> {
        // A request is logged after it was answered.
        thread::sleep(Duration::from_millis(200));
        let log = fs::read_to_string(&self.log)?;
        let mut requests = Vec::new();
        for line in log.lines().skip(self.told.replace(log.lines().count())) {
            let request = line.split_once("\"GET ").and_then(|(_, rest)| rest.split_once("\" "));
            if let Some((request, rest)) = request {
                let path = request.split(' ').next().unwrap_or_default().to_owned();
                let status = rest.split(' ').next().unwrap_or_default();
                requests.push((path, status.parse().with_context(|| format!("cannot read `{line}`"))?));
            }
        }
        Ok(requests)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has no state worth saving.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody else gets: below those that the system gives away by itself, and
/// each only once.
fn free_port() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..5000 {
        // Another run at the same time begins elsewhere.
        let number = std::process::id().wrapping_mul(100).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + number % 12_000)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from 20000 to 31999 is free")
}

/// A certificate for 127.0.0.1 and its key, trusted by nobody.
pub struct Certificate {
    /// The certificate.
    pub public: PathBuf,
    /// Its key.
    pub private: PathBuf,
}

impl Certificate {
    /// Makes one in `directory`.
    pub fn new(directory: &Path) -> Result<Self> {
        let certificate = Self { public: directory.join("tls.crt"), private: directory.join("tls.key") };
        let mut openssl = Command::new("openssl");
        openssl
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=demo"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&certificate.private)
            .arg("-out")
            .arg(&certificate.public);
        process::run(&mut openssl)?;
        Ok(certificate)
    }

    /// nginx's directives for it.
    pub fn directives(&self) -> String {
        let (public, private) = (self.public.display(), self.private.display());
        format!("ssl_certificate {public};\nssl_certificate_key {private};\n")
    }
}
