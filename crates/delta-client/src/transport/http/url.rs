//! URLs of the schemes http and https: what is fetched, and where redirects may
//! lead.
//!
//! Only what a repository needs: no user names in what is kept, no fragments.
//! Host names are put into ASCII (IDNA). Text is escaped where it has to be and
//! otherwise left as it is.

use std::fmt;

use codec::Algorithm;

/// The longest URL that is followed, in bytes.
const MAX_LENGTH: usize = 8192;

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme.as_str()))
    }
}

/// An absolute URL without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: Scheme,
    /// In lower case; an IPv6 address in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Starts with `/`; escaped.
    path: String,
    /// Starts with `?`, or is empty; escaped.
    query: String,
}

/// A user name and a password, as they are sent to a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(super) user: Vec<u8>,
    pub(super) password: Vec<u8>,
}

impl Url {
    /// Reads the base URL of a repository, as an operator writes it.
    ///
    /// The error is a clause about the URL that does not repeat it, because it
    /// may hold a password.
    pub(super) fn base(text: &str) -> Result<(Self, Option<Credentials>), String> {
        let (mut url, credentials) = Self::absolute(text.trim())?;
        if text.contains('#') {
            return Err("expected a base URL, found a fragment in it".to_owned());
        }
        if !url.path.ends_with('/') {
            url.path.push('/');
        }
        Ok((url, credentials))
    }

    /// Reads an absolute URL; a fragment is dropped.
    pub(super) fn absolute(text: &str) -> Result<(Self, Option<Credentials>), String> {
        if text.len() > MAX_LENGTH {
            return Err(format!("expected a URL of at most {MAX_LENGTH} bytes, found {}", text.len()));
        }
        let (scheme, rest) = split_scheme(text).ok_or("expected a URL with a scheme, found none")?;
        let Some(scheme) = Scheme::parse(scheme) else {
            return Err(format!("expected scheme http or https, found `{}`", scheme.escape_debug()));
        };
        let rest = rest.strip_prefix("//").ok_or("expected `//` after the scheme, found something else")?;
        let rest = without_fragment(rest);
        let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let server = Server::parse(scheme, authority)?;
        let (path, query) = path_and_query(rest);
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let Server { host, port, credentials } = server;
        Ok((Self { scheme, host, port, path, query }, credentials))
    }

    /// The URL of a file below this one, whose path ends with `/`. Its query
    /// belongs to each of the files.
    pub(super) fn join(&self, location: &str) -> Self {
        Self { path: format!("{}{}", self.path, escape(location)), ..self.clone() }
    }

