//! What helps where a file system is read-only: for everybody, or in the sandbox of a unit of
//! systemd alone, where looking at what is mounted outside of it does not tell.

use std::fs;
use std::path::Path;

use repomd::files::REPODATA;

use super::{nearest_directory, word};

/// The control groups of this process.
const CGROUP: &str = "/proc/self/cgroup";

/// The hint for what cannot be written at `path`.
pub(super) fn of_read_only(path: &Path) -> String {
    let cgroup = fs::read_to_string(CGROUP).unwrap_or_default();
    hint(nearest_directory(path), service(&cgroup))
}

fn hint(there: &Path, service: Option<&str>) -> String {
    let mounted = format!("`findmnt --target {}` shows what is mounted read-only", word(there));
    let Some(service) = service else { return mounted };
    // repodata/ may be another directory at the next run.
    let is_repodata = there.file_name().is_some_and(|name| name == REPODATA);
    let dir = there.parent().filter(|_| is_repodata).unwrap_or(there);
    format!(
        "where only the unit may not write: `systemctl edit {}`, and `ReadWritePaths={}` below `[Service]`; {mounted} for all",
        word(Path::new(service)),
        dir.display()
    )
}

/// The service of the system that this process belongs to.
fn service(cgroup: &str) -> Option<&str> {
    let of_system = cgroup.lines().filter(|line| !line.contains("/user.slice/"));
    of_system.filter_map(|line| line.rsplit('/').next()).find(|name| name.ends_with(".service"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_told_which_line_it_needs() {
        let slice = "/system.slice/system-createrepo\\x2ddelta\\x2dgenerate.slice";
        let cgroup = format!("0::{slice}/createrepo-delta-generate@os.service\n");
        let service = service(&cgroup).unwrap();
        let hint = hint(Path::new("/home/me/os/repodata"), Some(service));
        assert!(hint.contains("`systemctl edit createrepo-delta-generate@os.service`"), "{hint}");
        assert!(hint.contains("`ReadWritePaths=/home/me/os`"), "{hint}");
    }

    #[test]
    fn what_a_person_runs_belongs_to_no_service() {
        let of_user = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.service\n";
        for cgroup in [of_user, "0::/user.slice/user-0.slice/session-3.scope\n", "0::/\n", ""] {
            assert_eq!(service(cgroup), None, "{cgroup}");
        }
        let hint = hint(Path::new("/srv/os/repodata"), None);
        assert_eq!(hint, "`findmnt --target /srv/os/repodata` shows what is mounted read-only");
    }
}
