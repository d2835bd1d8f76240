//! How a repository is reached: proxies, certificates, patience, and who asks.
//!
//! What is said here comes from the configuration. What it does not say is nothing
//! here, and the caller decides: the package managers' own defaults are theirs.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::urls;

/// How a repository is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// By which proxy.
    pub proxy: Proxy,
    /// How long to wait for a connection, and how long a transfer may be slower than
    /// [`Network::min_rate`], or with zypper stand still.
    pub timeout: Option<Duration>,
    /// In bytes a second; 0 where no speed is too low.
    pub min_rate: Option<u64>,
    /// How often a failed transfer is tried again.
    pub retries: Option<u32>,
    /// A file with the certificates of authorities, or a directory of such files,
    /// instead of the system's.
    pub ca: Option<PathBuf>,
    /// The certificate that is shown to servers, in PEM.
    pub client_certificate: Option<PathBuf>,
    /// Its key, where it is not in the same file.
    pub client_key: Option<PathBuf>,
    /// Who asks. They are in [`Sources`](crate::Sources) already; mirrors from a list
    /// need [`Credentials::apply`].
    pub credentials: Credentials,
}

/// The proxy of a repository.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// What the environment says (`http_proxy` and the like).
    #[default]
    Environment,
    /// None, whatever the environment says.
    None,
    /// This one, with user name and password where there are some, but for the hosts
    /// that `no_proxy` of the environment names.
    Url(String),
    /// What the system says (`/etc/sysconfig/proxy`), and the environment where that
    /// says nothing.
    System(SystemProxy),
}

/// The proxies of a system. Their URLs may hold passwords, and are not shown.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SystemProxy {
    /// For http URLs.
    pub http: Option<String>,
    /// For https URLs.
    pub https: Option<String>,
    /// Hosts and domains that are reached directly.
    pub no_proxy: Vec<String>,
}

impl Proxy {
    /// What the variables of the environment would have to be for this: `http_proxy`,
    /// `https_proxy`, `all_proxy` and `no_proxy`, in lower case or upper. `environment`
    /// has those that there are.
    pub fn variable(&self, name: &str, environment: impl Fn(&str) -> Option<String>) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        match self {
            Self::Environment => environment(name),
            Self::None => None,
            Self::Url(url) => match &*lower {
                "all_proxy" => Some(url.clone()),
                "no_proxy" => environment(name),
                _ => None,
            },
            Self::System(system) => match &*lower {
                "http_proxy" => system.http.clone().or_else(|| environment(name)),
                "https_proxy" => system.https.clone().or_else(|| environment(name)),
                "no_proxy" => {
                    let both = environment(name).into_iter().chain(system.no_proxy.iter().cloned());
                    Some(both.collect::<Vec<_>>().join(","))
                }
                _ => environment(name),
            },
        }
    }
}

impl fmt::Debug for Proxy {
    /// Without URLs, which may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Url(_) => "Url(…)",
            Self::System(_) => "System(…)",
        })
    }
}

impl fmt::Debug for SystemProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemProxy")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// A user name and its password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
}

/// Which user names and passwords go to which URLs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// For every URL, also one that has some of its own: as dnf does it.
    pub(crate) everywhere: Option<Login>,
    /// For URLs that begin so and have no password of their own: as zypper does it.
    /// The first one that fits counts.
    pub(crate) by_url: Vec<(String, Login)>,
}

impl Credentials {
    /// `url` with the user name and password that the package manager would give
    /// there. Not for messages.
    #[must_use]
    pub fn apply(&self, url: &str) -> String {
        if let Some(Login { user, password }) = &self.everywhere {
            return urls::with_user(&urls::without_user(url), user, password);
        }
        let (own, has_password) = urls::user(url);
        if has_password {
            return url.to_owned();
        }
        let place = urls::place(url);
        let fitting = self.by_url.iter().find(|(start, login)| {
            place.starts_with(start) && own.as_ref().is_none_or(|own| *own == login.user)
        });
        match fitting {
            Some((_, login)) => urls::with_user(&urls::without_user(url), &login.user, &login.password),
            None => url.to_owned(),
        }
    }
}

impl fmt::Debug for Credentials {
    /// How many, and nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.by_url.len() + usize::from(self.everywhere.is_some());
        write!(f, "Credentials({count})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(user: &str, password: &str) -> Login {
        Login { user: user.to_owned(), password: password.to_owned() }
    }

    fn environment(name: &str) -> Option<String> {
        (name == "http_proxy" || name == "no_proxy").then(|| format!("env-{name}"))
    }

    #[test]
    fn a_configured_proxy_leaves_out_the_hosts_of_the_environment() {
        let of = |proxy: &Proxy| {
            ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
                .map(|name| proxy.variable(name, environment).unwrap_or_default())
        };
        assert_eq!(of(&Proxy::Environment), ["env-http_proxy", "", "", "env-no_proxy"]);
        assert_eq!(of(&Proxy::None), ["", "", "", ""]);
        assert_eq!(of(&Proxy::Url("p".to_owned())), ["", "", "p", "env-no_proxy"]);
        let system = SystemProxy {
            http: None,
            https: Some("s".to_owned()),
            no_proxy: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(of(&Proxy::System(system)), ["env-http_proxy", "s", "", "env-no_proxy,a,b"]);
    }

    #[test]
    fn credentials_of_dnf_count_more_than_those_of_a_url() {
        let credentials = Credentials { everywhere: Some(login("re po", "p@:/%41ö")), by_url: Vec::new() };
        let expected = "http://re%20po:p%40%3A%2F%2541%C3%B6@host/x";
        for url in ["http://host/x", "http://u:p@host/x"] {
            assert_eq!(credentials.apply(url), expected);
        }
    }

    #[test]
    fn credentials_of_zypper_are_for_urls_that_begin_so() {
        let by_url = vec![
            ("http://host/re".to_owned(), login("a", "1")),
            ("http://host/repo".to_owned(), login("b", "2")),
        ];
        let credentials = Credentials { everywhere: None, by_url };
        for (url, expected) in [
            ("http://host/repo?q", "http://a:1@host/repo?q"),
            ("HTTP://Host/repo", "HTTP://a:1@Host/repo"),
            ("http://b@host/repo", "http://b:2@host/repo"),
            ("http://c@host/repo", "http://c@host/repo"),
            ("http://c:d@host/repo", "http://c:d@host/repo"),
            ("http://other/repo", "http://other/repo"),
            ("file:///repo", "file:///repo"),
        ] {
            assert_eq!(credentials.apply(url), expected);
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let mut network = Network {
            proxy: Proxy::Url("http://u:secret@p".to_owned()),
            credentials: Credentials {
                everywhere: Some(login("u", "secret")),
                by_url: vec![("http://x".to_owned(), login("u", "secret"))],
            },
            ..Network::default()
        };
        assert!(!format!("{network:?}").contains("secret"));
        let system = SystemProxy { http: Some("http://u:secret@p".to_owned()), ..SystemProxy::default() };
        network.proxy = Proxy::System(system);
        assert!(!format!("{network:?}").contains("secret"));
    }
}