    /// Where a redirect leads from here, if it is one that may be followed:
    /// within http and https, never from https to http, without credentials.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, String> {
        let location = without_fragment(location.trim());
        let target = if split_scheme(location).is_some() {
            let (target, credentials) = Self::absolute(location)?;
            refuse_credentials(credentials.as_ref())?;
            target
        } else if location.starts_with("//") {
            let (target, credentials) = Self::absolute(&format!("{}:{location}", self.scheme.as_str()))?;
            refuse_credentials(credentials.as_ref())?;
            target
        } else {
            if location.len() > MAX_LENGTH {
                return Err(format!("expected a URL of at most {MAX_LENGTH} bytes"));
            }
            let (path, query) = path_and_query(location);
            let path = match path.as_str() {
                "" => self.path.clone(),
                absolute if absolute.starts_with('/') => absolute.to_owned(),
                relative => {
                    let parent = self.path.rfind('/').map_or("/", |slash| &self.path[..=slash]);
                    format!("{parent}{relative}")
                }
            };
            let query = if location.is_empty() { self.query.clone() } else { query };
            Self { path: without_dots(&path), query, ..self.clone() }
        };
        if self.scheme == Scheme::Https && target.scheme == Scheme::Http {
            return Err("expected to stay with https, found a redirect to http".to_owned());
        }
        Ok(target)
    }

    /// What tells it from other URLs, with a query and a user name as a digest: they may be secret.
    pub(super) fn identity(&self, credentials: Option<&Credentials>) -> String {
        let user = credentials.map(|credentials| &*credentials.user).unwrap_or_default();
        if self.query.is_empty() && user.is_empty() {
            return self.to_string();
        }
        let digest = Algorithm::Sha256.digest(&[self.query.as_bytes(), b"\0", user].concat());
        format!("{}{} {digest}", self.origin(), self.path)
    }

    /// Whether both are on the same server: scheme, host and port.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }

    /// The whole URL, to be sent.
    pub(super) fn to_text(&self) -> String {
        format!("{}{}{}", self.origin(), self.path, self.query)
    }

    /// Scheme, host, and the port unless it is the scheme's own.
    pub(super) fn origin(&self) -> String {
        let scheme = self.scheme.as_str();
        if self.port == self.scheme.default_port() {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Url {
    /// For messages: a query may be a key to the file, and is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = if self.query.is_empty() { "" } else { "?…" };
        write!(f, "{}{}{query}", self.origin(), self.path)
    }
}

impl Credentials {
    /// To be sent as they are; nothing in them is escaped.
    #[must_use]
    pub fn new(user: &str, password: &str) -> Self {
        Self { user: user.as_bytes().to_vec(), password: password.as_bytes().to_vec() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

fn refuse_credentials(credentials: Option<&Credentials>) -> Result<(), String> {
    match credentials {
        Some(_) => Err("expected a redirect without user name, found one with it".to_owned()),
        None => Ok(()),
    }
}

/// Splits at the colon that ends a scheme; a colon in a path is none.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut characters = scheme.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let others = characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (first && others).then_some((scheme, rest))
}

fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

/// What stands between the scheme and the path.
struct Server {
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

impl Server {
    fn parse(scheme: Scheme, authority: &str) -> Result<Self, String> {
        let parsed = url::Url::parse(&format!("{}://{authority}", scheme.as_str()))
            .map_err(|error| format!("expected a host name or an address, found an {error}"))?;
        let port = parsed.port().unwrap_or(scheme.default_port());
        if port == 0 {
            return Err("expected a port from 1 to 65535, found 0".to_owned());
        }
        // What is no escape stays as it is.
        let decode = |text: &str| percent_encoding::percent_decode_str(text).collect();
        let (user, password) = (parsed.username(), parsed.password());
        let credentials = (!user.is_empty() || password.is_some())
            .then(|| Credentials { user: decode(user), password: decode(password.unwrap_or_default()) });
        Ok(Self { host: parsed.host_str().unwrap_or_default().to_owned(), port, credentials })
    }
}

/// Splits what follows the host, and escapes both parts.
fn path_and_query(text: &str) -> (String, String) {
    match text.split_once('?') {
        Some((path, query)) => (escape(path), format!("?{}", escape(query))),
        None => (escape(text), String::new()),
    }
}

/// Escapes what must not stand in a URL; existing escapes stay.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%?".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Resolves `.` and `..` in an absolute path.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut components = path.split('/').skip(1).peekable();
    while let Some(component) = components.next() {
        let last = components.peek().is_none();
        match component {
            "." | ".." => {
                if component == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Scheme, Url};

    fn url(text: &str) -> Url {
        Url::absolute(text).unwrap().0
    }

    #[test]
    fn a_base_is_taken_as_operators_write_it() {
        let base = |text| Url::base(text).unwrap().0.to_text();
        assert_eq!(base("http://Example.com"), "http://example.com/");
        assert_eq!(base("https://example.com:8443/a/b"), "https://example.com:8443/a/b/");
        assert_eq!(base("http://example.com:80/a b/ü/"), "http://example.com/a%20b/%C3%BC/");
        assert_eq!(base("HTTP://[::1]:8080/x%20y"), "http://[::1]:8080/x%20y/");
        assert_eq!(base("http://Bücher.example:8080/"), "http://xn--bcher-kva.example:8080/");
        assert_eq!(base("http://h/r?token=a b"), "http://h/r/?token=a%20b");
    }

    #[test]
    fn credentials_are_kept_apart_and_decoded() {
        let (url, credentials) = Url::base("https://me:p%40ss:w@example.com/r").unwrap();
        let credentials = credentials.unwrap();
        assert_eq!(credentials.user, b"me");
        assert_eq!(credentials.password, b"p@ss:w");
        assert_eq!(url.to_string(), "https://example.com/r/");
        assert_eq!(format!("{credentials:?}"), "Credentials(…)");
        let odd = Url::base("http://a%20b%2541%C3%BC:a%2@h/").unwrap().1.unwrap();
        assert_eq!(odd.user, b"a b%41\xc3\xbc");
        assert_eq!(odd.password, b"a%2");
    }

    #[test]
    fn what_is_no_base_is_refused_without_being_repeated() {
        for bad in [
            "",
            "example.com/x",
            "ftp://example.com/",
            "http:example.com",
            "http:///x",
            "http://me:secret@/x",
            "http://example.com:0/",
            "http://example.com:65536/",
            "http://example.com:+1/",
            "http://exa mple.com/",
            "http://[::1/",
            "http://[zz]/",
            "http://bü cher.example/",
            "http://example.com/#x",
        ] {
            let error = Url::base(bad).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn locations_are_appended_and_escaped() {
        let base = Url::base("http://h/r").unwrap().0;
        assert_eq!(base.join("repodata/a b%20c+ü.xml").to_text(), "http://h/r/repodata/a%20b%20c+%C3%BC.xml");
        let base = Url::base("http://h/r?token=x").unwrap().0;
        assert_eq!(base.join("repodata/a.xml").to_text(), "http://h/r/repodata/a.xml?token=x");
    }

    #[test]
    fn redirects_are_resolved_as_browsers_do() {
        let from = url("http://h:81/a/b/c?q");
        let to = |location| from.redirected(location).unwrap().to_text();
        assert_eq!(to("d"), "http://h:81/a/b/d");
        assert_eq!(to("../d/./e/.."), "http://h:81/a/d/");
        assert_eq!(to("../../../../d"), "http://h:81/d");
        assert_eq!(to("/d?x=1#f"), "http://h:81/d?x=1");
        assert_eq!(to("?y"), "http://h:81/a/b/c?y");
        assert_eq!(to(""), "http://h:81/a/b/c?q");
        assert_eq!(to("//other/x"), "http://other/x");
        assert_eq!(to("https://other/x"), "https://other/x");
        assert_eq!(to("x y"), "http://h:81/a/b/x%20y");
    }

    #[test]
    fn redirects_never_leave_http_and_never_lose_https() {
        let secure = url("https://h/a");
        assert_eq!(secure.redirected("/b").unwrap().scheme, Scheme::Https);
        assert_eq!(secure.redirected("//h2/b").unwrap().scheme, Scheme::Https);
        let error = secure.redirected("http://h/b").unwrap_err();
        assert_eq!(error, "expected to stay with https, found a redirect to http");
        assert!(secure.redirected("HTTP://h/b").is_err());
        let plain = url("http://h/a");
        assert!(plain.redirected("https://h/b").is_ok());
        for bad in ["ftp://h/b", "file:///etc/passwd", "data:,x", "http:b", "http://me:pw@h/b", "//me@h/b"] {
            assert!(plain.redirected(bad).is_err(), "{bad}");
        }
        assert_eq!(
            plain.redirected("file:///etc/passwd").unwrap_err(),
            "expected scheme http or https, found `file`"
        );
    }

    #[test]
    fn the_same_server_is_scheme_host_and_port() {
        assert!(url("http://h/a").same_origin(&url("http://H:80/b")));
        for other in ["https://h/a", "http://h:81/a", "http://h2/a"] {
            assert!(!url("http://h/a").same_origin(&url(other)), "{other}");
        }
    }

    #[test]
    fn queries_are_not_shown() {
        assert_eq!(url("http://h/a?key=secret").to_string(), "http://h/a?…");
    }
}
