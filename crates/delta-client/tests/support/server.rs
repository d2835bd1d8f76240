//! A web server over loopback that misbehaves as it is told.
//!
//! It serves a directory, correctly unless a path has a script: its n-th
//! request then gets the n-th reply, and the last reply is for all that follow.
//! It knows ranges of files, one at a time. It keeps a log of what was asked and
//! how much was sent, and counts what goes through its sockets. It is no example
//! of how to serve anything.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a request is answered. "The file" is the range asked for, if there is
/// one.
#[derive(Clone)]
pub(crate) enum Reply {
    /// The file, or 404; 304 where the validators say so, 416 where the range
    /// is beyond its end.
    Serve,
    /// As if no range had been asked for.
    Unranged(Box<Reply>),
    /// Something is done first, then as [`Reply::Serve`].
    After(Arc<dyn Fn() + Send + Sync>),
    /// This status, with a short body.
    Status(u16),
    /// A redirect, by this status and to this place.
    Redirect(u16, String),
    /// The file, announced whole; the connection ends after so many bytes.
    Truncated(usize),
    /// The file, announced with this length; the connection then stays open.
    Announced(u64),
    /// These bytes instead of the file.
    Bytes(Vec<u8>),
    /// These header lines and these bytes, with the length that they have.
    Headers(Vec<String>, Vec<u8>),
    /// This status, these header lines and these bytes; the client has to find
    /// the end of them itself, and the connection stays open until it goes.
    Open(&'static str, Vec<String>, Vec<u8>),
    /// The file in chunks, with an end or broken off before it.
    Chunked { whole: bool },
    /// The file without a length: it ends with the connection.
    UntilClosed,
    /// The file again and again, without end, in chunks.
    Endless,
    /// So many bytes of the file, then silence.
    Stall(usize),
    /// Byte by byte, with pauses.
    Drip(Duration),
    /// No answer at all, and the connection stays open.
    Silent,
    /// No answer, and the connection is closed.
    HangUp,
    /// Exactly these bytes, then the end.
    Raw(Vec<u8>),
}

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The path without its first `/`, as it came; whole URLs stay whole.
    pub(crate) path: String,
    /// The header lines, names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// Which connection, counted from 0.
    pub(crate) connection: usize,
    /// Bytes of body that were sent, or are just being sent.
    pub(crate) sent: u64,
    id: usize,
}

/// What went through the sockets of the server, heads included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    /// Bytes from clients.
    pub(crate) received: u64,
    /// Bytes to clients, as far as the system took them.
    pub(crate) sent: u64,
}

/// The server; it ends when this is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    root: PathBuf,
    scripts: Mutex<BTreeMap<String, Vec<Reply>>>,
    log: Mutex<Vec<Seen>>,
    /// Entity tags that were served of each file, in order.
    tags: Mutex<BTreeMap<String, Vec<String>>>,
    /// Whether dates stay when files change.
    has_one_date: AtomicBool,
    requests: AtomicUsize,
    received: AtomicU64,
    sent: AtomicU64,
    /// Connections that are open.
    open: AtomicUsize,
    stop: AtomicBool,
}

