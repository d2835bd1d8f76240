//! From sections of `.repo` files to repositories of dnf 4 and dnf5, with the names
//! of their cache directories.

use std::path::{Path, PathBuf};
use std::time::Duration;

use glob::Pattern;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::checks::Checks;
use super::dialect::Dialect;
use super::layers::{Layers, Said};
use super::values::{Time, boolean, bytes, time};
use crate::cache::MetadataTypes;
use crate::expand::Variables;
use crate::expiry::Expiry;
use crate::ini::Section;
use crate::network::{Credentials, Login, Network, Proxy};
use crate::{Obstacle, Repository, SetupError, Sources, urls};

/// Settings that say how to connect in ways that are not known here.
const TLS: [&str; 4] = ["proxy_sslcacert", "proxy_sslclientcert", "proxy_sslclientkey", "sslverifystatus"];

/// How long a transfer may be too slow where `timeout` is 0.
const NO_TIMEOUT: Duration = Duration::from_secs(120);

/// Collects repositories; the first of an id counts.
pub(crate) struct RepoReader<'a> {
    main: Said<'a>,
    variables: &'a Variables,
    found: Vec<Found>,
    problems: Vec<String>,
}

/// What is said of a repository.
struct Found {
    id: String,
    file: PathBuf,
    layers: Layers,
}

impl<'a> RepoReader<'a> {
    /// `main` is what counts for a repository that does not say it itself.
    pub(crate) fn new(main: Said<'a>, variables: &'a Variables) -> Self {
        Self { main, variables, found: Vec::new(), problems: Vec::new() }
    }

    /// The repositories, whose caches are in `cachedir`, and what is left out of them.
    pub(crate) fn finish(mut self, cachedir: &Path) -> (Vec<Repository>, Vec<String>) {
        let mut repositories = Vec::new();
        for found in &self.found {
            let own = Said { layers: &found.layers, variables: self.variables, ..self.main };
            let values = Values { main: self.main, own, cachedir };
            let (repository, problems) = values.repository(&found.file, found.id.clone());
            repositories.push(repository);
            self.problems.extend(problems);
        }
        (repositories, self.problems)
    }

    /// Takes what a file says.
    pub(crate) fn take(&mut self, file: &Path, sections: Vec<Section>) {
        for section in sections.into_iter().filter(|section| section.name != "main") {
            let id = self.main.dialect.expand(&section.name, self.variables);
            let valid = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
            if let Some(bad) = id.chars().find(|c| !valid(*c)) {
                let id = id.escape_debug();
                self.problems
                    .push(format!("`{}`: `{id}` is no repository id: it has a {bad:?}", file.display()));
                continue;
            }
            if self.found.iter().any(|other| other.id == id) {
                self.problems.push(format!(
                    "`{}`: `{id}` is configured more than once, the first one is taken",
                    file.display()
                ));
                continue;
            }
            let mut layers = Layers::default();
            layers.push(section);
            self.found.push(Found { id, file: file.to_owned(), layers });
        }
    }

    /// Takes what a file says of repositories that are known, by patterns of their ids.
    pub(crate) fn override_by(&mut self, file: &Path, sections: &[Section]) {
        for section in sections {
            let pattern = self.main.dialect.expand(&section.name, self.variables);
            let pattern = match Pattern::new(&pattern) {
                Ok(pattern) => pattern,
                Err(error) => {
                    let (file, pattern) = (file.display(), pattern.escape_debug());
                    self.problems.push(format!("`{file}`: `{pattern}` is no pattern: {error}"));
                    continue;
                }
            };
            for found in self.found.iter_mut().filter(|found| pattern.matches(&found.id)) {
                found.layers.push(section.clone());
            }
        }
    }

    /// A problem with a file that is left out.
    pub(crate) fn leave_out(&mut self, error: &SetupError) {
        self.problems.push(error.to_string());
    }
}

/// The settings of one repository, those of `[main]` behind them.
struct Values<'a> {
    main: Said<'a>,
    own: Said<'a>,
    cachedir: &'a Path,
}

