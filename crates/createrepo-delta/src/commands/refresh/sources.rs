//! Where a repository is: its URLs, and those in its list of mirrors or its
//! metalink, with what that says of repomd.xml.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use codec::Digest;
use delta_client::{DirectoryTransport, HttpOptions, HttpTransport, Proxies, Transport};
use managers::{Manager, Metalink, RepomdVersion, Repository, Variables, without_user};

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
    /// The list, under the name that dnf keeps it by.
    pub(super) list: Option<(&'static str, Vec<u8>)>,
}

impl Sources {
    /// Bytes of the list that were downloaded.
    pub(super) fn list_bytes(&self) -> u64 {
        self.list.as_ref().map_or(0, |(_, bytes)| bytes.len() as u64)
    }
}

/// Opens them; fetches the list of mirrors, if there is one.
pub(super) fn open(
    args: &Refresh,
    repository: &Repository,
    variables: &Variables,
) -> anyhow::Result<Sources> {
    let options = http(args, repository)?;
    let mut urls = repository.sources.urls.clone();
    let mut digests = Vec::new();
    let mut list = None;
    if let Some(url) = &repository.sources.metalink {
        let (metalink, bytes) = metalink(url, &options, variables)
            .with_context(|| format!("cannot use the metalink `{}`", shown(url)))?;
        digests = metalink.versions().filter_map(strongest).collect();
        urls.extend(metalink.urls.iter().map(|url| repository.network.credentials.apply(url)));
        list = Some(("metalink.xml", bytes));
    } else if let Some(url) = &repository.sources.mirrorlist {
        let (text, bytes) = document(url, &options)
            .with_context(|| format!("cannot use the list of mirrors `{}`", shown(url)))?;
        let mirrors = managers::mirrors(&text, variables);
        urls.extend(mirrors.iter().map(|url| repository.network.credentials.apply(url)));
        list = Some(("mirrorlist", bytes));
    }
    let list = list.filter(|_| repository.manager == Manager::Dnf);
    let mut transports = Vec::new();
    for url in urls.iter().filter(|url| managers::is_usable(url)).take(MAX_SOURCES) {
        match transport(url, &options) {
            Ok(transport) => transports.push(transport),
            Err(error) => {
                let name = super::report::name(repository);
                messages::warning(format_args!("{name}: not asking `{}`: {error:#}", shown(url)));
            }
        }
    }
    if transports.is_empty() {
        bail!("none of its URLs can be used");
    }
    Ok(Sources { transports, digests, list })
}

fn http(args: &Refresh, repository: &Repository) -> anyhow::Result<HttpOptions> {
    let mut options = args.patience.servers.http();
    let proxy = &repository.network.proxy;
    options.proxies = Proxies::from_variables(|name| proxy.variable(name, |name| std::env::var(name).ok()))
        .context("cannot use the proxy that is configured")?;
    Ok(options)
}

fn transport(url: &str, options: &HttpOptions) -> anyhow::Result<Box<dyn Transport>> {
    if HttpTransport::is_url(url) {
        return Ok(Box::new(HttpTransport::new(url, options)?));
    }
    let path = managers::local_path(url).context("it is neither a web server nor a directory here")?;
    Ok(Box::new(DirectoryTransport::open(Path::new(&path))?))
}

/// A metalink document, with its bytes.
fn metalink(url: &str, options: &HttpOptions, variables: &Variables) -> anyhow::Result<(Metalink, Vec<u8>)> {
    let (text, bytes) = document(url, options)?;
    Ok((Metalink::parse(&text, variables)?, bytes))
}

/// A document as text and as bytes.
fn document(url: &str, options: &HttpOptions) -> anyhow::Result<(String, Vec<u8>)> {
    let bytes = if HttpTransport::is_url(url) {
        HttpTransport::document(url, options, MAX_LIST)?
    } else {
        let path = managers::local_path(url).context("it is neither on a web server nor a file here")?;
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_LIST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_LIST {
            bail!("expected at most {MAX_LIST} bytes, found more");
        }
        bytes
    };
    let text = String::from_utf8(bytes.clone()).context("expected UTF-8, found something else")?;
    Ok((text, bytes))
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