impl Server {
    /// Serves the files below `root` on a port of its own.
    pub(crate) fn start(root: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { root: root.to_owned(), ..Shared::default() });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if of_thread.stop.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                shared.open.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    shared.attend(&stream.unwrap(), connection);
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, shared }
    }

    /// Gives every file the same date from now on.
    pub(crate) fn has_one_date(&self) {
        self.shared.has_one_date.store(true, Ordering::SeqCst);
    }

    /// The base URL, with a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Replaces the script of a path.
    pub(crate) fn script(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        self.shared.scripts.lock().unwrap().insert(path.to_owned(), replies);
    }

    /// What was asked for until now.
    pub(crate) fn log(&self) -> Vec<Seen> {
        self.shared.log.lock().unwrap().clone()
    }

    /// The paths that were asked for, in order, and forgets them.
    pub(crate) fn take_paths(&self) -> Vec<String> {
        self.shared.log.lock().unwrap().drain(..).map(|seen| seen.path).collect()
    }

    /// What went through the sockets until now.
    pub(crate) fn wire(&self) -> Wire {
        let count = |count: &AtomicU64| count.load(Ordering::SeqCst);
        Wire { received: count(&self.shared.received), sent: count(&self.shared.sent) }
    }

    /// Waits until no connection is open; a few seconds must be enough.
    pub(crate) fn wait_until_left(&self) {
        for _ in 0..500 {
            if self.shared.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("a connection is still open: {:?}", self.wire());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// Answers the requests of one connection, until it has to be closed.
    fn attend(&self, stream: &TcpStream, connection: usize) {
        stream.set_nodelay(true).unwrap();
        let socket = Socket { stream, shared: self };
        let mut reader = BufReader::new(socket);
        while let Some((path, headers)) = read_request(&mut reader) {
            let reply = self.next_reply(&path);
            let id = self.requests.fetch_add(1, Ordering::SeqCst);
            let seen = Seen { path: path.clone(), headers: headers.clone(), connection, sent: 0, id };
            self.log.lock().unwrap().push(seen);
            let reply = match reply {
                Reply::After(action) => {
                    action();
                    Reply::Serve
                }
                reply => reply,
            };
            let file_path = without_query(&path);
            let safe = !path.split('/').any(|component| component == "..");
            let file = safe.then(|| std::fs::read(self.root.join(file_path)).ok()).flatten();
            let date = file.as_ref().map(|file| self.date(file_path, file)).unwrap_or_default();
            let goes_on = Out { socket, id, date }.answer(&reply, file, &headers);
            if !matches!(goes_on, Ok(true)) {
                break;
            }
        }
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }

    /// When a file was changed: a second later for each other content, or always the same.
    fn date(&self, path: &str, content: &[u8]) -> String {
        if self.has_one_date.load(Ordering::SeqCst) {
            return date(0);
        }
        let mut tags = self.tags.lock().unwrap();
        let (tags, tag) = (tags.entry(path.to_owned()).or_default(), etag(content));
        let nth = tags.iter().position(|known| *known == tag).unwrap_or_else(|| {
            tags.push(tag);
            tags.len() - 1
        });
        date(nth)
    }

    fn next_reply(&self, path: &str) -> Reply {
        match self.scripts.lock().unwrap().get_mut(without_query(path)) {
            Some(replies) if replies.len() > 1 => replies.pop().unwrap(),
            Some(replies) => replies.first().cloned().unwrap_or(Reply::Serve),
            None => Reply::Serve,
        }
    }
}

/// Scripts and files do not care for queries.
fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// The path and the headers of the next request, if there is one.
fn read_request(reader: &mut impl BufRead) -> Option<(String, BTreeMap<String, String>)> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => return Some((path, headers)),
        };
    }
}

/// A connection whose bytes are counted.
#[derive(Clone, Copy)]
struct Socket<'a> {
    stream: &'a TcpStream,
    shared: &'a Shared,
}

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = (&mut &*self.stream).read(buffer)?;
        self.shared.received.fetch_add(n as u64, Ordering::SeqCst);
        Ok(n)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = (&mut &*self.stream).write(bytes)?;
        self.shared.sent.fetch_add(n as u64, Ordering::SeqCst);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file, or a part of it, and what is said of it.
struct Part {
    status: &'static str,
    lines: Vec<String>,
    bytes: Vec<u8>,
}

impl Part {
    /// What is asked for; the whole file where no range is, or none that this
    /// server knows.
    fn asked(file: &[u8], range: Option<&String>) -> Self {
        let whole = || Self { status: "200 OK", lines: Vec::new(), bytes: file.to_vec() };
        let asked = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        let Some((Ok(first), Ok(last))) =
            asked.map(|(first, last)| (first.parse::<usize>(), last.parse::<usize>()))
        else {
            return whole();
        };
        let total = file.len();
        let Some(bytes) = file.get(first..(last + 1).min(total)).filter(|bytes| !bytes.is_empty()) else {
            let lines = vec![format!("Content-Range: bytes */{total}")];
            return Self { status: "416 Range Not Satisfiable", lines, bytes: Vec::new() };
        };
        let last = first + bytes.len() - 1;
        let lines = vec![format!("Content-Range: bytes {first}-{last}/{total}")];
        Self { status: "206 Partial Content", lines, bytes: bytes.to_vec() }
    }
}

/// What goes to one client.
struct Out<'a> {
    socket: Socket<'a>,
    id: usize,
    /// When the file was changed.
    date: String,
}

