//! Repositories that are configured by a list of mirrors.

use super::install_root::InstallRoot;
use super::{PLAIN, Stage, managers};
use crate::bench::{Bench, ensure_unchanged, snapshot};
use anyhow::{Result, ensure};
use codec::Algorithm;
use std::fs;

/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:9/";

const METALINK: &str = "metalink.xml";
const MIRRORLIST: &str = "mirrors.txt";

/// Whether a file of this name is a list of mirrors.
pub(super) fn is_list(name: &str) -> bool {
    name.starts_with(METALINK) || name.starts_with(MIRRORLIST)
}

/// Writes a metalink that says `digest` of the current repomd.xml.
fn write_metalink(stage: &Stage<'_>, digest: &str) -> Result<()> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\">\n<files>\n\
         <file name=\"repomd.xml\"><size>{}</size>\n\
         <verification><hash type=\"sha256\">{digest}</hash></verification>\n\
         <resources maxconnections=\"1\">\n\
         <url protocol=\"http\" type=\"http\" preference=\"100\">{}repodata/repomd.xml</url>\n\
         </resources></file>\n</files>\n</metalink>\n",
        fs::metadata(stage.repository.repomd())?.len(),
        stage.server.url()
    );
    Ok(fs::write(stage.repository.root.join(METALINK), text)?)
}

fn digest(stage: &Stage<'_>) -> Result<String> {
    Ok(Algorithm::Sha256.digest(&stage.repository.repomd_bytes()?).to_hex())
}

/// By a metalink, which says what repomd.xml is.
pub(crate) fn metalink(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    write_metalink(&stage, &digest(&stage)?)?;
    let source = format!("metalink={}{METALINK}?repo=demo&arch=x86_64", stage.server.url());
    for root in stage.behind(&source, "metalink")? {
        let manager = root.manager;
        let repodata = root.repodata()?;
        let before = snapshot(&repodata)?;
        write_metalink(&stage, &"0".repeat(64))?;
        let report = root.refresh_to("left", &["--retries", "0"])?;
        ensure!(report["repositories"][0]["reason_code"] == "other_repomd", "{manager}: {report:#}");
        ensure_unchanged(&repodata, &before)?;
        bench.ok(format!("{manager}: a repomd.xml without a digest of the metalink is refused"));
        write_metalink(&stage, &digest(&stage)?)?;
        root.refresh_to("refreshed", &[])?;
        stage.check(&root, "metalink")?;
    }
    Ok(())
}

/// By a plain list, whose first mirror is gone when `refresh` runs.
pub(crate) fn mirrorlist(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let list = stage.repository.root.join(MIRRORLIST);
    let good = format!("# one\n{}\n", stage.server.url());
    fs::write(&list, &good)?;
    let source = format!("mirrorlist={}{MIRRORLIST}", stage.server.url());
    for root in stage.behind(&source, "mirrorlist")? {
        let manager = root.manager;
        fs::write(&list, format!("# two\n{DEAD}\n{}\n", stage.server.url()))?;
        root.refresh_to("refreshed", &[])?;
        bench.ok(format!("{manager}: refreshed from the second mirror"));
        fs::write(&list, &good)?;
        stage.check(&root, "mirrorlist")?;
    }
    Ok(())
}

impl<'a> Stage<'a> {
    /// A root directory of each package manager, configured by `source`, with a full cache that
    /// is some generations behind.
    fn behind(&self, source: &str, name: &str) -> Result<Vec<InstallRoot<'a>>> {
        let mut roots = Vec::new();
        for &manager in managers(self.bench.system) {
            let root = InstallRoot::new(self.bench, manager, name, source, &self.key.public)?;
            root.fill()?;
            roots.push(root);
        }
        for number in 2..5 {
            self.publish(number)?;
        }
        Ok(roots)
    }
}
