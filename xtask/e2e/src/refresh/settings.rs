//! Settings as the package managers read them. Repositories with settings that were
//! chosen at random, always the same, are fetched by dnf and zypper; then `refresh`
//! must ask the same server for the same URL, with the same credentials and by the
//! same proxy, and look into the cache that the package manager made.

use super::install_root::{InstallRoot, Manager};
use super::managers;
use crate::bench::Bench;
use crate::repository::{PLAIN, Repository};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use xtask_common::random::Random;
use xtask_common::systems::System;
use xtask_common::web::{Request, Server};
use xtask_common::{paths, process};

/// Repositories of a system.
const COUNT: usize = 40;

/// User names and passwords in URLs.
const USERS: [&str; 4] = ["", "", "u%40x:p%3A%2F%2541@", "plain:word@"];

/// Variables of the environment; `PROXY` stands for the URL of the proxy.
const ENVIRONMENTS: [&[(&str, &str)]; 4] = [
    &[],
    &[("http_proxy", "PROXY"), ("no_proxy", "localhost")],
    &[("no_proxy", "127.0.0.1"), ("https_proxy", "http://127.0.0.1:9")],
    &[(CAPITALS, "PROXY"), ("NO_PROXY", "localhost")],
];

/// libcurl takes no notice of it; libproxy, with which some builds of zypper come, does.
const CAPITALS: &str = "HTTP_PROXY";

fn one_of<'a>(dice: &mut Random, choices: &[&'a str]) -> &'a str {
    choices.get(dice.below(choices.len())).copied().unwrap_or_default()
}

/// Labels of repositories that want a password begin so.
const GUARDED: &str = "guarded";

/// What asks for a user name and a password; a server that has it wants one.
const CHALLENGE: &str = "'Basic realm=\"x\"'";

/// nginx's directives of an origin server: the first part of a path is a label, which is not
/// looked for; each label has a list of one mirror, itself.
fn origin() -> String {
    format!(
        "merge_slashes off;\n\
         set $challenge \"\";\n\
         if ($uri ~ ^/{GUARDED}) {{ set $challenge {CHALLENGE}; }}\n\
         if ($http_authorization) {{ set $challenge \"\"; }}\n\
         add_header WWW-Authenticate $challenge always;\n\
         if ($challenge) {{ return 401; }}\n\
         if ($uri ~ ^/([^/]+)/{MIRRORS}$) {{ return 200 \"http://$http_host/$1/\\n\"; }}\n\
         rewrite ^/[^/]+/(.*)$ /$1 break;\n"
    )
}

/// Those of a proxy for it, which wants a password for those whose label says so. It is the
/// origin server, too: of a URL nginx looks at the path alone.
fn proxy() -> String {
    format!(
        "set $of_proxy \"\";\n\
         if ($uri ~ -proxied-) {{ set $of_proxy {CHALLENGE}; }}\n\
         if ($http_proxy_authorization) {{ set $of_proxy \"\"; }}\n\
         add_header Proxy-Authenticate $of_proxy always;\n\
         if ($of_proxy) {{ return 407; }}\n{}",
        origin()
    )
}

/// The name of the list of mirrors.
const MIRRORS: &str = "mirrors";

/// A request that gave repomd.xml.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    by: &'static str,
    target: String,
    host: String,
    authorization: String,
    proxy_authorization: String,
}

impl Seen {
    /// The fields of the query are put in order: libzypp 17.25 sorts them, 17.38 does not, and
    /// no server minds.
    fn new(by: &'static str, request: Request) -> Self {
        let Request { mut target, host, authorization, proxy_authorization, .. } = request;
        if let Some((path, query)) = target.split_once('?') {
            let mut fields: Vec<&str> = query.split('&').collect();
            fields.sort_unstable();
            target = format!("{path}?{}", fields.join("&"));
        }
        Self { by, target, host, authorization, proxy_authorization }
    }
}

/// The two servers.
struct Servers {
    origin: Server,
    proxy: Server,
}

impl Servers {
    /// The last request for repomd.xml of each label that was granted.
    fn granted(&self, labels: &[String]) -> Result<Vec<Option<Seen>>> {
        let mut granted = BTreeMap::new();
        for (by, server) in [("the server", &self.origin), ("the proxy", &self.proxy)] {
            for request in server.log()?.into_iter().filter(|request| request.status == 200) {
                granted.insert(request.path().to_owned(), Seen::new(by, request));
            }
        }
        Ok(labels.iter().map(|label| granted.remove(&format!("/{label}/repodata/repomd.xml"))).collect())
    }
}