impl Out<'_> {
    /// Returns whether the connection may be used again.
    fn answer(
        &mut self,
        reply: &Reply,
        file: Option<Vec<u8>>,
        headers: &BTreeMap<String, String>,
    ) -> io::Result<bool> {
        if let Reply::Unranged(reply) = reply {
            let mut headers = headers.clone();
            headers.remove("range");
            return self.answer(reply, file, &headers);
        }
        let part = Part::asked(file.as_deref().unwrap_or_default(), headers.get("range"));
        let Part { status, lines, bytes: served } = &part;
        let with = |line: String| [&lines[..], &[line]].concat();
        let length = with(format!("Content-Length: {}", served.len()));
        match reply {
            Reply::Serve | Reply::After(_) | Reply::Unranged(_) => match file {
                None => self.whole("404 Not Found", &[], b"nothing here"),
                Some(file) => self.serve(&part, &etag(&file), headers),
            },
            Reply::Status(status) => self.whole(&format!("{status} So It Is"), &[], b"no"),
            Reply::Redirect(status, to) => {
                self.whole(&format!("{status} Elsewhere"), &[format!("Location: {to}")], b"elsewhere")
            }
            Reply::Bytes(bytes) => self.whole("200 OK", &[], bytes),
            Reply::Headers(lines, bytes) => self.whole("200 OK", lines, bytes),
            Reply::Announced(length) => self.open(status, &with(format!("Content-Length: {length}")), served),
            Reply::Open(status, lines, bytes) => self.open(status, lines, bytes),
            Reply::Stall(bytes) => self.open(status, &length, &served[..*bytes]),
            Reply::Truncated(bytes) => self.closed(status, &length, &served[..*bytes]),
            Reply::UntilClosed => self.closed(status, &with("Connection: close".to_owned()), served),
            Reply::Chunked { whole } => {
                self.head(status, &with("Transfer-Encoding: chunked".to_owned()))?;
                served.chunks(100).try_for_each(|piece| self.chunk(piece))?;
                if *whole {
                    self.socket.write_all(b"0\r\n\r\n")?;
                }
                Ok(*whole)
            }
            Reply::Endless => {
                self.head(status, &with("Transfer-Encoding: chunked".to_owned()))?;
                while !self.is_over() {
                    self.chunk(if served.is_empty() { b"and so on " } else { served })?;
                }
                Ok(false)
            }
            Reply::Drip(pause) => {
                self.head(status, &length)?;
                self.drip(served, *pause)
            }
            Reply::Silent => self.wait(),
            Reply::HangUp => Ok(false),
            Reply::Raw(bytes) => self.socket.write_all(bytes).map(|()| false),
        }
    }

    /// Correctly.
    fn serve(&mut self, part: &Part, etag: &str, headers: &BTreeMap<String, String>) -> io::Result<bool> {
        let etag_line = format!("ETag: {etag}");
        if headers.get("if-none-match").is_some_and(|known| known == etag) {
            self.head("304 Not Modified", &[etag_line])?;
            return Ok(true);
        }
        let stamp = format!("Last-Modified: {}", self.date);
        self.whole(part.status, &[&part.lines[..], &[etag_line, stamp]].concat(), &part.bytes)
    }

    /// The connection then stays open.
    fn open(&mut self, status: &str, lines: &[String], body: &[u8]) -> io::Result<bool> {
        self.closed(status, lines, body)?;
        self.wait()
    }

    /// The connection then ends.
    fn closed(&mut self, status: &str, lines: &[String], body: &[u8]) -> io::Result<bool> {
        self.head(status, lines)?;
        self.body(body)?;
        Ok(false)
    }

    /// Byte by byte.
    fn drip(&mut self, bytes: &[u8], pause: Duration) -> io::Result<bool> {
        for byte in bytes {
            if self.is_over() {
                break;
            }
            self.body(&[*byte])?;
            thread::sleep(pause);
        }
        Ok(true)
    }

    /// Whether the server ends.
    fn is_over(&self) -> bool {
        self.socket.shared.stop.load(Ordering::SeqCst)
    }

    fn whole(&mut self, status: &str, lines: &[String], body: &[u8]) -> io::Result<bool> {
        let length = format!("Content-Length: {}", body.len());
        self.head(status, &[lines, &[length]].concat())?;
        self.body(body)?;
        Ok(true)
    }

    fn head(&mut self, status: &str, lines: &[String]) -> io::Result<()> {
        let lines = [&[format!("HTTP/1.1 {status}")], lines].concat().join("\r\n");
        self.socket.write_all(format!("{lines}\r\n\r\n").as_bytes())
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        self.body(bytes)?;
        self.socket.write_all(b"\r\n")
    }

    fn body(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(seen) = self.socket.shared.log.lock().unwrap().iter_mut().find(|seen| seen.id == self.id)
        {
            seen.sent += bytes.len() as u64;
        }
        self.socket.write_all(bytes)
    }

    /// Says nothing until the client goes away.
    fn wait(&mut self) -> io::Result<bool> {
        self.socket.stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        while !self.is_over() {
            match self.socket.read(&mut [0; 64]) {
                Ok(0) => break,
                Err(e) if !matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => break,
                _ => {}
            }
        }
        Ok(false)
    }
}

/// So many seconds after the first.
fn date(seconds: usize) -> String {
    format!("Mon, 02 Nov 2026 10:{:02}:{:02} GMT", seconds / 60, seconds % 60)
}

/// Differs where the content does.
pub(crate) fn etag(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// A gzip file with this content, not compressed any further.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let mut crc = u32::MAX;
    for &byte in content {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let tail = [(!crc).to_le_bytes(), u32::from(length).to_le_bytes()].concat();
    [&head[..], &lengths, content, &tail].concat()
}
