//! From sections of `.repo` files to repositories of dnf, with the names of
//! their cache directories.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::values::{Time, boolean, bytes, list, time};
use super::{Main, plain};
use crate::expand::{Variables, expand};
use crate::ini::Section;
use crate::network::Login;
use crate::repository::{Manager, Obstacle, Repository, Sources};
use crate::{Credentials, Network, Proxy, urls};

/// Settings that say how to connect in ways that are not known here.
const TLS: [&str; 4] = ["proxy_sslcacert", "proxy_sslclientcert", "proxy_sslclientkey", "sslverifystatus"];

/// How long a transfer may be too slow where `timeout` is 0.
const NO_TIMEOUT: Duration = Duration::from_secs(120);

/// Collects repositories; the first of an id counts.
pub(super) struct Reader<'a> {
    main: &'a Main,
    variables: &'a Variables,
    cachedir: &'a Path,
    repositories: Vec<Repository>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(main: &'a Main, variables: &'a Variables, cachedir: &'a Path) -> Self {
        Self { main, variables, cachedir, repositories: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn finish(self) -> (Vec<Repository>, Vec<String>) {
        (self.repositories, self.problems)
    }

    /// Takes what a file says.
    pub(super) fn take(&mut self, file: &Path, sections: Vec<Section>) {
        for section in sections.into_iter().filter(|section| section.name != "main") {
            let id = expand(&section.name, self.variables);
            let valid = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
            if let Some(bad) = id.chars().find(|c| !valid(*c)) {
                let id = id.escape_debug();
                self.problems.push(format!("`{}`: `{id}` is no id: it has a {bad:?}", file.display()));
                continue;
            }
            if self.repositories.iter().any(|other| other.id == id) {
                self.problems.push(format!("`{}`: `{id}` was configured before", file.display()));
                continue;
            }
            let values = Values { reader: self, section: &section };
            let (repository, problems) = values.repository(file, id);
            self.repositories.push(repository);
            self.problems.extend(problems);
        }
    }
}

/// The settings of one repository, those of `[main]` behind them.
struct Values<'a> {
    reader: &'a Reader<'a>,
    section: &'a Section,
}

