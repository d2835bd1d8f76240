//! Where files come from: web servers, good and bad, proxies, and directories.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod access;
mod certificates;
mod directory;
mod documents;
mod misbehaving;
mod ordinary;
mod patience;
mod proxies;
mod ranges;
mod redirects;
#[path = "../support/mod.rs"]
mod support;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use delta_client::transport::http::{HttpOptions, HttpTransport};
use delta_client::transport::{Body, Request, Response, Transport, TransportError, TransportErrorKind};
use repomd::Location;
use support::server::{Reply, Server};

/// The path of the one file that there is.
const PATH: &str = "repodata/a.xml";

fn location(path: &str) -> Location {
    Location::new(path).unwrap()
}

/// A directory with one file of 26,000 bytes, and a server for it.
fn served() -> (tempfile::TempDir, Server, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let content = b"abcdefghijklmnopqrstuvwxyz".repeat(1000);
    put(dir.path(), PATH, &content);
    let server = Server::start(dir.path());
    (dir, server, content)
}

fn put(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Short waits, so that tests are quick; no proxies.
fn impatient() -> HttpOptions {
    HttpOptions::default()
        .with_connect(Duration::from_secs(2))
        .with_answer(Duration::from_millis(600))
        .with_stall(Duration::from_millis(600))
}

fn transport(url: &str) -> HttpTransport {
    HttpTransport::new(url, &impatient()).unwrap()
}

/// Fetches a file and reads it whole.
fn fetch(transport: &dyn Transport, path: &str) -> Result<Vec<u8>, TransportError> {
    read(transport.get(&Request::new(&location(path)))?)
}

fn body(response: Response) -> Body {
    match response {
        Response::Body(body) => body,
        other => panic!("expected a body, found {other:?}"),
    }
}

fn read(response: Response) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    body(response).reader.read_to_end(&mut bytes).map_err(TransportError::from_io)?;
    Ok(bytes)
}

/// What fetching the file gives when the server answers like this.
fn told(reply: Reply) -> Result<Vec<u8>, TransportError> {
    let (_dir, server, _) = served();
    server.script(PATH, [reply]);
    fetch(&transport(&server.url()), PATH)
}

/// The kind of the error, which has to name the file.
fn failure(reply: Reply) -> (TransportErrorKind, String) {
    let error = told(reply).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("cannot fetch `http://127.0.0.1:"), "{message}");
    assert!(message.contains("/repodata/a.xml`: "), "{message}");
    (error.kind(), message.split_once("`: ").unwrap().1.to_owned())
}
