//! A transport in memory that serves a directory, but for what its script says.

use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use delta_client::transport::{
    Body, ByteRange, Request, Response, Transport, TransportError, TransportErrorKind, Validators,
};

/// What happens instead of an answer.
pub(crate) enum Act {
    Fail(TransportErrorKind),
    /// Status 503, and a time to be left alone for.
    Busy(Duration),
    /// These bytes, with nothing announced.
    Bytes(Vec<u8>),
    /// The file, but this byte of it is another one.
    Damage(usize),
    /// Half of the file, and then a broken connection.
    Break,
    /// Half of the file, and then silence, until somebody gives up.
    Stall,
    /// Another length is announced.
    Announce(u64),
    /// Bytes without end.
    Endless,
    /// This happens first, and then the file is served.
    First(Box<dyn Fn() + Send>),
}

struct Line {
    part: String,
    times: usize,
    act: Act,
    /// Whether it is what a cache on the way has, which can be asked past it.
    cached: bool,
}

/// A source with a script.
pub(crate) struct Scripted {
    root: PathBuf,
    name: String,
    /// Whether parts of files are served.
    ranges: bool,
    /// What it says that every file is of, as `Last-Modified`, and as nginx makes an
    /// entity tag of it.
    dated: Option<(&'static str, u64)>,
    /// Whether it says that every file is the one that was asked about.
    is_stubborn: bool,
    /// What it gives as an entity tag, of one made of the bytes.
    etags: fn(String) -> Option<String>,
    script: Mutex<Vec<Line>>,
    /// Locations, and the part of each that was asked for.
    log: Mutex<Vec<(String, Option<ByteRange>)>>,
}

impl Scripted {
    pub(crate) fn new(root: PathBuf) -> Self {
        let name = "http://script.example/repo".to_owned();
        Self {
            root,
            name,
            ranges: true,
            dated: None,
            is_stubborn: false,
            etags: Some,
            script: Mutex::default(),
            log: Mutex::default(),
        }
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// A server that sends whole files only.
    pub(crate) fn without_ranges(mut self) -> Self {
        self.ranges = false;
        self
    }

    /// A server whose files all have this date, and entity tags made of it.
    pub(crate) fn dated(mut self, text: &'static str, seconds: u64) -> Self {
        self.dated = Some((text, seconds));
        self
    }

    /// A server that says of every file that it is not modified, with these entity tags.
    pub(crate) fn stubborn(mut self, etags: fn(String) -> Option<String>) -> Self {
        (self.is_stubborn, self.etags) = (true, etags);
        self
    }

    /// The next `times` requests for a location that contains `part` go so.
    pub(crate) fn on(self, part: &str, times: usize, act: Act) -> Self {
        self.script.lock().unwrap().push(Line { part: part.to_owned(), times, act, cached: false });
        self
    }

    /// So goes every request for a location that contains `part` that a cache on
    /// the way may answer.
    pub(crate) fn cached(self, part: &str, act: Act) -> Self {
        let line = Line { part: part.to_owned(), times: usize::MAX, act, cached: true };
        self.script.lock().unwrap().push(line);
        self
    }

    /// The locations asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap()).into_iter().map(|(location, _)| location).collect()
    }

    /// How often a location that contains `part` was asked for.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|(location, _)| location.contains(part)).count()
    }

    /// The parts that were asked for of locations that contain `part`: first byte, and end.
    pub(crate) fn ranges(&self, part: &str) -> Vec<(u64, u64)> {
        let log = self.log.lock().unwrap();
        let asked = log.iter().filter(|(location, _)| location.contains(part));
        asked.map(|(_, range)| range.map_or((0, u64::MAX), |range| (range.first(), range.end()))).collect()
    }
}

struct Breaking(Cursor<Vec<u8>>, TransportErrorKind);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(TransportError::new(self.1, "the connection broke").into()),
            read => Ok(read),
        }
    }
}

