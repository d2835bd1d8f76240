//! A web server on loopback that serves a directory and remembers who asked for what,
//! with which credentials. It is an origin server, and a proxy for itself, too: of a
//! URL it looks at the path alone. Below each label it has a list of one mirror, itself.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A request, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// A path with a query, or a URL, as proxies get it.
    pub(crate) target: String,
    pub(crate) host: String,
    pub(crate) authorization: Option<String>,
    pub(crate) proxy_authorization: Option<String>,
    /// How it was answered.
    pub(crate) status: u16,
}

/// What a server wants to see before it answers, by the path that is asked for.
pub(crate) type Guard = fn(path: &str, request: &Request) -> Option<(u16, &'static str)>;

/// The server; it goes on until the program ends.
pub(crate) struct Recorder {
    /// Where it listens, on loopback.
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Recorder {
    /// Serves `root`. The first part of each path is a label, and not looked for.
    pub(crate) fn start(root: &Path, guard: Guard) -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, root) = (Arc::clone(&requests), root.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, root) = (Arc::clone(&seen), root.clone());
                // A client that goes away early has what it wants.
                thread::spawn(move || answer(stream, &root, guard, &seen).ok());
            }
        });
        Ok(Self { port, requests })
    }

    /// The requests since this was last asked.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn answer(stream: TcpStream, root: &Path, guard: Guard, seen: &Mutex<Vec<Request>>) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?).take(64 << 10);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let is_head = words.next() == Some("HEAD");
    let mut request = Request { target: words.next().context("no target")?.to_owned(), ..Request::default() };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').context("no header")?;
        let value = value.trim().to_owned();
        match &*name.to_ascii_lowercase() {
            "host" => request.host = value,
            "authorization" => request.authorization = Some(value),
            "proxy-authorization" => request.proxy_authorization = Some(value),
            _ => {}
        }
    }
    let path = path(&request.target).to_owned();
    let (status, more, body) = match guard(&path, &request) {
        Some((status, challenge)) => (status, format!("{challenge}: Basic realm=\"x\"\r\n"), Vec::new()),
        None => match content(root, &path, &request.host) {
            Some(body) => (200, String::new(), body),
            None => (404, String::new(), Vec::new()),
        },
    };
    request.status = status;
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    let mut stream = stream;
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    if !is_head {
        stream.write_all(&body)?;
    }
    Ok(stream.flush()?)
}

/// Of a path or URL, the path.
pub(crate) fn path(target: &str) -> &str {
    let target = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/"),
        None => target,
    };
    target.split('?').next().unwrap_or_default()
}

/// The name of the list of mirrors.
pub(crate) const MIRRORS: &str = "mirrors";

fn content(root: &Path, path: &str, host: &str) -> Option<Vec<u8>> {
    let (label, below) = path.trim_start_matches('/').split_once('/')?;
    if below == MIRRORS {
        return Some(format!("http://{host}/{label}/\n").into_bytes());
    }
    if below.contains("..") {
        return None;
    }
    fs::read(root.join(below)).ok()
}
