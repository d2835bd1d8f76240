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

/// A request, as nginx logged it.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// A path with a query, or a URL, as proxies get it.
    pub target: String,
    /// Of headers that were not sent, nothing.
    pub host: String,
    /// What it says of its user.
    pub authorization: String,
    /// What it says of its user to the proxy.
    pub proxy_authorization: String,
    /// How it was answered.
    pub status: u16,
    /// What it took.
    pub wire: Wire,
}

impl Request {
    /// What nginx writes of each.
    const FORMAT: &str = "$request_length\\t$bytes_sent\\t$body_bytes_sent\\t$status\\t$request\\t$http_host\\t\
                          $http_authorization\\t$http_proxy_authorization";

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut number = || fields.next()?.parse::<u64>().ok();
        let (asked, sent, body, status) = (number()?, number()?, number()?, number()?);
        let mut words = fields.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut header = || fields.next().map(str::to_owned);
        Some(Self {
            method,
            target,
            host: header()?,
            authorization: header()?,
            proxy_authorization: header()?,
            status: u16::try_from(status).ok()?,
            wire: Wire { requests: 1, bytes: asked + sent, heads: asked + sent.checked_sub(body)? },
        })
    }

    /// The path that was asked for, without a query.
    pub fn path(&self) -> &str {
        let target = match self.target.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/"),
            None => &self.target,
        };
        target.split('?').next().unwrap_or_default()
    }
}

/// A path that only marks a place in the log.
const MARK: &str = "/mark-of-the-log";

/// A server; stopped when dropped.
pub struct Server {
    child: Child,
    scheme: &'static str,
    /// Where it listens, on loopback.
    pub port: u16,
    log: PathBuf,
    /// Lines of the log that were already read.
    read: Cell<usize>,
}

impl Server {
    /// nginx, serving `root`, with further directives for its `server` block.
    pub fn nginx(work: &Path, root: &Path, directives: &str) -> Result<Self> {
        let port = free_port()?;
        let work = work.join(format!("nginx-{port}"));
        paths::make_empty(&work)?;
        let config = work.join("nginx.conf");
        let log = work.join("access.log");
        let (scheme, ssl) =
            if directives.contains("ssl_certificate") { ("https", " ssl") } else { ("http", "") };
        let (here, root) = (work.display(), root.display());
        let text = format!(
            "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log;\n\
             events {{}}\n\
             http {{\n\
             log_format all escape=none \"{}\";\naccess_log {here}/access.log all;\n\
             client_body_temp_path {here}/body;\nproxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fastcgi;\nuwsgi_temp_path {here}/uwsgi;\n\
             scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port}{ssl}; root {root};\n{directives}\n}}\n\
             }}\n",
            Request::FORMAT
        );
        fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-e").arg(work.join("error.log")).arg("-c").arg(&config);
        let shown = process::describe(&command);
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
        let server = Self { child, scheme, port, log, read: Cell::new(0) };
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        let text = fs::read_to_string(work.join("error.log")).unwrap_or_default();
        bail!("`{shown}` does not answer on port {port}:\n{text}")
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}/", self.scheme, self.port)
    }

    /// The requests since this was last asked, of any method.
    pub fn log(&self) -> Result<Vec<Request>> {
        let log = self.settled()?;
        let lines = log.lines().skip(self.read.replace(log.lines().count()));
        let parse = |line: &str| Request::parse(line).with_context(|| format!("cannot read `{line}`"));
        let requests = lines.map(parse).collect::<Result<Vec<_>>>()?;
        Ok(requests.into_iter().filter(|request| request.target != MARK).collect())
    }

    /// What was transferred since.
    pub fn wire(&self) -> Result<Wire> {
        let mut wire = Wire::default();
        self.log()?.into_iter().for_each(|request| wire += request.wire);
        Ok(wire)
    }

    /// Targets and statuses of the GET requests since.
    pub fn requests(&self) -> Result<Vec<(String, u16)>> {
        let requests = self.log()?.into_iter().filter(|request| request.method == "GET");
        Ok(requests.map(|request| (request.target, request.status)).collect())
    }

    /// The log with everything that was answered by now. A request is logged after it was
    /// answered, and before the next one is: one more is sent, and waited for.
    fn settled(&self) -> Result<String> {
        let marks = |log: &str| log.lines().filter(|line| line.contains(MARK)).count();
        let before = marks(&fs::read_to_string(&self.log)?);
        self.exchange(MARK)?;
        for _ in 0..500 {
            let log = fs::read_to_string(&self.log)?;
            if marks(&log) > before {
                return Ok(log);
            }
            thread::sleep(Duration::from_millis(2));
        }
        bail!("`{}` does not grow", self.log.display())
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