impl Transport for Scripted {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let location = request.location.as_str();
        self.log.lock().unwrap().push((location.to_owned(), request.range));
        let mut script = self.script.lock().unwrap();
        let line = script.iter_mut().find(|line| {
            line.times > 0 && location.contains(&line.part) && !(line.cached && request.revalidate)
        });
        if let Some(line) = &line
            && let Act::First(action) = &line.act
        {
            action();
        }
        let file = std::fs::read(self.root.join(location)).map_err(|_| {
            TransportError::new(TransportErrorKind::NotFound, format!("cannot fetch `{location}`: 404"))
        });
        match line {
            Some(line) => {
                line.times -= 1;
                play(&line.act, location, file, |file| self.serve(request, file))
            }
            None => Ok(self.serve(request, file?)),
        }
    }
}

impl Scripted {
    /// Correctly.
    fn serve(&self, request: &Request<'_>, file: Vec<u8>) -> Response {
        let length = file.len() as u64;
        let (etag, modified) = match self.dated {
            None => {
                let sha256 = crate::repo::sha256(&file);
                (format!("\"{sha256}\""), modified(&sha256))
            }
            Some((text, seconds)) => (format!("\"{seconds:x}-{length:x}\""), text.to_owned()),
        };
        let given = Validators::new((self.etags)(etag), Some(modified));
        if self.is_stubborn && request.validators.is_some() {
            return Response::NotModified;
        }
        let fits = |asked: &Validators| match &asked.etag {
            Some(_) => asked.etag == given.etag,
            None => asked.last_modified.is_some() && asked.last_modified == given.last_modified,
        };
        if request.validators.is_some_and(fits) {
            return Response::NotModified;
        }
        if let Some(range) = request.range.and_then(|range| range.within(length)).filter(|_| self.ranges) {
            let at = |position: u64| usize::try_from(position).unwrap();
            return Response::Body(
                body(file[at(range.first())..at(range.end())].to_vec()).with_part(range, Some(length)),
            );
        }
        Response::Body(body(file).with_length(length).with_validators(given))
    }
}

/// A date that is later than those of all other files that were served before this one for the first time.
fn modified(sha256: &str) -> String {
    static SERVED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut served = SERVED.lock().unwrap();
    let known = served.iter().position(|one| one == sha256);
    let seconds = known.unwrap_or_else(|| {
        served.push(sha256.to_owned());
        served.len() - 1
    });
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("Sat, 01 Jan 2028 {:02}:{:02}:{seconds:02} GMT", minutes / 60, minutes % 60)
}

fn body(bytes: Vec<u8>) -> Body {
    Body::new(Box::new(Cursor::new(bytes)))
}

/// Answers as the script says.
fn play(
    act: &Act,
    location: &str,
    file: Result<Vec<u8>, TransportError>,
    serve: impl FnOnce(Vec<u8>) -> Response,
) -> Result<Response, TransportError> {
    Ok(Response::Body(match act {
        Act::First(_) => return Ok(serve(file?)),
        Act::Fail(kind) => {
            return Err(TransportError::new(*kind, format!("cannot fetch `{location}`: {kind:?}")));
        }
        Act::Busy(wait) => {
            let error = TransportError::new(TransportErrorKind::Status(503), "busy");
            return Err(error.with_retry_after(*wait));
        }
        Act::Bytes(bytes) => body(bytes.clone()),
        Act::Damage(at) => {
            let mut bytes = file?;
            let at = *at % bytes.len();
            bytes[at] ^= 0x40;
            body(bytes)
        }
        Act::Break => breaking(file?, TransportErrorKind::Interrupted),
        Act::Stall => breaking(file?, TransportErrorKind::Timeout),
        Act::Announce(length) => body(file?).with_length(*length),
        Act::Endless => Body::new(Box::new(std::io::repeat(b'x'))),
    }))
}

fn breaking(mut bytes: Vec<u8>, kind: TransportErrorKind) -> Body {
    bytes.truncate(bytes.len() / 2);
    Body::new(Box::new(Breaking(Cursor::new(bytes), kind)))
}
