//! Which proxy a request takes: the rules of the usual variables.
//!
//! The variables are read where the caller says so, never behind its back.
//! How a proxy is spoken to is not decided here.

use std::fmt;
use std::net::IpAddr;

use super::url::{Scheme, Url};
use crate::transport::{TransportError, TransportErrorKind};

/// Proxies, and the hosts that need none. The default is no proxy at all.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<String>,
    https: Option<String>,
    exempt: Vec<Exempt>,
}

impl Proxies {
    /// The proxies that the environment names: `http_proxy` for http URLs,
    /// `https_proxy` for https URLs, `all_proxy` for both where these are not
    /// set, and `no_proxy` for hosts that are reached directly.
    ///
    /// Each name is also looked for in upper case, but for `HTTP_PROXY`: in a CGI
    /// program that is a header which the visitor sent. libcurl has the same rules.
    ///
    /// # Errors
    /// A variable that is set, and is not the URL of a proxy.
    pub fn from_env() -> Result<Self, TransportError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// [`Proxies::from_env`], with `variable` instead of the environment.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, TransportError> {
        let set = |name: &'static str| {
            variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        };
        let all = || set("all_proxy").or_else(|| set("ALL_PROXY"));
        let exempt = set("no_proxy").or_else(|| set("NO_PROXY"));
        Ok(Self {
            http: set("http_proxy").or_else(all).map(checked).transpose()?,
            https: set("https_proxy").or_else(|| set("HTTPS_PROXY")).or_else(all).map(checked).transpose()?,
            exempt: exempt.map(|(_, list)| parse_exempt(&list)).unwrap_or_default(),
        })
    }

    /// The proxy for URLs of this scheme, for hosts that are not exempt.
    pub(super) fn for_scheme(&self, scheme: Scheme) -> Option<&str> {
        match scheme {
            Scheme::Http => self.http.as_deref(),
            Scheme::Https => self.https.as_deref(),
        }
    }

    /// Whether the host of this URL is reached directly.
    pub(super) fn is_exempt(&self, url: &Url) -> bool {
        self.exempt.iter().any(|exempt| exempt.covers(&url.host, url.port))
    }
}

impl fmt::Debug for Proxies {
    /// Without the URLs, which may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("exempt", &self.exempt)
            .finish()
    }
}

/// Makes sure that ureq takes the URL that a variable names; its message may not repeat it.
fn checked((name, value): (&str, String)) -> Result<String, TransportError> {
    let value = value.trim();
    let refused = |_| {
        let why = "expected `http://HOST:PORT`, `https://…` or `socks5://…`, found something else";
        let message = format!("cannot use the proxy that variable `{name}` names: {why}");
        TransportError::new(TransportErrorKind::Other, message)
    };
    ureq::Proxy::new(value).map(|_| value.to_owned()).map_err(refused)
}

fn parse_exempt(list: &str) -> Vec<Exempt> {
    list.split([',', ' ']).filter_map(Exempt::parse).collect()
}

/// One entry of `no_proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exempt {
    Everything,
    /// A domain and all below it, and a port if only that is meant.
    Domain(String, Option<u16>),
    /// Addresses that begin with these bits.
    Network(IpAddr, u8),
}

impl Exempt {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return None;
        }
        if text == "*" {
            return Some(Self::Everything);
        }
        let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        if let Ok(address) = address.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|&n| n <= most))?;
            return Some(Self::Network(address, bits));
        }
        let (domain, port) = match text.rsplit_once(':') {
            Some((domain, port)) => (domain, Some(port.parse().ok()?)),
            None => (text.as_str(), None),
        };
        let domain = domain.trim_start_matches('*').trim_matches('.');
        (!domain.is_empty()).then(|| Self::Domain(domain.to_owned(), port))
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        match self {
            Self::Everything => true,
            Self::Domain(domain, only) => {
                let host = host.trim_end_matches('.');
                let below = host.strip_suffix(domain.as_str());
                only.is_none_or(|only| only == port)
                    && below.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
            }
            Self::Network(network, bits) => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                host.parse().is_ok_and(|address| same_network(*network, address, *bits))
            }
        }
    }
}

fn same_network(network: IpAddr, address: IpAddr, bits: u8) -> bool {
    let differing = match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    differing >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::Proxies;
    use crate::transport::http::url::{Scheme, Url};

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let variables: std::collections::BTreeMap<_, _> = variables.iter().copied().collect();
        Proxies::from_variables(|name| variables.get(name).map(|&value| value.to_owned())).unwrap()
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let p = proxies(&[("http_proxy", "http://a:1"), ("HTTPS_PROXY", "b:2"), ("all_proxy", "c:3")]);
        assert_eq!(p.for_scheme(Scheme::Http), Some("http://a:1"));
        assert_eq!(p.for_scheme(Scheme::Https), Some("b:2"));
        let p = proxies(&[("ALL_PROXY", "socks5h://c:3"), ("http_proxy", "")]);
        assert_eq!(p.for_scheme(Scheme::Http), Some("socks5h://c:3"));
        assert_eq!(p.for_scheme(Scheme::Https), Some("socks5h://c:3"));
        assert_eq!(proxies(&[]).for_scheme(Scheme::Http), None);
    }

    #[test]
    fn the_variable_that_a_visitor_of_a_web_server_may_set_is_ignored() {
        assert_eq!(proxies(&[("HTTP_PROXY", "http://evil:1")]).for_scheme(Scheme::Http), None);
    }

    #[test]
    fn what_is_no_proxy_is_named_without_its_password() {
        let variable = |name: &str| (name == "https_proxy").then(|| "ftp://me:secret@h:1".to_owned());
        let error = Proxies::from_variables(variable).unwrap_err().to_string();
        assert!(error.contains("`https_proxy`") && !error.contains("secret"), "{error}");
        assert!(!format!("{:?}", proxies(&[("http_proxy", "me:secret@h:1")])).contains("secret"));
    }

    #[test]
    fn exempt_hosts_are_found_by_domain_port_and_network() {
        let exempt = |list: &str, url: &str| {
            let p = proxies(&[("http_proxy", "p:1"), ("no_proxy", list)]);
            p.is_exempt(&Url::absolute(url).unwrap().0)
        };
        assert!(exempt("*", "http://any/"));
        assert!(exempt("x.org,example.com", "http://example.com/"));
        assert!(exempt(".example.com", "http://a.b.example.com/"));
        assert!(exempt("*.example.com", "http://a.example.com/"));
        assert!(exempt("EXAMPLE.com:8080", "http://example.com:8080/"));
        assert!(!exempt("example.com:8080", "http://example.com/"));
        assert!(!exempt("example.com", "http://badexample.com/"));
        assert!(exempt("10.0.0.0/8 fc00::/7", "http://10.1.2.3/"));
        assert!(exempt("10.0.0.0/8 fc00::/7", "http://[fd00::1]/"));
        assert!(!exempt("10.0.0.0/8", "http://11.0.0.1/"));
        assert!(exempt("127.0.0.1", "http://127.0.0.1:8080/"));
        assert!(exempt("0.0.0.0/0", "http://1.2.3.4/"));
        assert!(!exempt("", "http://example.com/"));
    }
}
