//! zypper: `/etc/zypp/zypp.conf`, `.repo` files, variables, and where its raw
//! metadata and its lock are. What is said here was compared with zypper 1.14.42,
//! libzypp 17.25.7.
//!
//! Services are not asked for their repositories: zypper writes those it was
//! given into `.repo` files, which are read.

mod cache;
mod credentials;
mod product;
mod settings;
mod sysconfig;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::MetadataTypes;
use crate::expand::{Variables, derive_releasever, expand};
use crate::expiry::Expiry;
use crate::files::{below, names, text};
use crate::ini::{self, Section, zypp};
use crate::network::{Credentials, Login, Network, Proxy};
use crate::{Manager, Obstacle, Repository, Setup, SetupError, SetupOptions, Sources, urls};
use credentials::Places;
use settings::Settings;

pub use cache::{Verdict, verdict};
pub use product::product_release;

const CONFIG: &str = "/etc/zypp/zypp.conf";
/// Passwords of one user, in the home directory.
const OWN_CREDENTIALS: &str = ".zypp/credentials.cat";
/// The directory of `zypp.pid`.
const LOCKS: &str = "/run";

/// `zypp.conf`: that of `/`, also for another system.
struct Config {
    section: Section,
}

impl Config {
    fn read(path: &Path) -> Result<Self, SetupError> {
        let sections = ini::read(path, zypp::parse)?.unwrap_or_default();
        let section = sections.into_iter().find(|section| section.name == "main").unwrap_or_default();
        Ok(Self { section })
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.section.get(key).filter(|value| !value.is_empty())
    }

    fn dir(&self, key: &str, default: impl FnOnce() -> PathBuf) -> PathBuf {
        self.get(key).map_or_else(default, PathBuf::from)
    }

    fn cache(&self) -> PathBuf {
        self.dir("metadatadir", || self.dir("cachedir", || "/var/cache/zypp".into()).join("raw"))
    }

    fn below_configdir(&self, key: &str, name: &str) -> PathBuf {
        self.dir(key, || self.dir("configdir", || "/etc/zypp".into()).join(name))
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        self.get(key).map(boolean)
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.get(key).and_then(|value| value.parse().ok())
    }
}

/// What all repositories share.
struct Shared<'a> {
    raw: &'a Path,
    config: &'a Config,
    variables: &'a Variables,
    credentials: Places,
    catalog: Vec<(String, Login)>,
    proxy: Proxy,
}

/// Reads the configuration.
pub fn setup(options: &SetupOptions) -> Result<Setup, SetupError> {
    let root = &*options.root;
    let config = environment(options, "ZYPP_CONF").map_or(CONFIG, String::as_str);
    let config = Config::read(Path::new(config))?;
    let raw = match &options.cachedir {
        Some(dir) => dir.join("raw"),
        None => prefixed(root, &config.cache()),
    };
    let variables = variables(options, &config)?;

    let mut problems = Vec::new();
    let shared = Shared::read(options, &config, &raw, &variables, &mut problems);
    let mut repositories: Vec<Repository> = Vec::new();
    let configured = || prefixed(root, &config.below_configdir("reposdir", "repos.d"));
    let directory = options.reposdir.first().cloned().unwrap_or_else(configured);
    for name in names(&directory)?.into_iter().filter(|name| is_repo_file(name)) {
        let file = directory.join(name);
        let sections = match ini::read(&file, zypp::parse) {
            Ok(sections) => sections.unwrap_or_default(),
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        for section in sections {
            let alias = &section.name;
            if alias.is_empty() || alias.starts_with('.') {
                problems.push(format!(
                    "`{}`: `{}` is no alias of a repository",
                    file.display(),
                    alias.escape_debug()
                ));
            } else if repositories.iter().any(|other| other.id == *alias) {
                problems.push(format!(
                    "`{}`: `{alias}` is configured more than once, the first one is taken",
                    file.display()
                ));
            } else {
                repositories.push(shared.repository(&section, &file));
            }
        }
    }
    let locks = environment(options, "ZYPP_LOCKFILE_ROOT").map_or(Path::new("/"), Path::new);
    let locks = Some(below(locks, Path::new(LOCKS)));
    Ok(Setup { repositories, caches: raw.clone(), locks, problems, variables })
}

/// `path` below `root`, unless it is there already.
fn prefixed(root: &Path, path: &Path) -> PathBuf {
    if path.starts_with(root) { path.to_owned() } else { below(root, path) }
}

/// `NAME.repo`, or `NAME.repo_1` as zypper calls a second one.
fn is_repo_file(name: &str) -> bool {
    let number = |rest: &str| {
        rest.is_empty()
            || rest.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    name.rsplit_once(".repo").is_some_and(|(_, rest)| number(rest))
}

fn variables(options: &SetupOptions, config: &Config) -> Result<Variables, SetupError> {
    let mut variables = Variables::new();
    let dir = prefixed(&options.root, &config.below_configdir("varsdir", "vars.d"));
    for name in names(&dir)? {
        if let Some(text) = text(&dir.join(&name))? {
            variables.insert(name, text.split('\n').next().unwrap_or_default().to_owned());
        }
    }
    let arch = config.get("arch").unwrap_or(&options.machine);
    for (name, value) in [("arch", arch), ("basearch", base_arch(arch))] {
        let slot = variables.entry(name.to_owned()).or_default();
        if slot.is_empty() {
            value.clone_into(slot);
        }
    }
    let given = options.releasever.as_ref().or_else(|| environment(options, "ZYPP_REPO_RELEASEVER"));
    if let Some(given) = given {
        variables.insert("releasever".to_owned(), given.clone());
        variables.remove("releasever_major");
        variables.remove("releasever_minor");
    } else {
        // An unknown one is empty, other than with dnf.
        let installed = options.installed_release.as_ref().map(|release| release.version.clone());
        variables.entry("releasever".to_owned()).or_insert(installed.unwrap_or_default());
    }
    derive_releasever(&mut variables);
    Ok(variables)
}

/// A variable of the environment that has a value.
fn environment<'a>(options: &'a SetupOptions, name: &str) -> Option<&'a String> {
    options.environment.get(name).filter(|value| !value.is_empty())
}