impl Values<'_> {
    /// What the repository's own sections say.
    fn own(&self, key: &str) -> Option<String> {
        self.own.text(key)
    }

    fn text(&self, key: &str) -> String {
        self.own(key).or_else(|| self.main.text(key)).unwrap_or_default()
    }

    /// A word that is neither yes nor no counts for nothing.
    fn boolean(&self, key: &str, default: bool) -> bool {
        self.value(key, boolean).unwrap_or(default)
    }

    /// The value of a setting, as `read` understands it. One that it does not
    /// understand counts for nothing, as with dnf.
    fn value<T>(&self, key: &str, read: fn(&str) -> Option<T>) -> Option<T> {
        self.own.value(key, read).or_else(|| self.main.value(key, read))
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.text(key)).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    fn repository(&self, file: &Path, id: String) -> (Repository, Vec<String>) {
        let nonempty = |key| self.own(key).filter(|value| !value.is_empty());
        let (metalink, mirrorlist) = (nonempty("metalink"), nonempty("mirrorlist"));
        let dialect = self.own.dialect;
        let urls = dialect.list(&self.own("baseurl").unwrap_or_default());
        let urls: Vec<String> = urls.into_iter().map(|url| dialect.base_url(url)).collect();
        let named_by = metalink.as_ref().or(mirrorlist.as_ref()).or(urls.first());
        let cache = self.cache(&id, named_by.filter(|url| !url.is_empty()).unwrap_or(&id));

        let mut problems = Vec::new();
        let mut check = |keys: &[&str], expected: &str, is_known: &dyn Fn(&str) -> bool| {
            for key in keys {
                for value in self.own.texts(key).filter(|value| !is_known(value)) {
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
        let checks = Checks::new(self.main, self.own);
        let repository = Repository {
            manager: dialect.manager(),
            enabled: self.enabled(),
            file: file.to_owned(),
            sources: Sources { metalink, mirrorlist, urls },
            network,
            repo_gpgcheck: checks.metadata,
            gpgcheck: checks.packages,
            types: MetadataTypes::dnf(),
            cache,
            expiry: self.expiry(),
            system_cache: None,
            obstacles,
            id,
        };
        (repository, problems)
    }

    fn enabled(&self) -> bool {
        let own = self.own.value("enabled", boolean);
        let main = || self.main.value("enabled", boolean).filter(|_| self.own.dialect.main_enables());
        own.or_else(main).unwrap_or(true)
    }

    /// `<cachedir>/<id>-<16 digits>`: the start of the SHA-256 of what names the
    /// repository.
    fn cache(&self, id: &str, named_by: &str) -> PathBuf {
        let own = self.own("cachedir").filter(|dir| !dir.is_empty());
        let dir = own.map_or_else(|| self.cachedir.to_owned(), PathBuf::from);
        let digest = Sha256::digest(named_by.as_bytes());
        let start = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        dir.join(format!("{id}-{start:016x}"))
    }

    fn expiry(&self) -> Expiry {
        let usual = Expiry::default();
        let after = match self.value("metadata_expire", time) {
            Some(Time::After(age)) => Some(age),
            Some(Time::Never) => None,
            None => usual.after,
        };
        let by_config_file = self.main.value("check_config_file_age", boolean);
        Expiry { after, by_config_file: by_config_file.unwrap_or(usual.by_config_file) }
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
    /// by libcurl 7.88: so what is encoded in the file is not what is sent. With dnf5 it is.
    fn proxy(&self) -> Proxy {
        let proxy = self.text("proxy");
        if proxy.is_empty() || proxy.eq_ignore_ascii_case("_none_") {
            return Proxy::Environment;
        }
        let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
        let sent = |key| match self.own.dialect {
            Dialect::Dnf => percent_decode_str(&self.text(key)).decode_utf8_lossy().into_owned(),
            Dialect::Dnf5 => self.text(key),
        };
        Proxy::Url(urls::with_user(&proxy, &sent("proxy_username"), &sent("proxy_password")))
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
        let kind = self.text("type");
        let is_known = matches!(&*kind, "" | "rpm-md" | "rpm" | "repomd" | "rpmmd" | "yum" | "YUM");
        if self.own.dialect == Dialect::Dnf5 && !is_known {
            add("unsupported_repository", format!("it is of type `{kind}`"));
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
