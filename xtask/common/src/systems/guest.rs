//! A system as one case sees it: a view of its tree in which everything can be changed,
//! in a mount namespace that ends with the case.
//!
//! Changes go to memory. Nothing is mounted where others could see it, and nothing
//! stays mounted when this program is killed: a process that waits for the end of this
//! one keeps the namespace, and programs enter that. The network is this machine's;
//! names other than localhost do not resolve in trees.

use super::system::trees;
use crate::process;
use anyhow::{Context as _, Result, ensure};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Mounts the view of `$1` on the directory `$2` with the directories of the other arguments
/// in it, goes there, and waits until its input ends.
const KEEPER: &str = r#"
tree=$1 base=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs "$base"
mkdir "$base/changes" "$base/work" "$base/root"
mount -t overlay -o "lowerdir=$tree,upperdir=$base/changes,workdir=$base/work" overlay "$base/root"
mount --bind /proc "$base/root/proc"
mount --rbind /dev "$base/root/dev"
for directory; do
    mkdir -p "$base/root$directory"
    mount --rbind "$directory" "$base/root$directory"
done
exec chroot "$base/root" /bin/sh -c 'echo ready; exec cat'
"#;

/// Where programs are looked for in trees.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The view; it ends when dropped, once nothing runs in it.
pub struct Guest {
    keeper: Child,
    /// Where its root directory is for programs of this machine that see it.
    root: PathBuf,
}

impl Guest {
    /// A view of the tree below `root` in which `directories` have the same absolute path as here.
    pub fn start(root: &Path, directories: &[&Path]) -> Result<Self> {
        let base = trees().join("mount");
        fs::create_dir_all(&base)?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-euc", KEEPER, "keeper"]).arg(root).arg(&base);
        command.args(directories).stdin(Stdio::piped()).stdout(Stdio::piped());
        let shown = process::describe(&command);
        let mut keeper = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
        let mut line = String::new();
        if let Some(stdout) = keeper.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let guest = Self { keeper, root: base.join("root") };
        ensure!(line == "ready\n", "cannot enter `{}`: `{shown}` failed", root.display());
        Ok(guest)
    }

    /// A program of this system.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id())).args(["--mount", "--root", "--wdns=/"]);
        command.arg("--").arg(program).env("PATH", PATH);
        command
    }

    /// A program of this machine that sees the view in a directory, and the directory.
    pub fn outside(&self, program: impl AsRef<OsStr>) -> (Command, &Path) {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id())).args(["--mount", "--"]).arg(program);
        (command, &self.root)
    }

    /// Where a file of this system, such as `/etc/dnf/dnf.conf`, can be read and written
    /// from outside.
    pub fn place(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.keeper.id())).join(path.trim_start_matches('/'))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