/// The architecture that repositories are made for.
fn base_arch(arch: &str) -> &str {
    match arch {
        "i486" | "i586" | "i686" | "athlon" | "pentium3" | "pentium4" => "i386",
        "x86_64_v2" | "x86_64_v3" | "x86_64_v4" => "x86_64",
        "armv8hl" | "armv7nhl" | "armv7hnl" => "armv7hl",
        other => other,
    }
}

/// Whether a word means yes; any other means no.
fn boolean(value: &str) -> bool {
    matches!(&*value.to_ascii_lowercase(), "1" | "yes" | "true" | "on" | "always")
        || value.parse().is_ok_and(|number: i64| number != 0)
}

impl<'a> Shared<'a> {
    /// What cannot be read of passwords and proxies is a problem: zypper goes on
    /// without it.
    fn read(
        options: &SetupOptions,
        config: &'a Config,
        raw: &'a Path,
        variables: &'a Variables,
        problems: &mut Vec<String>,
    ) -> Self {
        let root = &*options.root;
        let global = |key, name: &str| {
            let path = config.dir(key, || Path::new("/etc/zypp").join(name));
            prefixed(root, &path)
        };
        let home =
            environment(options, "HOME").map(|home| below(root, &Path::new(home).join(OWN_CREDENTIALS)));
        let credentials = Places {
            catalogs: [global("credentials.global.file", "credentials.cat")]
                .into_iter()
                .chain(home)
                .collect(),
            directory: global("credentials.global.dir", "credentials.d"),
        };
        let catalog = credentials.catalog().unwrap_or_else(|error| {
            problems.push(error.to_string());
            Vec::new()
        });
        let proxy = text(&options.system_proxy).unwrap_or_else(|error| {
            problems.push(error.to_string());
            None
        });
        let proxy = proxy.and_then(|text| sysconfig::parse(&text)).map_or(Proxy::Environment, Proxy::System);
        Self { raw, config, variables, credentials, catalog, proxy }
    }

