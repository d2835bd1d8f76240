//! A web server of a few lines for tasks that must run where no other is installed. It knows GET and
//! single ranges, and counts what goes over the wire.

use crate::web::Wire;
use anyhow::{Context as _, Result};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The server; it ends with the task.
pub struct CountingServer {
    port: u16,
    wire: Arc<Mutex<Wire>>,
}

impl CountingServer {
    /// Serves what is below `root` on a port of loopback.
    pub fn new(root: &Path) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        let server = Self { port: listener.local_addr()?.port(), wire: Arc::default() };
        let (root, wire) = (root.to_owned(), server.wire.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, wire) = (root.clone(), wire.clone());
                // Who hangs up is no trouble.
                thread::spawn(move || serve(&stream, &root, &wire).ok());
            }
        });
        Ok(server)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What was transferred since this was last asked.
    pub fn wire(&self) -> Wire {
        std::mem::take(&mut *self.wire.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, root: &Path, wire: &Mutex<Wire>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut asked, mut path, mut range) = (0, PathBuf::new(), None);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            asked += line.len();
            if let Some(rest) = line.strip_prefix("GET /") {
                path = root.join(rest.split([' ', '?']).next().unwrap_or_default());
            } else if let Some(rest) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                range =
                    rest.trim().split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            } else if line == "\r\n" {
                break;
            }
        }
        let (status, body) = answer(&path, range);
        let head = format!("HTTP/1.1 {status}Content-Length: {}\r\n\r\n", body.len());
        // Counted before it is sent: who has it all may ask for the count.
        let heads = (asked + head.len()) as u64;
        let bytes = heads + body.len() as u64;
        *wire.lock().unwrap_or_else(PoisonError::into_inner) += Wire { requests: 1, bytes, heads };
        let mut out = stream;
        out.write_all(&[head.as_bytes(), &body].concat())?;
    }
}

/// The status, with the lines of the head that go with it, and the body.
fn answer(path: &Path, range: Option<(usize, usize)>) -> (String, Vec<u8>) {
    let Ok(file) = fs::read(path) else { return ("404 Not Found\r\n".to_owned(), Vec::new()) };
    let part = range.and_then(|(first, last)| Some((first, last, file.get(first..=last)?)));
    match part {
        Some((first, last, bytes)) => {
            let status =
                format!("206 Partial Content\r\nContent-Range: bytes {first}-{last}/{}\r\n", file.len());
            (status, bytes.to_vec())
        }
        None => ("200 OK\r\n".to_owned(), file),
    }
}