/// A `.repo` file and what goes with it.
struct Configuration {
    label: String,
    text: String,
    /// A section of zypper's catalog of passwords.
    catalog: String,
}

/// How users are told apart: in the URL's query, in lines, or in zypper's catalog.
struct Login {
    has_user: bool,
    query: String,
    lines: String,
    /// The beginning of the URLs that a section of the catalog is for.
    catalog: String,
}

fn login(dice: &mut Random, manager: Manager, query: &str, server: &str) -> Login {
    let mut login =
        Login { has_user: false, query: query.to_owned(), lines: String::new(), catalog: String::new() };
    match manager {
        Manager::Dnf | Manager::Dnf5 => {
            let own =
                one_of(dice, &["", "", "username=re po\npassword=p@:/%41ö\n", "username=me\npassword=w\n"]);
            login.has_user = !own.is_empty();
            login.lines += own;
            login.lines += one_of(dice, &["", "minrate=1k\n", "timeout=30\n", "retries=1\n"]);
        }
        Manager::Zypper => match dice.below(4) {
            0 => {
                login.query += if query.is_empty() { "" } else { "&" };
                login.query += "credentials=NAME";
                login.has_user = true;
            }
            1 => {
                server.clone_into(&mut login.catalog);
                login.has_user = true;
            }
            2 => {
                login.query += if query.is_empty() { "timeout=30" } else { "&timeout=30&head_requests=yes" };
            }
            _ => {}
        },
    }
    login
}

/// Lines about the proxy, and what labels say where it wants a password.
fn proxy_lines(dice: &mut Random, bench: &Bench<'_>, manager: Manager, port: u16) -> (String, &'static str) {
    let proxied = "-proxied-";
    match dice.below(6) {
        0 => ("proxy=\n".to_owned(), ""),
        1 => ("proxy=_none_\n".to_owned(), ""),
        2 => (format!("proxy=http://127.0.0.1:{port}\n"), ""),
        3 => (format!("proxy=http://pu:p%40p@127.0.0.1:{port}\n"), proxied),
        4 if manager != Manager::Zypper => {
            // libdnf 0.69 takes `%41` for a letter, later ones for what it is; `refresh` does as the first.
            let end = if bench.system == System::Host { "%41" } else { "" };
            let login = format!("proxy_username=re po\nproxy_password=p@:{end}\n");
            (format!("proxy=127.0.0.1:{port}/\n{login}\n"), proxied)
        }
        _ => (String::new(), ""),
    }
}

fn configuration(
    bench: &Bench<'_>,
    manager: Manager,
    number: usize,
    servers: &Servers,
    dice: &mut Random,
) -> Configuration {
    let port = servers.origin.port;
    let user = one_of(dice, &USERS);
    let host = one_of(dice, &["127.0.0.1", "localhost"]);
    let var = one_of(dice, &["x", "$where"]);
    let query = one_of(dice, &["", "", "x=y", "x=y&z=a", "TOKEN", "z=1&a=2"]);
    let Login { has_user, query, mut lines, mut catalog } =
        login(dice, manager, query, &format!("http://{host}:{port}/"));
    let has_user = has_user || !user.is_empty();
    let (of_proxy, proxied) = proxy_lines(dice, bench, manager, servers.proxy.port);
    lines += &of_proxy;
    let start = if has_user { GUARDED } else { "open" };
    // Nobody's end of the label is the value of the variable.
    let label = format!("{start}{proxied}{number}x");
    let in_url = format!("{start}{proxied}{number}{var}");
    if !catalog.is_empty() {
        catalog = format!("[{catalog}{label}]\nusername=cat {number}\npassword=p:{number}%41\n\n");
    }
    let mark = if query.is_empty() { "" } else { "?" };
    // libzypp 17.36 gives up all repositories where a list of mirrors wants a password.
    let no_list =
        manager == Manager::Zypper && bench.system == System::Trixie && (has_user || !proxied.is_empty());
    let (key, end) = match dice.below(6) {
        0 if no_list => ("baseurl", String::new()),
        0 => ("mirrorlist", format!("/{MIRRORS}")),
        1 => ("baseurl", "/".to_owned()),
        2 => ("baseurl", "//".to_owned()),
        _ => ("baseurl", String::new()),
    };
    let text = format!(
        "[r{number}]\nname=r\nenabled=1\nautorefresh=1\ngpgcheck=0\nrepo_gpgcheck=0\nskip_if_unavailable=1\n\
         {key}=http://{user}{host}:{port}/{in_url}{end}{mark}{query}\n{lines}"
    );
    // zypper ends with an exception then.
    let has_crlf = manager != Manager::Zypper && dice.below(3) == 0;
    let text = if has_crlf { text.replace('\n', "\r\n") } else { text };
    Configuration { label, text, catalog }
}