    fn repository(&self, section: &Section, file: &Path) -> Repository {
        let config = self.config;
        let get = |key: &str| section.get(key).filter(|value| !value.is_empty());
        let value = |key: &str| get(key).map(|value| expand(value, self.variables));
        let urls: Vec<String> = get("baseurl")
            .into_iter()
            .flat_map(str::lines)
            .filter(|url| !url.is_empty())
            .map(|url| expand(url, self.variables))
            .collect();
        let (metalink, mirrorlist) = (value("metalink"), value("mirrorlist"));

        let mut obstacles = Vec::new();
        let mut add = |code, text: String| obstacles.push(Obstacle::new(code, text));
        if urls.is_empty() && metalink.is_none() && mirrorlist.is_none() {
            add("no_url", "it has no URL".to_owned());
        }
        let kind = get("type").unwrap_or("rpm-md").to_ascii_lowercase();
        if !matches!(&*kind, "rpm-md" | "rpm" | "rpmmd" | "repomd" | "yum" | "none") {
            add("unsupported_repository", format!("it is of type `{kind}`"));
        }
        if let Some(path) = get("path").filter(|path| !path.trim_matches(['/', '.']).is_empty()) {
            add("unsupported_repository", format!("its `path` is `{path}`"));
        }
        let (sources, network) =
            self.reached(Sources { metalink, mirrorlist, urls }, value("proxy").as_deref(), &mut obstacles);
        let own = |key: &str| get(key).map(boolean);
        let gpgcheck = own("gpgcheck").or_else(|| config.boolean("gpgcheck")).unwrap_or(true);
        let repo_gpgcheck = own("repo_gpgcheck").or_else(|| config.boolean("repo_gpgcheck"));
        Repository {
            manager: Manager::Zypper,
            id: section.name.clone(),
            enabled: own("enabled").unwrap_or(true),
            file: file.to_owned(),
            cache: self.raw.join(section.name.replace('/', "_")),
            system_cache: None,
            types: MetadataTypes::Zypper,
            sources,
            network,
            repo_gpgcheck: repo_gpgcheck.unwrap_or(false),
            gpgcheck: gpgcheck || repo_gpgcheck.unwrap_or(false),
            expiry: Expiry::default(),
            obstacles,
        }
    }

    /// The URLs as servers see them, and what they say besides: all of them the same,
    /// or the repository is left to zypper. A proxy of the repository is for base URLs.
    fn reached(
        &self,
        sources: Sources,
        proxy: Option<&str>,
        obstacles: &mut Vec<Obstacle>,
    ) -> (Sources, Network) {
        let mut first: Option<Settings> = None;
        let mut is_mixed = false;
        let catalog = Credentials { everywhere: None, by_url: self.catalog.clone() };
        let mut plain = |url: String, proxy: Option<&str>| {
            let (url, mut settings) = settings::of_url(&url, proxy);
            let file = settings.credentials.take();
            let login = file.as_ref().map(|name| self.credentials.named(name));
            let login = login.transpose().unwrap_or_default().flatten();
            obstacles.extend(urls::obstacle(&url));
            is_mixed |= first.as_ref().is_some_and(|first| *first != settings);
            first.get_or_insert(settings);
            let url = settings::with_login(&url, login.as_ref());
            if file.is_some() { url } else { catalog.apply(&url) }
        };
        let has_urls = !sources.urls.is_empty();
        let urls = sources.urls.into_iter().map(|url| plain(url, proxy)).collect();
        // zypper asks for a list only where it has no URL.
        let mut of_list = |url: Option<String>| if has_urls { url } else { url.map(|url| plain(url, None)) };
        let sources =
            Sources { metalink: of_list(sources.metalink), mirrorlist: of_list(sources.mirrorlist), urls };
        if is_mixed {
            let text = "its URLs have different settings".to_owned();
            obstacles.push(Obstacle::new("mixed_settings", text));
        }
        let said = first.unwrap_or_default();
        obstacles.extend(said.obstacles);
        let number = |key| self.config.number(key);
        let network = Network {
            proxy: said.proxy.unwrap_or_else(|| self.proxy.clone()),
            timeout: said.timeout.or_else(|| number("download.transfer_timeout").map(Duration::from_secs)),
            min_rate: number("download.min_download_speed"),
            retries: number("download.max_silent_tries").and_then(|tries| u32::try_from(tries).ok()),
            ca: said.ca,
            client_certificate: said.client_certificate,
            client_key: said.client_key,
            credentials: catalog.clone(),
        };
        (sources, network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_repo_files() {
        for (name, expected) in [
            ("a.repo", true),
            ("a.repo_1", true),
            ("a.b.repo_23", true),
            ("a.repo.bak", false),
            ("a.repo_", false),
            ("a.repo_x", false),
            ("a.conf", false),
        ] {
            assert_eq!(is_repo_file(name), expected, "{name}");
        }
    }

    #[test]
    fn paths_are_below_the_root_once() {
        assert_eq!(prefixed(Path::new("/"), Path::new("/var/x")), Path::new("/var/x"));
        assert_eq!(prefixed(Path::new("/r"), Path::new("/var/x")), Path::new("/r/var/x"));
        assert_eq!(prefixed(Path::new("/r"), Path::new("/r/x")), Path::new("/r/x"));
    }
}
