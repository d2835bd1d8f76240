//! What a transport is told.

use std::time::{Duration, Instant};

use super::netrc::Netrc;
use super::proxy::Proxies;
use super::tls::{Authorities, ClientCertificate};
use super::unreachable::Unreachable;
use super::url::Credentials;

/// How patient a transport is, whom it trusts, and how it introduces itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// For finding the host, and again for connecting to it, TLS included.
    /// Default: 10 seconds.
    pub connect: Duration,
    /// From the request to the complete head of the answer. Default: 30 seconds.
    pub answer: Duration,
    /// The longest time without a byte, in the head or in the body, and the
    /// period that [`HttpOptions::min_rate`] is for. It does not limit the whole
    /// download. Default: 30 seconds.
    pub stall: Duration,
    /// The bytes per second that must come, on average over any period of `stall`
    /// spent waiting; 0 for no such demand. Default: 1000.
    pub min_rate: u32,
    /// How often a host that cannot be reached is tried again before it is given
    /// up for as long as [`HttpOptions::unreachable`] lives. An attempt that took
    /// half of `connect` or more counts twice. Default: 3.
    pub connect_retries: u32,
    /// The hosts that were given up. Transports that are made with clones of these
    /// options share it. Default: a fresh one.
    pub unreachable: Unreachable,
    /// Nothing is waited for after that time, whatever a request says. Default:
    /// none.
    pub deadline: Option<Instant>,
    /// How many redirects are followed for one file. Default: 5.
    pub max_redirects: u32,
    /// The value of `User-Agent`. Default: `createrepo-delta/` and the version.
    pub user_agent: String,
    /// Default: none. [`Proxies::from_env`] honours the usual variables.
    pub proxies: Proxies,
    /// Who certifies servers, instead of those whom the system trusts. Default:
    /// the system's.
    pub cacert: Option<Authorities>,
    /// What is shown to servers that want a client certificate. Default: none.
    pub certificate: Option<ClientCertificate>,
    /// The user name and password for the server of the base URL (scheme, host
    /// and port), where the URL has none. Default: none.
    pub credentials: Option<Credentials>,
    /// Where neither the URL nor `credentials` says it: user names and passwords
    /// by host. Default: none.
    pub netrc: Option<Netrc>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            min_rate: 1000,
            connect_retries: 3,
            unreachable: Unreachable::default(),
            deadline: None,
            max_redirects: 5,
            user_agent: concat!("createrepo-delta/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::default(),
            cacert: None,
            certificate: None,
            credentials: None,
            netrc: None,
        }
    }
}

with_methods!(HttpOptions {
    with_connect: connect = Duration;
    with_answer: answer = Duration;
    with_stall: stall = Duration;
    with_min_rate: min_rate = u32;
    with_connect_retries: connect_retries = u32;
    with_unreachable: unreachable = Unreachable;
    with_deadline: deadline = impl Into<Option<Instant>>;
    with_max_redirects: max_redirects = u32;
    with_user_agent: user_agent = impl Into<String>;
    with_proxies: proxies = Proxies;
    with_cacert: cacert = impl Into<Option<Authorities>>;
    with_certificate: certificate = impl Into<Option<ClientCertificate>>;
    with_credentials: credentials = impl Into<Option<Credentials>>;
    with_netrc: netrc = impl Into<Option<Netrc>>;
});

impl HttpOptions {
    /// What is sent to the server of this URL.
    pub(super) fn credentials_for(&self, url: &str, of_url: Option<Credentials>) -> Option<Credentials> {
        let of_file = || self.netrc.as_ref()?.credentials(url);
        of_url.or_else(|| self.credentials.clone()).or_else(of_file)
    }
}
