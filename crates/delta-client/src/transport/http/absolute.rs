//! Plain http through an HTTP proxy: the request line names the whole URL.
//!
//! Proxies commonly allow tunnels to port 443 only, and caching ones can cache only what they
//! see. So for http URLs the connection leads to the proxy, and the request line is put into
//! the form that proxies expect ([`absolute`], called by `heads`). TLS to a web server never
//! comes through here.
//!
//! The stable interface of ureq (3.5) has no other way: a [`ureq::Proxy`] of protocol http or
//! https opens a tunnel (`CONNECT`) for every URL, and what stands in a request line is the
//! path of an `http::Uri`, which has to begin with a slash. Resolvers and connectors are in
//! its `unversioned` module only, from which `paced`, `tls` and `heads` are made, too.

use std::fmt;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport};

use super::paced::Pacer;
use super::tls::Tls;

/// Resolves every name to the address of the proxy.
#[derive(Debug)]
pub(super) struct ProxyAddress {
    pub(super) proxy: Uri,
    pub(super) inner: DefaultResolver,
}

impl Resolver for ProxyAddress {
    fn resolve(
        &self,
        _uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.inner.resolve(&self.proxy, config, timeout)
    }
}

/// Connects to the proxy, with TLS if its own URL says https.
pub(super) struct ProxyConnector {
    proxy: Uri,
    inner: Box<dyn Connector<(), Out = Box<dyn Transport>>>,
}

impl ProxyConnector {
    pub(super) fn new(proxy: Uri, pacer: Pacer, tls: Tls) -> Self {
        let inner = ().chain(TcpConnector::default()).chain(pacer).chain(tls);
        Self { proxy, inner: Box::new(inner) }
    }
}

impl fmt::Debug for ProxyConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyConnector")
    }
}

impl Connector<()> for ProxyConnector {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Box<dyn Transport>>, ureq::Error> {
        let to_proxy = ConnectionDetails {
            uri: &self.proxy,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        self.inner.connect(&to_proxy, chained)
    }
}

/// The head of a GET request with its URL whole; nothing where there is none.
pub(super) fn absolute(head: &[u8], origin: &str) -> Option<Vec<u8>> {
    let path = head.strip_prefix(b"GET ").filter(|path| path.starts_with(b"/"))?;
    Some([b"GET ", origin.as_bytes(), path].concat())
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn only_request_lines_are_changed() {
        assert_eq!(
            absolute(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "http://h:81").unwrap(),
            b"GET http://h:81/a HTTP/1.1\r\nHost: h\r\n\r\n"
        );
        assert_eq!(absolute(b"Host: h\r\n\r\n", "http://h:81"), None);
        assert_eq!(absolute(b"GET http://h/a HTTP/1.1\r\n", "http://h"), None);
    }
}