impl Values<'_> {
    /// What the repository's own section says.
    fn own(&self, key: &str) -> Option<String> {
        self.section.get(key).map(|value| plain(&expand(value, self.reader.variables)))
    }

    fn text(&self, key: &str) -> String {
        self.own(key).or_else(|| self.reader.main.get(key)).unwrap_or_default()
    }

    /// A word that is neither yes nor no counts for nothing.
    fn boolean(&self, key: &str, default: bool) -> bool {
        self.value(key, boolean).unwrap_or(default)
    }

    /// The value of a setting, as `read` understands it. One that it does not
    /// understand counts for nothing, as with dnf.
    fn value<T>(&self, key: &str, read: fn(&str) -> Option<T>) -> Option<T> {
        let main = || self.reader.main.get(key).and_then(|value| read(&value));
        self.own(key).and_then(|value| read(&value)).or_else(main)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.text(key)).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    fn repository(&self, file: &Path, id: String) -> (Repository, Vec<String>) {
        let nonempty = |key| self.own(key).filter(|value| !value.is_empty());
        let (metalink, mirrorlist) = (nonempty("metalink"), nonempty("mirrorlist"));
        let urls: Vec<String> = list(&self.own("baseurl").unwrap_or_default())
            .into_iter()
            .map(|url| if url.starts_with('/') { format!("file://{url}") } else { url })
            .collect();
        let named_by = metalink.as_ref().or(mirrorlist.as_ref()).or(urls.first());
        let cache = self.cache(&id, named_by.filter(|url| !url.is_empty()).unwrap_or(&id));

        let mut problems = Vec::new();
        let mut check = |keys: &[&str], expected: &str, is_known: &dyn Fn(&str) -> bool| {
            for key in keys {
                if let Some(value) = self.own(key).filter(|value| !is_known(value)) {
                    let file = file.display();
                    problems.push(format!(
                        "`{file}`: expected {expected} for `{key}` of `{id}`, found `{value}`"
                    ));
                }
            }
        };
        check(&["enabled", "gpgcheck", "repo_gpgcheck", "sslverify"], "yes or no", &|value| {
            boolean(value).is_some()
        });
        check(&["timeout", "metadata_expire"], "a time", &|value| time(value).is_some());
        check(&["minrate"], "bytes a second", &|value| bytes(value).is_some());
        check(&["retries"], "a number", &|value| value.parse::<u32>().is_ok());
        let obstacles = self.obstacles(&urls, metalink.as_deref(), mirrorlist.as_deref());
        let network = self.network();
        let with_user = |url: String| network.credentials.apply(&url);
        let urls = urls.iter().filter(|url| !url.is_empty()).map(|url| urls::with_one_slash(url));
        let urls = urls.map(with_user).collect();
        let (metalink, mirrorlist) = (metalink.map(with_user), mirrorlist.map(with_user));
        // With that word in it, a list is taken for a metalink, whatever its key.
        let (metalink, mirrorlist) = match (metalink, mirrorlist) {
            (None, Some(list)) if list.contains("metalink") => (Some(list), None),
            other => other,
        };
        let repository = Repository {
            manager: Manager::Dnf,
            enabled: self.boolean("enabled", true),
            file: file.to_owned(),
            sources: Sources { metalink, mirrorlist, urls },
            network,
            repo_gpgcheck: self.boolean("repo_gpgcheck", false),
            gpgcheck: self.boolean("gpgcheck", false),
            cache,
            obstacles,
            id,
        };
        (repository, problems)
    }

    /// `<cachedir>/<id>-<16 digits>`: the start of the SHA-256 of what names the
    /// repository.
    fn cache(&self, id: &str, named_by: &str) -> PathBuf {
        let own = self.own("cachedir").filter(|dir| !dir.is_empty());
        let dir = own.map_or_else(|| self.reader.cachedir.to_owned(), PathBuf::from);
        let digest = Sha256::digest(named_by.as_bytes());
        let start = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        dir.join(format!("{id}-{start:016x}"))
    }

    fn network(&self) -> Network {
        let user = self.text("username");
        let login = Login { user, password: self.text("password") };
        let everywhere = Some(login).filter(|login| !login.user.is_empty());
        let timeout = self.value("timeout", time).map(|time| match time {
            Time::After(time) if !time.is_zero() => time,
            Time::After(_) | Time::Never => NO_TIMEOUT,
        });
        Network {
            proxy: self.proxy(),
            timeout,
            min_rate: self.value("minrate", bytes),
            retries: self.value("retries", |value| value.parse().ok()),
            ca: self.path("sslcacert"),
            client_certificate: self.path("sslclientcert"),
            client_key: self.path("sslclientkey"),
            credentials: Credentials { everywhere, by_url: Vec::new() },
        }
    }

    /// Where there is none for dnf, or the word for none, libcurl still looks into the
    /// environment. User name and password are encoded once by libdnf and decoded twice
    /// by libcurl 7.88: so what is encoded in the file is not what is sent.
    fn proxy(&self) -> Proxy {
        let proxy = self.text("proxy");
        if proxy.is_empty() || proxy.eq_ignore_ascii_case("_none_") {
            return Proxy::Environment;
        }
        let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
        let decoded = |key| percent_decode_str(&self.text(key)).decode_utf8_lossy().into_owned();
        Proxy::Url(urls::with_user(&proxy, &decoded("proxy_username"), &decoded("proxy_password")))
    }

    fn obstacles(&self, urls: &[String], metalink: Option<&str>, mirrorlist: Option<&str>) -> Vec<Obstacle> {
        let mut obstacles: Vec<Obstacle> = urls.iter().filter_map(|url| urls::obstacle(url)).collect();
        let mut add = |code, text: String| obstacles.push(Obstacle::new(code, text));
        for url in [metalink, mirrorlist].into_iter().flatten() {
            let scheme = urls::scheme(url);
            if !matches!(&*scheme, "http" | "https" | "file" | "") {
                add("unsupported_url", format!("its list of mirrors has the scheme `{scheme}`"));
            }
        }
        if urls.iter().all(String::is_empty) && metalink.is_none() && mirrorlist.is_none() {
            add("no_url", "it has no URL".to_owned());
        }
        if !self.boolean("sslverify", true) {
            add("no_tls_verification", "`sslverify` is off".to_owned());
        }
        for key in TLS {
            let value = self.text(key);
            if !value.is_empty() && boolean(&value) != Some(false) {
                add("unsupported_tls_setting", format!("`{key}` is set"));
            }
        }
        let method = self.text("proxy_auth_method");
        if matches!(self.proxy(), Proxy::Url(_)) && !matches!(&*method, "" | "any" | "basic") {
            add("unsupported_authentication", format!("`proxy_auth_method` is `{method}`"));
        }
        if self.value("metadata_expire", time) == Some(Time::Never) {
            add(Obstacle::PINNED, "its metadata never expire (`metadata_expire`)".to_owned());
        }
        obstacles
    }
}
