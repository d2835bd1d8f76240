//! Files from a web server: HTTP/1.1, with TLS by the system's certificates.
//!
//! One plain GET per file, or for one range of it; its bytes as the server
//! stores them. What a server or a proxy says about encodings and ranges is held
//! against it, redirects are followed by rules of our own, and every wait ends.
//! A body that is not read to its end takes its connection with it. No cookies,
//! no retries, no several ranges at once.

mod absolute;
mod agents;
mod answer;
mod date;
mod document;
mod fail;
mod part;
mod proxy;
mod reader;
mod url;

use std::fmt;
use std::io::Read as _;
use std::time::Duration;

use ureq::http::{HeaderValue, header};

use self::agents::Routes;
use self::answer::Answer;
use self::fail::Failing;
use self::reader::HttpReader;
use self::url::{Scheme, Url};
use super::body::{Counted, expect_at_most};
use super::{Body, Extent, Request, Response, Transport, TransportError, TransportErrorKind};

pub use proxy::Proxies;

/// How patient a transport is, and how it introduces itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// For finding the host, and again for connecting to it, TLS included.
    /// Default: 10 seconds.
    pub connect: Duration,
    /// From the request to the complete head of the answer. Default: 30 seconds.
    pub answer: Duration,
    /// The longest time without a byte, in the head or in the body. It does not
    /// limit the whole download. Default: 30 seconds.
    pub stall: Duration,
    /// The bytes per second that must come, on average over each period of
    /// `stall` spent waiting; 0 for no such demand. Default: 100.
    pub min_rate: u32,
    /// How many redirects are followed for one file. Default: 5.
    pub max_redirects: u32,
    /// The value of `User-Agent`. Default: `createrepo-delta/` and the version.
    pub user_agent: String,
    /// Default: none. [`Proxies::from_env`] honours the usual variables.
    pub proxies: Proxies,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            min_rate: 100,
            max_redirects: 5,
            user_agent: concat!("createrepo-delta/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::default(),
        }
    }
}

/// A web server that holds a repository.
pub struct HttpTransport {
    base: Url,
    /// The value of `Authorization`, for the server of `base` alone.
    authorization: Option<String>,
    routes: Routes,
    options: HttpOptions,
}

impl HttpTransport {
    /// Whether this looks like a URL for [`HttpTransport::new`], and not like
    /// a directory.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        let text = text.trim_start().to_ascii_lowercase();
        text.starts_with("http://") || text.starts_with("https://")
    }

    /// A transport for the repository at `base_url`, the URL of the directory
    /// that holds `repodata/`. No connection is made yet.
    ///
    /// A user name and a password in the URL are sent to that server (scheme,
    /// host and port), and not shown anywhere.
    ///
    /// # Errors
    /// When `base_url` is not an http or https URL, or has a query or fragment.
    pub fn new(base_url: &str, options: &HttpOptions) -> Result<Self, TransportError> {
        let (base, credentials) = Url::base(base_url).map_err(|why| {
            TransportError::new(TransportErrorKind::Other, format!("cannot use the URL given: {why}"))
        })?;
        if HeaderValue::from_str(&options.user_agent).is_err() {
            let message = "cannot use the user agent given: expected printable ASCII characters";
            return Err(TransportError::new(TransportErrorKind::Other, message));
        }
        let authorization = credentials.map(|c| agents::basic(&c.user, &c.password));
        Ok(Self { base, authorization, routes: Routes::new(options), options: options.clone() })
    }

    /// Sends one request and waits for the head of the answer.
    fn send(&self, url: &Url, request: &Request<'_>, failing: &Failing) -> Result<Answer, TransportError> {
        if let Some(why) = self.routes.no_trust().filter(|_| url.scheme == Scheme::Https) {
            return Err(failing.error(TransportErrorKind::Tls, why));
        }
        let route = self.routes.to(url, &self.options);
        let mut get = route.agent.get(url.to_text()).header(header::ACCEPT_ENCODING, "identity");
        if let Some(value) = self.authorization.as_deref().filter(|_| url.same_origin(&self.base)) {
            get = get.header(header::AUTHORIZATION, value);
        }
        if let Some(value) = route.proxy_authorization.as_deref() {
            get = get.header(header::PROXY_AUTHORIZATION, value);
        }
        if let Some(range) = request.range {
            get = get.header(header::RANGE, format!("bytes={range}"));
        }
        if request.revalidate {
            get = get.header(header::CACHE_CONTROL, "no-cache").header(header::PRAGMA, "no-cache");
        }
        if let Some(validators) = request.validators {
            let pairs = [
                (header::IF_NONE_MATCH, &validators.etag),
                (header::IF_MODIFIED_SINCE, &validators.last_modified),
            ];
            for (name, value) in pairs {
                // What came from a file may be anything.
                if let Some(value) = value.as_deref().and_then(|v| HeaderValue::from_str(v).ok()) {
                    get = get.header(name, value);
                }
            }
        }
        get.call().map(Answer).map_err(|error| failing.request(error))
    }
}

impl Transport for HttpTransport {
    fn name(&self) -> String {
        self.base.to_string()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        self.follow(self.base.join(request.location.as_str()), request)
    }
}

impl HttpTransport {
    /// Gets what is at `url`, redirects followed.
    fn follow(&self, mut url: Url, request: &Request<'_>) -> Result<Response, TransportError> {
        let mut failing = Failing::new(&url, &self.options);
        let mut left = self.options.max_redirects;
        let answer = loop {
            let answer = self.send(&url, request, &failing)?;
            let refuse = |why: String| Err(failing.error(TransportErrorKind::Redirect, why));
            match answer.redirect() {
                None => break answer,
                Some(_) if left == 0 => {
                    return refuse(format!("expected at most {} redirects", self.options.max_redirects));
                }
                Some(Err(why)) => return refuse(why),
                Some(Ok(location)) => match url.redirected(&location) {
                    Ok(target) => url = target,
                    Err(why) => return refuse(why),
                },
            }
            left -= 1;
            failing.redirected_to(&url);
        };
        let conditional = request.validators.is_some_and(|validators| !validators.is_empty());
        if conditional && answer.is_not_modified() {
            return Ok(Response::NotModified);
        }
        let file_name = request.location.file_name();
        let extent =
            answer.expect_file(file_name, request.range).map_err(|(kind, why)| failing.error(kind, why))?;
        let (length, validators) = (answer.length(), answer.validators());
        let what = failing.what().to_owned();
        let HttpOptions { stall, min_rate, .. } = self.options;
        let reader = HttpReader::new(answer.into_reader(), failing, length, stall, min_rate);
        let body = match extent {
            Extent::Whole => {
                let reader = Counted::new(reader, what, length, request.max_bytes)?;
                let body = Body::new(Box::new(reader));
                match length {
                    Some(length) => body.with_length(length),
                    None => body,
                }
            }
            Extent::Part { range, total } => {
                expect_at_most(&what, total, request.max_bytes)?;
                let length = range.bytes();
                // What a server sends beyond that is not part of the answer.
                let reader = Counted::new(reader.take(length), what, Some(length), None)?;
                Body::new(Box::new(reader)).with_part(range, total).with_length(length)
            }
        };
        Ok(Response::Body(body.with_validators(validators)))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("base", &self.name()).finish_non_exhaustive()
    }
}
