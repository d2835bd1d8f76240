//! When a cache is due: `refresh --if-expired` asks for repomd.xml where the package manager
//! would, and where it would not, does not.

use super::age::{manager_of, primary, query, set_age};
use super::install_root::{InstallRoot, Manager};
use super::{PLAIN, Stage};
use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use xtask_common::process;

const HOUR: i64 = 3600;
/// Older than everything.
const LONG_AGO: i64 = 10_000 * HOUR;

/// What is configured, and how old things are, in seconds.
struct Situation {
    main: &'static str,
    repository: &'static str,
    primary: i64,
    repo_file: i64,
    /// The package manager has marked the cache as expired.
    marked: bool,
}

const fn aged(main: &'static str, repository: &'static str, primary: i64) -> Situation {
    Situation { main, repository, primary, repo_file: LONG_AGO, marked: false }
}

const SITUATIONS: &[Situation] = &[
    aged("", "", 48 * HOUR - 60),
    aged("", "", 48 * HOUR + 60),
    aged("metadata_expire=1h", "", HOUR - 60),
    aged("metadata_expire=1h", "", HOUR + 60),
    aged("metadata_expire=1h", "metadata_expire=2h", HOUR + 60),
    aged("metadata_expire=never", "metadata_expire=90m", 90 * 60 + 60),
    aged("metadata_expire=1d", "metadata_expire=often", 25 * HOUR),
    aged("metadata_expire=3d", "metadata_expire=often", 49 * HOUR),
    aged("", "metadata_expire=never", 9_000 * HOUR),
    aged("metadata_expire=-1", "", 9_000 * HOUR),
    aged("", "", -100 * HOUR),
    Situation { repo_file: HOUR, ..aged("", "", 2 * HOUR) },
    Situation { repo_file: 2 * HOUR, ..aged("", "", HOUR) },
    Situation { repo_file: HOUR, ..aged("check_config_file_age=0", "", 2 * HOUR) },
    Situation { repo_file: HOUR, ..aged("", "metadata_expire=never", 2 * HOUR) },
    Situation { marked: true, ..aged("", "", HOUR) },
    Situation { marked: true, ..aged("", "", -HOUR) },
];

/// Compares what both do in each situation.
pub(crate) fn expiry(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let root = stage.install_root(manager_of(bench)?, "aged")?;
    let repo = fs::read_to_string(root.path.join("etc/yum.repos.d/demo.repo"))?;
    let mut due = 0;
    for (number, situation) in SITUATIONS.iter().enumerate() {
        situation.arrange(&root, &repo)?;
        stage.server.requests()?;
        process::run(&mut root.refresh_command(&["--if-expired"]))?;
        let ours = !stage.server.requests()?.is_empty();
        situation.arrange(&root, &repo)?;
        query(&root)?;
        let theirs = !stage.server.requests()?.is_empty();
        ensure!(ours == theirs, "situation {number}: asked: {ours}, {} asked: {theirs}", root.manager);
        due += usize::from(ours);
    }
    let all = SITUATIONS.len();
    ensure!(due > 4 && due < all - 4, "{due} of {all} are due");
    bench.ok(format!("{}: {due} of {all} caches are due for both", root.manager));
    Ok(())
}

impl Situation {
    fn arrange(&self, root: &InstallRoot<'_>, repo: &str) -> Result<()> {
        let config = format!("[main]\nplugins=0\nassumeyes=1\n{}\n", self.main);
        fs::write(root.path.join("etc/dnf/dnf.conf"), config)?;
        let file = root.path.join("etc/yum.repos.d/demo.repo");
        fs::write(&file, format!("{repo}{}\n", self.repository))?;
        set_age(&file, self.repo_file)?;
        let repodata = root.repodata()?;
        set_age(&primary(&repodata)?, self.primary)?;
        let cache = repodata.parent().context("no parent")?;
        if root.manager == Manager::Dnf {
            let marks = if self.marked { "[\"demo\"]" } else { "[]" };
            let beside = cache.parent().context("no parent")?;
            return Ok(fs::write(beside.join("expired_repos.json"), marks)?);
        }
        let marks = cache.join("attrs");
        fs::create_dir_all(&marks)?;
        if self.marked {
            fs::write(marks.join("expired"), "")?;
        } else if marks.join("expired").exists() {
            fs::remove_file(marks.join("expired"))?;
        }
        Ok(())
    }
}
