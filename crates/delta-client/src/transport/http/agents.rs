//! The connections that a transport keeps: direct ones, and ones through
//! proxies.
//!
//! Redirects, statuses and encodings are not followed, judged or decoded here:
//! ureq is told to leave all of that to us.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use base64::Engine as _;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, SocksConnector, TcpConnector};
use ureq::{Agent, Proxy, ProxyProtocol};

use super::HttpOptions;
use super::absolute::{ProxyAddress, ProxyConnector};
use super::heads::{Heads, MAX_HEAD};
use super::paced::{Pace, Pacer};
use super::tls::Tls;
use super::url::{Credentials, Scheme, Url};

/// After this time even a body that keeps coming is given up. Where there is a
/// minimum rate, that is what ends slow ones.
const BACKSTOP: Duration = Duration::from_secs(12 * 60 * 60);

/// Servers commonly close idle connections after five seconds; one that is
/// about to be closed is better not used again.
const IDLE: Duration = Duration::from_secs(4);

/// One way to reach servers, and what has to be sent along it.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) agent: Agent,
    /// What messages call the proxy, if there is one: without credentials.
    pub(super) proxy: Option<String>,
    /// How many connections were made.
    pub(super) connections: Arc<AtomicU64>,
    /// The value of `Proxy-Authorization`, where the proxy sees our headers.
    pub(super) proxy_authorization: Option<String>,
}

/// The routes to hosts that need no proxy, and to others by scheme.
#[derive(Debug)]
pub(super) struct Routes {
    direct: Route,
    http: Option<Route>,
    https: Option<Route>,
    tls: Tls,
}

impl Routes {
    pub(super) fn new(options: &HttpOptions) -> Self {
        let tls = Tls::new(options.cacert.as_ref(), options.certificate.as_ref());
        // Checked when they were read.
        let proxy = |scheme| options.proxies.for_scheme(scheme).and_then(|url| Proxy::new(url).ok());
        Self {
            direct: tunnelled(options, &tls, None),
            http: proxy(Scheme::Http).map(|proxy| match proxy.protocol() {
                ProxyProtocol::Http | ProxyProtocol::Https => forwarded(options, &tls, &proxy),
                _ => tunnelled(options, &tls, Some(proxy)),
            }),
            https: proxy(Scheme::Https).map(|proxy| tunnelled(options, &tls, Some(proxy))),
            tls,
        }
    }

    /// Why no https server can be trusted, if so.
    pub(super) fn no_trust(&self) -> Option<&str> {
        self.tls.no_trust()
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

/// Directly to the server, or through a tunnel.
fn tunnelled(options: &HttpOptions, tls: &Tls, proxy: Option<Proxy>) -> Route {
    let shown = proxy.as_ref().map(shown);
    let (pacer, connections) = pacer(options);
    let connector =
        ().chain(SocksConnector::default())
            .chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(pacer)
            .chain(tls.clone())
            .chain(Heads { is_proxied: false });
    let agent = Agent::with_parts(config(options, proxy), connector, DefaultResolver::default());
    Route { agent, proxy: shown, connections, proxy_authorization: None }
}

/// To an HTTP proxy, which is asked for the whole URL.
fn forwarded(options: &HttpOptions, tls: &Tls, proxy: &Proxy) -> Route {
    let uri = proxy.uri().clone();
    let credentials = (proxy.username().is_some() || proxy.password().is_some())
        .then(|| Credentials::new(proxy.username().unwrap_or(""), proxy.password().unwrap_or("")));
    let resolver = ProxyAddress { proxy: uri.clone(), inner: DefaultResolver::default() };
    let (pacer, connections) = pacer(options);
    let connector = ().chain(ProxyConnector::new(uri, pacer, tls.clone())).chain(Heads { is_proxied: true });
    let agent = Agent::with_parts(config(options, None), connector, resolver);
    let proxy_authorization = credentials.as_ref().map(basic);
    Route { agent, proxy: Some(shown(proxy)), connections, proxy_authorization }
}

fn pacer(options: &HttpOptions) -> (Pacer, Arc<AtomicU64>) {
    let connections = Arc::<AtomicU64>::default();
    let pace = Pace { period: options.stall, min_rate: options.min_rate };
    (Pacer { pace, connections: Arc::clone(&connections) }, connections)
}

/// The URL of a proxy without user name and password.
fn shown(proxy: &Proxy) -> String {
    format!("{}://{}:{}", proxy.uri().scheme_str().unwrap_or("http"), proxy.host(), proxy.port())
}

fn config(options: &HttpOptions, proxy: Option<Proxy>) -> ureq::config::Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        // TLS is our own connector's business.
        .tls_config(TlsConfig::builder().root_certs(ureq::tls::RootCerts::new_with_certs(&[])).build())
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
pub(super) fn basic(credentials: &Credentials) -> String {
    let pair = [&credentials.user[..], b":", &credentials.password].concat();
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
