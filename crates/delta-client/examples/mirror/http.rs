//! A transport over plain HTTP/1.1 with nothing but the standard library.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use delta_client::transport::{
    Body, ByteRange, Request, Response, Transport, TransportError, TransportErrorKind, Validators,
};

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A web server that holds a repository.
pub(crate) struct Http {
    /// The server, as `host:port`.
    authority: String,
    /// The path of the repository, without a `/` at its end.
    path: String,
}

impl Http {
    /// A transport for the repository at `url`.
    pub(crate) fn new(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?.trim_end_matches('/');
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = if authority.contains(':') { "" } else { ":80" };
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Some(Self { authority: format!("{authority}{port}"), path })
    }

    fn error(
        &self,
        kind: TransportErrorKind,
        request: &Request<'_>,
        what: impl std::fmt::Display,
    ) -> TransportError {
        TransportError::new(
            kind,
            format!("cannot fetch `{}/{}`: {what}", self.name(), request.location.as_str()),
        )
    }

    fn connect(&self, request: &Request<'_>) -> Result<TcpStream, TransportError> {
        let connect = || -> std::io::Result<TcpStream> {
            let address = self.authority.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
            let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        connect().map_err(|error| self.error(TransportErrorKind::Connect, request, error))
    }
}

impl Transport for Http {
    fn name(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let mut stream = self.connect(request)?;
        let io = |error: std::io::Error| self.error(TransportErrorKind::Interrupted, request, error);
        stream.write_all(self.message(request).as_bytes()).map_err(io)?;
        let mut reader = BufReader::new(stream);
        let answer = Answer::read(&mut reader).map_err(io)?;
        match answer.status {
            200 | 206 => {}
            304 => return Ok(Response::NotModified),
            404 | 410 => return Err(self.error(TransportErrorKind::NotFound, request, "it is not there")),
            401 | 403 => return Err(self.error(TransportErrorKind::Denied, request, "the server refuses")),
            416 => return Err(self.error(TransportErrorKind::OutOfRange, request, "the file is shorter")),
            status => {
                return Err(self.error(
                    TransportErrorKind::Status(status),
                    request,
                    format!("status {status}"),
                ));
            }
        }
        let Some(length) = answer.length else {
            return Err(self.error(TransportErrorKind::Other, request, "the answer has no length"));
        };
        if request.max_bytes.is_some_and(|max| answer.total.unwrap_or(length) > max) {
            return Err(self.error(TransportErrorKind::TooLarge, request, format!("it has {length} bytes")));
        }
        let body = Body::new(Box::new(Exactly { reader, left: length }))
            .with_length(length)
            .with_validators(Validators::new(answer.etag, answer.last_modified));
        match (answer.status, answer.range) {
            (206, Some(range)) => Ok(Response::Body(body.with_part(range, answer.total))),
            (206, None) => Err(self.error(TransportErrorKind::Other, request, "a part that is not named")),
            _ => Ok(Response::Body(body)),
        }
    }
}

impl Http {
    fn message(&self, request: &Request<'_>) -> String {
        let mut lines = vec![
            format!("GET {}/{} HTTP/1.1", self.path, request.location.as_str()),
            format!("Host: {}", self.authority),
            "Connection: close".to_owned(),
        ];
        if let Some(validators) = request.validators {
            lines.extend(validators.etag.iter().map(|etag| format!("If-None-Match: {etag}")));
            lines.extend(validators.last_modified.iter().map(|date| format!("If-Modified-Since: {date}")));
        }
        if let Some(range) = request.range {
            lines.push(format!("Range: bytes={}-{}", range.first(), range.last()));
        }
        if request.revalidate {
            lines.push("Cache-Control: no-cache".to_owned());
        }
        lines.join("\r\n") + "\r\n\r\n"
    }
}

/// The head of a server's answer.
#[derive(Default)]
struct Answer {
    status: u16,
    length: Option<u64>,
    etag: Option<String>,
    last_modified: Option<String>,
    range: Option<ByteRange>,
    total: Option<u64>,
}

impl Answer {
    fn read(reader: &mut impl BufRead) -> std::io::Result<Self> {
        let mut lines = reader.take(64 << 10).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut answer = Self { status: status.ok_or(std::io::ErrorKind::InvalidData)?, ..Self::default() };
        for line in lines {
            let line = line?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => answer.length = value.parse().ok(),
                "etag" => answer.etag = Some(value.to_owned()),
                "last-modified" => answer.last_modified = Some(value.to_owned()),
                "content-range" => answer.note_range(value),
                _ => {}
            }
        }
        Ok(answer)
    }

    /// `bytes FIRST-LAST/TOTAL`.
    fn note_range(&mut self, value: &str) {
        let parts = || {
            let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
            let (first, last) = range.split_once('-')?;
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            Some((ByteRange::between(first, last.checked_add(1)?)?, total.parse().ok()))
        };
        if let Some((range, total)) = parts() {
            (self.range, self.total) = (Some(range), total);
        }
    }
}

/// A body that must have so many bytes.
struct Exactly<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.by_ref().take(self.left).read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            let message = format!("the connection ended {} bytes too early", self.left);
            return Err(TransportError::new(TransportErrorKind::Interrupted, message).into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
