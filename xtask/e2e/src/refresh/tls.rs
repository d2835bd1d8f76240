//! A server with a certificate of its own authority, which wants to see one of the
//! client's: configured as dnf and zypper are told.

use super::install_root::{InstallRoot, Manager};
use super::{PLAIN, Stage, is_document, managers};
use crate::bench::Bench;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask_common::web::Certificate;
use xtask_common::{paths, process};

/// Both package managers fill their caches, and `refresh` follows.
pub(crate) fn tls(bench: &Bench<'_>) -> Result<()> {
    let (server_dir, client_dir) = (bench.work.join("server"), bench.work.join("client"));
    for directory in [&server_dir, &client_dir] {
        paths::make_empty(directory)?;
    }
    let (server, client) = (Certificate::new(&server_dir)?, Certificate::new(&client_dir)?);
    let authorities = authorities(bench.work, &server)?;
    let directives = format!(
        "{}ssl_client_certificate {};\nssl_verify_client on;\n",
        server.directives(),
        client.public.display()
    );
    let stage = Stage::new(bench, &PLAIN, &directives)?;
    stage.publish(1)?;
    let mut roots = Vec::new();
    for &manager in managers(bench.system) {
        let source = source(manager, &stage.server.url(), &server, &client, &authorities);
        let root = InstallRoot::new(bench, manager, "tls", &source, &stage.key.public)?;
        root.fill()?;
        roots.push(root);
    }
    stage.publish(2)?;
    for root in &roots {
        let manager = root.manager;
        root.refresh_to("refreshed", &[])?;
        stage.server.requests()?;
        root.list(true)?;
        let requests = stage.server.requests()?;
        let only_documents =
            requests.iter().all(|(path, _)| is_document(path.split('?').next().unwrap_or_default()));
        ensure!(!requests.is_empty() && only_documents, "{manager} fetched more: {requests:?}");
        bench.ok(format!("{manager}: refreshed with a certificate of the client"));
    }
    Ok(())
}

/// A directory as OpenSSL wants it.
fn authorities(work: &Path, server: &Certificate) -> Result<std::path::PathBuf> {
    let directory = work.join("authorities");
    paths::make_empty(&directory)?;
    fs::copy(&server.public, directory.join("server.pem"))?;
    process::run(Command::new("openssl").arg("rehash").arg(&directory))?;
    Ok(directory)
}

fn source(
    manager: Manager,
    url: &str,
    server: &Certificate,
    client: &Certificate,
    authorities: &Path,
) -> String {
    let (public, private) = (client.public.display(), client.private.display());
    match manager {
        Manager::Dnf | Manager::Dnf5 => format!(
            "baseurl={url}\nsslcacert={}\nsslclientcert={public}\nsslclientkey={private}",
            server.public.display()
        ),
        Manager::Zypper => format!(
            "baseurl={url}?ssl_capath={}&ssl_clientcert={public}&ssl_clientkey={private}",
            authorities.display()
        ),
    }
}