/// Writes the configuration of a system.
fn write(root: &InstallRoot<'_>, all: &[Configuration]) -> Result<()> {
    let (repositories, variables, text) = match root.manager {
        Manager::Dnf | Manager::Dnf5 => ("etc/yum.repos.d", "etc/dnf/vars", "x\r\nmore\r\n"),
        Manager::Zypper => ("etc/zypp/repos.d", "etc/zypp/vars.d", "x\n"),
    };
    let repositories = root.path.join(repositories);
    paths::make_empty(&repositories)?;
    for (number, one) in all.iter().enumerate() {
        fs::write(repositories.join(format!("r{number:02}.repo")), &one.text)?;
    }
    fs::create_dir_all(root.path.join(variables))?;
    fs::write(root.path.join(variables).join("where"), text)?;
    if root.manager == Manager::Zypper {
        let named = root.path.join("etc/zypp/credentials.d");
        fs::create_dir_all(&named)?;
        fs::write(named.join("NAME"), "username = cu%40x\npassword=c p@ö%41\n")?;
        let catalog: String = all.iter().map(|one| one.catalog.as_str()).collect();
        fs::write(root.path.join("etc/zypp/credentials.cat"), catalog)?;
    }
    Ok(())
}

/// Generated configurations, and what is asked for because of them.
pub(crate) fn settings(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, second] = bench.first()?;
    for generation in [first, second] {
        repository.create(generation)?;
        repository.generate()?;
    }
    let servers = Servers {
        origin: Server::nginx(bench.work, &repository.root, &origin())?,
        proxy: Server::nginx(bench.work, &repository.root, &proxy())?,
    };
    let mut dice = Random::new(17);
    for (number, environment) in ENVIRONMENTS.iter().enumerate() {
        for &manager in managers(bench.system) {
            if manager == Manager::Zypper && environment.iter().any(|(name, _)| *name == CAPITALS) {
                continue;
            }
            let name = format!("settings-{number}");
            let root = InstallRoot::new(bench, manager, &name, "baseurl=file:///nowhere", bench.work)?;
            let all: Vec<_> =
                (0..COUNT).map(|number| configuration(bench, manager, number, &servers, &mut dice)).collect();
            write(&root, &all)?;
            compare(bench, &root, &servers, &all, environment)?;
        }
    }
    Ok(())
}

fn compare(
    bench: &Bench<'_>,
    root: &InstallRoot<'_>,
    servers: &Servers,
    all: &[Configuration],
    environment: &[(&str, &str)],
) -> Result<()> {
    let manager = root.manager;
    let labels: Vec<String> = all.iter().map(|one| one.label.clone()).collect();
    let in_environment = |mut command: Command| {
        let proxy = format!("http://127.0.0.1:{}", servers.proxy.port);
        command.envs(environment.iter().map(|(name, value)| (name, value.replace("PROXY", &proxy))));
        command
    };
    // One repository that fails is no reason not to compare the others.
    process::attempt(&mut in_environment(root.fetch_command()))?;
    let theirs = servers.granted(&labels)?;
    let output =
        process::attempt(&mut in_environment(root.refresh_command(&["--dry-run", "--retries", "0"])))?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&output.stderr)))?;
    let ours = servers.granted(&labels)?;
    let entries = report["repositories"].as_array().context("the report has no repositories")?;
    ensure!(entries.len() == all.len(), "{manager}: not all repositories: {report:#}");
    let mut compared = 0;
    for (((one, theirs), ours), entry) in all.iter().zip(&theirs).zip(&ours).zip(entries) {
        let text = &one.text;
        let Some(theirs) = theirs else {
            ensure!(ours.is_none(), "{manager} cannot fetch it, and refresh can: {ours:?}\n{text}");
            continue;
        };
        ensure!(
            ours.as_ref() == Some(theirs),
            "{manager} asks otherwise, with {environment:?}:\n{theirs:?}\n{ours:?}\n{text}\n{entry:#}"
        );
        ensure!(entry["outcome"] == "current", "{manager}: not current: {entry:#}\n{text}");
        compared += 1;
    }
    ensure!(compared * 2 > all.len(), "{manager} could fetch too few of them: {compared}");
    bench.ok(format!("{manager}, {environment:?}: {compared} of {} configurations are the same", all.len()));
    Ok(())
}
