//! Plain http through an HTTP proxy: the request line names the whole URL.
//!
//! ureq opens a tunnel (`CONNECT`) through every HTTP proxy. Proxies commonly
//! allow tunnels to port 443 only, and caching ones can cache only what they
//! see. So for http URLs the connection leads to the proxy, and what is sent is
//! put into the form that proxies expect. TLS to a web server never comes
//! through here.

use std::fmt;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};

use super::heads::{Heads, Mending};
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
    inner: Box<dyn Connector<(), Out = Mending<Box<dyn Transport>>>>,
}

impl ProxyConnector {
    pub(super) fn new(proxy: Uri, pacer: Pacer, tls: Tls) -> Self {
        let inner = ().chain(TcpConnector::default()).chain(pacer).chain(tls).chain(Heads);
        Self { proxy, inner: Box::new(inner) }
    }
}

impl fmt::Debug for ProxyConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyConnector")
    }
}

impl Connector<()> for ProxyConnector {
    type Out = AbsoluteForm;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<AbsoluteForm>, ureq::Error> {
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
        let inner = self.inner.connect(&to_proxy, chained)?;
        let authority = details.uri.authority().map(ToString::to_string).unwrap_or_default();
        Ok(inner.map(|inner| AbsoluteForm { inner, origin: format!("http://{authority}") }))
    }
}

/// A connection whose requests are put into absolute form on their way out.
#[derive(Debug)]
pub(super) struct AbsoluteForm {
    inner: Mending<Box<dyn Transport>>,
    origin: String,
}

impl Transport for AbsoluteForm {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let output = self.inner.buffers().output();
        // ureq writes the head of a request, which has no body, in one piece.
        let amount = match absolute(&output[..amount], &self.origin) {
            Some(head) => {
                let place = output.get_mut(..head.len());
                let place = place.ok_or_else(|| ureq::Error::Other("the request is too long".into()))?;
                place.copy_from_slice(&head);
                head.len()
            }
            None => amount,
        };
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

/// The head of a GET request with its URL whole; nothing where there is none.
fn absolute(head: &[u8], origin: &str) -> Option<Vec<u8>> {
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
