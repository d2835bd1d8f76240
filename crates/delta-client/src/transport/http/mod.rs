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
mod document;
mod fail;
mod heads;
mod netrc;
mod options;
mod paced;
mod part;
mod proxy;
mod reader;
mod tls;
mod unreachable;
mod url;

use std::fmt;
use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ureq::http::{HeaderValue, header};

use self::agents::{Route, Routes};
use self::answer::Answer;
use self::fail::{Failing, Failure};
use self::reader::HttpReader;
use self::url::{Scheme, Url};
use super::body::{Counted, expect_at_most};
use super::{Body, Extent, Request, Response, Transport, TransportError, TransportErrorKind, Validators};

pub use netrc::Netrc;
pub use options::HttpOptions;
pub use proxy::Proxies;
pub use tls::{Authorities, ClientCertificate};
pub use unreachable::Unreachable;
pub use url::Credentials;

/// A web server that holds a repository.
pub struct HttpTransport {
    base: Url,
    identity: String,
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
    /// host and port), and not shown anywhere. A query in it is part of the URL of
    /// each file, after the path.
    ///
    /// # Errors
    /// When `base_url` is not an http or https URL, or has a fragment.
    pub fn new(base_url: &str, options: &HttpOptions) -> Result<Self, TransportError> {
        let (base, credentials) = Url::base(base_url).map_err(|why| {
            TransportError::new(TransportErrorKind::Other, format!("cannot use the URL given: {why}"))
        })?;
        if HeaderValue::from_str(&options.user_agent).is_err() {
            let message = "cannot use the user agent given: expected printable ASCII characters";
            return Err(TransportError::new(TransportErrorKind::Other, message));
        }
        let credentials = options.credentials_for(base_url, credentials);
        let identity = base.identity(credentials.as_ref());
        let authorization = credentials.as_ref().map(agents::basic);
        Ok(Self { base, identity, authorization, routes: Routes::new(options), options: options.clone() })
    }

    /// Sends one request and waits for the head of the answer; a host that was
    /// given up is not asked.
    fn send(
        &self,
        url: &Url,
        request: &Request<'_>,
        failing: &mut Failing,
    ) -> Result<Answer, TransportError> {
        if let Some(why) = self.routes.no_trust().filter(|_| url.scheme == Scheme::Https) {
            return Err(failing.error(TransportErrorKind::Tls, why));
        }
        let route = self.routes.to(url, &self.options);
        failing.by_way_of(route.proxy.as_deref());
        let (unreachable, host) =
            (&self.options.unreachable, route.proxy.clone().unwrap_or_else(|| url.origin()));
        if let Some((kind, why)) = unreachable.why(&host).or_else(|| unreachable.why(&url.origin())) {
            return Err(failing.error(kind, why).with_giving_up());
        }
        let started = Instant::now();
        let before = route.connections.load(Ordering::Relaxed);
        let mut asked = self.ask(route, url, request).map_err(|error| failing.request(error));
        // A connection that was kept may be closed just now: that says nothing.
        if let Err(Failure { kind: TransportErrorKind::Interrupted, .. }) = asked
            && route.connections.load(Ordering::Relaxed) == before
        {
            asked = self.ask(route, url, request).map_err(|error| failing.request(error));
        }
        let Failure { kind, why, while_connecting } = match asked {
            Ok(answer) => {
                unreachable.reached(&host);
                return Ok(Answer(answer));
            }
            Err(failure) => failure,
        };
        let error = failing.error(kind, why.as_str());
        let waited = started.elapsed() >= self.options.connect / 2;
        if kind == TransportErrorKind::OutOfTime {
            // That says nothing of the host.
        } else if !while_connecting {
            unreachable.reached(&host);
        } else if unreachable.failed(&host, (kind, &why), waited, self.options.connect_retries) {
            return Err(error.with_giving_up());
        }
        Err(error)
    }

    /// Sends one request.
    fn ask(
        &self,
        route: &Route,
        url: &Url,
        request: &Request<'_>,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
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
        if let Some(validators) = request.validators.filter(|_| self.is_first(url, request)) {
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
        if let Some(deadline) = request.deadline.into_iter().chain(self.options.deadline).min() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ureq::Error::Timeout(ureq::Timeout::Global));
            }
            get = get.config().timeout_global(Some(left)).build();
        }
        get.call()
    }

    /// Whether this is where the file is asked for, not where that was redirected to.
    fn is_first(&self, url: &Url, request: &Request<'_>) -> bool {
        *url == self.base.join(request.location.as_str())
    }

    /// Gets what is at `url`, redirects followed.
    fn get_url(&self, mut url: Url, request: &Request<'_>) -> Result<Response, TransportError> {
        let mut failing = Failing::new(&url, &self.options);
        let mut left = self.options.max_redirects;
        let answer = loop {
            let answer = self.send(&url, request, &mut failing)?;
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
        let is_first = self.is_first(&url, request);
        if let Some(asked) = request.validators.filter(|asked| is_first && !asked.is_empty())
            && answer.is_not_modified()
        {
            if answer.is_about(asked) {
                return Ok(Response::NotModified);
            }
            return self.get_url(url, &Request { validators: None, ..*request });
        }
        let extent = match answer.expect_file(request.range) {
            // Another part than the one asked for: then all of it.
            Err(_) if answer.is_part() && request.range.is_some() => {
                return self.get_url(url, &Request { range: None, ..*request });
            }
            Err((kind, why)) => return Err(self.refused(&answer, &url, &failing, kind, why)),
            Ok(extent) => extent,
        };
        // The next redirect may lead to another server, with a newer file of an older date.
        let is_kept = is_first || request.range.is_some();
        let (length, validators) =
            (answer.length(), if is_kept { answer.validators() } else { Validators::default() });
        let what = failing.what().to_owned();
        let reader = HttpReader::new(answer.into_reader(), failing, length);
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

    /// The error for an answer that is not the file. A host that asks to be left alone
    /// is.
    fn refused(
        &self,
        answer: &Answer,
        url: &Url,
        failing: &Failing,
        kind: TransportErrorKind,
        why: String,
    ) -> TransportError {
        if let Some(found) = answer.is_from_proxy()
            && let Some(error) = failing.of_proxy(&found)
        {
            return error;
        }
        let Some(wait) = answer.retry_after() else { return failing.error(kind, why) };
        let why = format!("{why}; the server asks for a pause of {} s", wait.as_secs());
        self.options.unreachable.leave_alone(&url.origin(), wait, (kind, &why));
        failing.error(kind, why).with_retry_after(wait)
    }
}

impl Transport for HttpTransport {
    fn name(&self) -> String {
        self.base.to_string()
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        self.get_url(self.base.join(request.location.as_str()), request)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("base", &self.name()).finish_non_exhaustive()
    }
}
