//! Where a repository is: its URLs, and those in its list of mirrors or its
//! metalink, with what that says of repomd.xml.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use codec::Digest;
use delta_client::transport::http::{Authorities, ClientCertificate, HttpOptions, HttpTransport, Proxies};
use delta_client::transport::{DirectoryTransport, Transport};
use managers::mirrors::{self, Metalink, RepomdVersion};
use managers::urls::{self, without_user};
use managers::{Manager, Repository, Variables};

use super::downloaded::Downloaded;
use super::verdict::Odd;
use super::{Run, environment};
use crate::args::Refresh;
use crate::messages;

/// More mirrors are not asked.
const MAX_SOURCES: usize = 16;
/// Lists of mirrors have some hundred kilobytes at most.
const MAX_LIST: u64 = 4 << 20;

/// The sources of a repository, the preferred ones first.
pub(super) struct Sources {
    pub(super) transports: Vec<Box<dyn Transport>>,
    /// One of which repomd.xml must have; it may be any where there are none.
    pub(super) digests: Vec<Digest>,
    /// That of the current repomd.xml, where a metalink says it.
    pub(super) current: Option<Digest>,
    /// The timestamp of the current repomd.xml, in seconds, where a metalink says it.
    pub(super) timestamp: Option<u64>,
    /// The list, under the name that dnf and dnf5 keep it by.
    pub(super) list: Option<(&'static str, Vec<u8>)>,
}

/// Opens them; fetches the list of mirrors, if there is one.
pub(super) fn open(
    options: &HttpOptions,
    repository: &Repository,
    variables: &Variables,
    downloaded: &Downloaded,
) -> anyhow::Result<Sources> {
    let mut urls = repository.sources.urls.clone();
    let (mut digests, mut current) = (Vec::new(), None);
    let (mut timestamp, mut list) = (None, None);
    if let Some(url) = &repository.sources.metalink {
        let (text, bytes) = document(url, options, downloaded)
            .with_context(|| format!("cannot use the metalink `{}`", shown(url)))?;
        let metalink = Metalink::parse(&text, variables)
            .with_context(|| format!("cannot use the metalink `{}`", shown(url)))?;
        digests = metalink.versions().filter_map(strongest).collect();
        current = strongest(&metalink.current);
        timestamp = metalink.current.timestamp.and_then(|seconds| u64::try_from(seconds).ok());
        urls.extend(metalink.urls.iter().map(|url| repository.network.credentials.apply(url)));
        list = Some(("metalink.xml", bytes));
    } else if let Some(url) = &repository.sources.mirrorlist {
        let (text, bytes) = document(url, options, downloaded)
            .with_context(|| format!("cannot use the list of mirrors `{}`", shown(url)))?;
        let mirrors = mirrors::parse_list(&text, variables);
        urls.extend(mirrors.iter().map(|url| repository.network.credentials.apply(url)));
        list = Some(("mirrorlist", bytes));
    }
    let list = list.filter(|_| repository.manager != Manager::Zypper);
    let mut transports = Vec::new();
    for url in urls.iter().filter(|url| urls::is_usable(url)).take(MAX_SOURCES) {
        match transport(url, options) {
            Ok(transport) => transports.push(downloaded.counting(transport)),
            Err(error) => {
                let name = super::report::name(repository);
                messages::warning(format_args!("{name}: not asking `{}`: {error:#}", shown(url)));
            }
        }
    }
    if transports.is_empty() {
        return Err(Odd::new("no_url", "none of its URLs can be used").into());
    }
    Ok(Sources { transports, digests, current, timestamp, list })
}

/// How a repository is reached: as the package manager is told, and as this command is.
pub(super) fn http(args: &Refresh, repository: &Repository, run: &Run) -> anyhow::Result<HttpOptions> {
    let (servers, network) = (&args.patience.servers, &repository.network);
    let mut options = servers.http();
    if let (None, Some(timeout)) = (&servers.timeout, network.timeout) {
        (options.answer, options.stall) = (timeout, timeout);
    }
    if let (None, Some(timeout)) = (&servers.connect_timeout, network.timeout) {
        options.connect = timeout;
    }
    if let (None, Some(rate)) = (&servers.min_rate, network.min_rate) {
        options.min_rate = rate.try_into().unwrap_or(u32::MAX);
    }
    if let (None, Some(retries)) = (servers.retries, network.retries) {
        options.connect_retries = retries;
    }
    options.unreachable = run.unreachable.clone();
    options.deadline = run.deadline;
    let unusable = |code, what: &str, error: &dyn std::fmt::Display| {
        anyhow::Error::new(Odd::new(code, format!("cannot use {what}: {error}")))
    };
    options.proxies = Proxies::from_variables(|name| network.proxy.variable(name, environment))
        .map_err(|error| unusable("proxy", "the proxy that is configured", &error))?;
    if let Some(path) = &network.ca {
        let authorities = Authorities::read(path);
        options.cacert =
            Some(authorities.map_err(|e| unusable("certificate_file", "the authorities configured", &e))?);
    }
    if let Some(path) = &network.client_certificate {
        let certificate = ClientCertificate::read(path, network.client_key.as_deref());
        options.certificate =
            Some(certificate.map_err(|e| unusable("certificate_file", "the client certificate", &e))?);
    }
    Ok(options)
}

fn transport(url: &str, options: &HttpOptions) -> anyhow::Result<Box<dyn Transport>> {
    if HttpTransport::is_url(url) {
        return Ok(Box::new(HttpTransport::new(url, options)?));
    }
    let path = urls::local_path(url).context("it is neither a web server nor a directory here")?;
    Ok(Box::new(DirectoryTransport::open(Path::new(&path))?))
}

/// A document as text and as bytes.
fn document(url: &str, options: &HttpOptions, downloaded: &Downloaded) -> anyhow::Result<(String, Vec<u8>)> {
    let odd = |why: String| Odd::new("list_of_mirrors", why);
    let bytes = if HttpTransport::is_url(url) {
        HttpTransport::document(url, options, MAX_LIST)?
    } else {
        local(url).map_err(odd)?
    };
    downloaded.list(bytes.len() as u64);
    let text = String::from_utf8(bytes.clone());
    Ok((text.map_err(|_| odd("expected UTF-8, found something else".to_owned()))?, bytes))
}

/// A document in a file here, or why it is none.
fn local(url: &str) -> Result<Vec<u8>, String> {
    let path = urls::local_path(url).ok_or("it is neither on a web server nor a file here")?;
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(|error| error.to_string())?;
    opened.take(MAX_LIST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_LIST {
        return Err(format!("expected at most {MAX_LIST} bytes, found more"));
    }
    Ok(bytes)
}

/// The digest that decides of a version of repomd.xml.
fn strongest(version: &RepomdVersion) -> Option<Digest> {
    version.digests.iter().find_map(|(kind, hex)| Digest::parse(kind, hex).ok())
}

/// Without user name, password and query: for messages.
fn shown(url: &str) -> String {
    let url = without_user(url);
    url.split_once('?').map_or(url.clone(), |(before, _)| format!("{before}?…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        assert_eq!(shown("https://u:p@host/a?key=1"), "https://host/a?…");
        assert_eq!(shown("/a"), "/a");
    }
}
