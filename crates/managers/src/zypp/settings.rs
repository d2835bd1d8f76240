//! Settings that zypper takes from the query of a URL: proxies, certificates,
//! time-outs, and which file has the password. They are not sent to the server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::network::{Login, Proxy};
use crate::{Obstacle, urls};

/// What is no part of the URL that the server sees.
const KNOWN: [&str; 16] = [
    "auth",
    "cookies",
    "credentials",
    "head_requests",
    "mediahandler",
    "password",
    "proxy",
    "proxypass",
    "proxyport",
    "proxyuser",
    "ssl_capath",
    "ssl_clientcert",
    "ssl_clientkey",
    "ssl_verify",
    "timeout",
    "username",
];

/// The longest time-out.
const MAX_TIMEOUT: u64 = 3600;

/// The word for no proxy.
const NO_PROXY: &str = "_none_";

/// What one URL says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// `None` where the system decides.
    pub(super) proxy: Option<Proxy>,
    pub(super) timeout: Option<Duration>,
    pub(super) ca: Option<PathBuf>,
    pub(super) client_certificate: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
    /// The file with user name and password.
    pub(super) credentials: Option<String>,
    pub(super) obstacles: Vec<Obstacle>,
}

/// A URL as the server sees it, and what else it says. `proxy` is that of the
/// repository.
pub(super) fn of_url(url: &str, proxy: Option<&str>) -> (String, Settings) {
    let scheme = urls::scheme(url);
    if !matches!(&*scheme, "http" | "https") {
        return (url.to_owned(), Settings::default());
    }
    // zypper sends no fragment.
    let url = url.split('#').next().unwrap_or_default();
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let base = with_plain_path(base);
    let mut values = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        values.insert(decoded(key), pair);
    }
    let get = |key: &str| {
        let value = values.get(key)?.split_once('=')?.1;
        Some(decoded(value)).filter(|value| !value.is_empty())
    };
    let settings = settings(&scheme, proxy, get);
    // zypper sorts what is left.
    values.retain(|key, _| !KNOWN.contains(&&**key));
    let rest = values.into_values().collect::<Vec<_>>().join("&");
    (if rest.is_empty() { base } else { format!("{base}?{rest}") }, settings)
}

/// The URL with the path as zypper sends it: no empty parts, and no points.
fn with_plain_path(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

fn settings(scheme: &str, proxy: Option<&str>, get: impl Fn(&str) -> Option<String>) -> Settings {
    let mut obstacles = Vec::new();
    if scheme == "https"
        && let Some(value) = get("ssl_verify").filter(|value| !verifies(value))
    {
        obstacles.push(Obstacle::new("no_tls_verification", format!("`ssl_verify` is `{value}`")));
    }
    if let Some(value) = get("auth").filter(|value| !value.split(',').any(|word| word.trim() == "basic")) {
        obstacles.push(Obstacle::new("unsupported_authentication", format!("`auth` is `{value}`")));
    }
    let own = get("proxy").map(|own| with_port(&own, get("proxyport").as_deref()));
    let proxy = own.unwrap_or_else(|| proxy.and_then(|proxy| with_port(proxy, None)));
    let proxy = match (proxy, get("proxyuser")) {
        (Some(Proxy::Url(url)), Some(user)) => {
            let password = get("proxypass").unwrap_or_default();
            Some(Proxy::Url(urls::with_user(&urls::without_user(&url), &user, &password)))
        }
        (proxy, _) => proxy,
    };
    let seconds = get("timeout").and_then(|value| value.parse().ok()).filter(|value| *value <= MAX_TIMEOUT);
    let path = |key: &str| get(key).map(PathBuf::from);
    Settings {
        proxy,
        timeout: seconds.map(Duration::from_secs),
        ca: path("ssl_capath"),
        client_certificate: path("ssl_clientcert"),
        client_key: path("ssl_clientkey"),
        credentials: get("credentials"),
        obstacles,
    }
}

/// Whether both the certificate and the name in it are looked at.
fn verifies(value: &str) -> bool {
    let has = |wanted: &str| value.split(',').any(|word| word == wanted);
    value == "yes" || has("host") && has("peer")
}

fn with_port(proxy: &str, port: Option<&str>) -> Option<Proxy> {
    if proxy.is_empty() {
        return None;
    }
    if proxy == NO_PROXY {
        return Some(Proxy::None);
    }
    let proxy = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    Some(Proxy::Url(port.map_or(proxy.clone(), |port| format!("{proxy}:{port}"))))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The user name and password of a file go into a URL without a password.
pub(super) fn with_login(url: &str, login: Option<&Login>) -> String {
    match login {
        Some(login) if !urls::user(url).1 => {
            urls::with_user(&urls::without_user(url), &login.user, &login.password)
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The URLs were compared with those that zypper 1.14.42 asks for.
    #[test]
    fn what_is_a_setting_is_not_sent() {
        for (url, expected) in [
            ("http://h/r?a=b&ssl_verify=no&timeout=5&c=d%20f", "http://h/r?a=b&c=d%20f"),
            ("http://h/r?z=1&a=2", "http://h/r?a=2&z=1"),
            ("http://h/r?z=1&a=2&timeout=5", "http://h/r?a=2&z=1"),
            ("http://h/r?TOKEN&credentials=SCC", "http://h/r?TOKEN"),
            ("http://h/r?credentials=SCC", "http://h/r"),
            ("http://h/r?x#frag", "http://h/r?x"),
            ("http://u:p@h/./a//b/../r//?x", "http://u:p@h/a/r?x"),
            ("http://h", "http://h/"),
            ("dir:/x?timeout=5", "dir:/x?timeout=5"),
        ] {
            assert_eq!(of_url(url, None).0, expected, "{url}");
        }
    }

    #[test]
    fn settings_of_a_url() {
        let (_, settings) = of_url(
            "https://h/r?proxy=p&proxyport=3128&proxyuser=u%40x&proxypass=s&ssl_capath=/ca&ssl_clientcert=/c\
             &ssl_clientkey=/k&timeout=7&credentials=SCC",
            Some("http://other"),
        );
        let expected = Settings {
            proxy: Some(Proxy::Url("http://u%40x:s@p:3128".to_owned())),
            timeout: Some(Duration::from_secs(7)),
            ca: Some("/ca".into()),
            client_certificate: Some("/c".into()),
            client_key: Some("/k".into()),
            credentials: Some("SCC".to_owned()),
            obstacles: Vec::new(),
        };
        assert_eq!(settings, expected);
        let code = |url: &str| of_url(url, None).1.obstacles.first().map(|obstacle| obstacle.code);
        assert_eq!(code("https://h/?ssl_verify=no"), Some("no_tls_verification"));
        assert_eq!(code("https://h/?ssl_verify=peer"), Some("no_tls_verification"));
        assert_eq!(code("https://h/?ssl_verify=host,peer"), None);
        assert_eq!(code("https://h/?auth=digest"), Some("unsupported_authentication"));
        assert_eq!(code("https://h/?auth=digest,basic"), None);
    }

    #[test]
    fn no_proxy_has_a_word() {
        let proxy = |url: &str, own| of_url(url, own).1.proxy;
        assert_eq!(proxy("http://h/", None), None);
        assert_eq!(proxy("http://h/", Some("")), None);
        assert_eq!(proxy("http://h/", Some("_none_")), Some(Proxy::None));
        assert_eq!(proxy("http://h/?proxy=_none_", Some("http://p")), Some(Proxy::None));
        assert_eq!(proxy("http://h/?a", Some("p:80")), Some(Proxy::Url("http://p:80".to_owned())));
    }
}
