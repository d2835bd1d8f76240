//! The connections that a transport keeps: direct ones, and ones through
//! proxies.
//!
//! Redirects, statuses and encodings are not followed, judged or decoded here:
//! ureq is told to leave all of that to us.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, Proxy, ProxyProtocol};

use super::HttpOptions;
use super::absolute::{ProxyAddress, ProxyConnector};
use super::url::{Scheme, Url};

/// After this time even a body that keeps coming is given up.
const BACKSTOP: Duration = Duration::from_secs(24 * 60 * 60);

/// Servers commonly close idle connections after five seconds; one that is
/// about to be closed is better not used again.
const IDLE: Duration = Duration::from_secs(4);

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// One way to reach servers, and what has to be sent along it.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) agent: Agent,
    /// The value of `Proxy-Authorization`, where the proxy sees our headers.
    pub(super) proxy_authorization: Option<String>,
}

/// The routes to hosts that need no proxy, and to others by scheme.
#[derive(Debug)]
pub(super) struct Routes {
    direct: Route,
    http: Option<Route>,
    https: Option<Route>,
    /// Why no server can be trusted, if so.
    no_trust: Option<String>,
}

impl Routes {
    pub(super) fn new(options: &HttpOptions) -> Self {
        let (tls, no_trust) = system_tls();
        // Checked when the variables were read.
        let proxy = |scheme| options.proxies.of(scheme).and_then(|url| Proxy::new(url).ok());
        Self {
            direct: tunnelled(options, &tls, None),
            http: proxy(Scheme::Http).map(|proxy| match proxy.protocol() {
                ProxyProtocol::Http | ProxyProtocol::Https => forwarded(options, &tls, &proxy),
                _ => tunnelled(options, &tls, Some(proxy)),
            }),
            https: proxy(Scheme::Https).map(|proxy| tunnelled(options, &tls, Some(proxy))),
            no_trust,
        }
    }

    /// Why no https server can be trusted, if so.
    pub(super) fn no_trust(&self) -> Option<&str> {
        self.no_trust.as_deref()
    }

    /// The route to the server of `url`.
    pub(super) fn to(&self, url: &Url, options: &HttpOptions) -> &Route {
        let proxied = match url.scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        proxied.as_ref().filter(|_| !options.proxies.is_exempt(url)).unwrap_or(&self.direct)
    }
}

/// TLS with the certificate authorities that the system trusts.
fn system_tls() -> (TlsConfig, Option<String>) {
    let found = rustls_native_certs::load_native_certs();
    let no_trust = found.certs.is_empty().then(|| match found.errors.first() {
        Some(error) => format!("the system's certificates cannot be read: {error}"),
        None => "the system has no certificates of certificate authorities".to_owned(),
    });
    let roots: Vec<_> = found.certs.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::from(roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    (tls, no_trust)
}

/// Directly to the server, or through a tunnel.
fn tunnelled(options: &HttpOptions, tls: &TlsConfig, proxy: Option<Proxy>) -> Route {
    Route { agent: config(options, tls, proxy).into(), proxy_authorization: None }
}

/// To an HTTP proxy, which is asked for the whole URL.
fn forwarded(options: &HttpOptions, tls: &TlsConfig, proxy: &Proxy) -> Route {
    let uri: Uri = proxy.uri().clone();
    let credentials = (proxy.username().is_some() || proxy.password().is_some()).then(|| {
        let (user, password) = (proxy.username().unwrap_or(""), proxy.password().unwrap_or(""));
        basic(user.as_bytes(), password.as_bytes())
    });
    let resolver = ProxyAddress { proxy: uri.clone(), inner: DefaultResolver::default() };
    let agent = Agent::with_parts(config(options, tls, None), ProxyConnector::new(uri), resolver);
    Route { agent, proxy_authorization: credentials }
}

fn config(options: &HttpOptions, tls: &TlsConfig, proxy: Option<Proxy>) -> ureq::config::Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .tls_config(tls.clone())
        .user_agent(&options.user_agent)
        .timeout_resolve(Some(options.connect))
        .timeout_connect(Some(options.connect))
        .timeout_send_request(Some(options.answer))
        .timeout_recv_response(Some(options.answer))
        .timeout_recv_body(Some(BACKSTOP))
        .timeout_per_read(Some(options.stall))
        .timeout_per_write(Some(options.stall))
        .max_response_header_size(MAX_HEAD)
        .max_idle_connections_per_host(8)
        .max_idle_age(IDLE)
        .build()
}

/// The value of a header that carries user name and password.
pub(super) fn basic(user: &[u8], password: &[u8]) -> String {
    let pair = [user, b":", password].concat();
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
