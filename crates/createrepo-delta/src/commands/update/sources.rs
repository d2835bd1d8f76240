//! From what the command line calls a source to what the library asks.

use std::path::Path;

use delta_client::error::UpdateError;
use delta_client::transport::http::{HttpOptions, HttpTransport, Proxies};
use delta_client::transport::{DirectoryTransport, Transport, TransportError, TransportErrorKind};

use crate::args::Update;
use crate::failure::Refusal;

/// The source, and then the mirrors in the order given.
pub(super) fn open(args: &Update) -> anyhow::Result<Vec<Box<dyn Transport>>> {
    let mut options = args.network.servers.http();
    let all: Vec<&String> = std::iter::once(&args.source).chain(&args.network.mirrors).collect();
    if all.iter().any(|source| HttpTransport::is_url(source)) {
        options.proxies = Proxies::from_env().map_err(|error| refused(&error))?;
        args.network.access.apply(&mut options)?;
    }
    all.into_iter().map(|source| open_one(source, &options)).collect()
}

/// An error about a source that is likely repodata/ itself, or the repomd.xml in it.
pub(super) fn explained(error: anyhow::Error, args: &Update) -> anyhow::Error {
    let is_about_it = match error.downcast_ref() {
        Some(UpdateError::Fetch(error)) => error.kind() == TransportErrorKind::NotFound,
        Some(_) => false,
        None => !HttpTransport::is_url(&args.source),
    };
    let source = args.source.trim_end_matches('/');
    let end = ["/repodata/repomd.xml", "/repodata"].into_iter().find(|end| source.ends_with(end));
    let Some(end) = end.filter(|_| is_about_it) else { return error };
    let hint = format!("leave out `{end}` at the end: SOURCE is what contains repodata/");
    Refusal::usage(error.to_string()).hint(hint).into()
}

fn open_one(source: &str, options: &HttpOptions) -> anyhow::Result<Box<dyn Transport>> {
    if HttpTransport::is_url(source) {
        return Ok(Box::new(HttpTransport::new(source, options).map_err(|error| refused(&error))?));
    }
    let path = source.strip_prefix("file://").filter(|path| path.starts_with('/')).unwrap_or(source);
    if let Some((scheme, _)) = path.split_once("://") {
        let message = format!("cannot fetch by `{}`", scheme.escape_debug());
        return Err(Refusal::usage(message).hint("give an http or https URL, or a directory").into());
    }
    Ok(Box::new(DirectoryTransport::open(Path::new(path))?))
}

/// What was given cannot be used: nobody was asked yet.
fn refused(error: &TransportError) -> Refusal {
    Refusal::usage(error.to_string())
}
