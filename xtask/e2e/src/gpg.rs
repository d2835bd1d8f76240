//! A throw-away signing key in a directory of its own.

use anyhow::Result;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use xtask_common::{paths, process};

/// How a compose script signs; the path of the file comes last.
pub(crate) const SIGN: &str = "gpg --batch --yes --detach-sign --armor";

/// The key; its directory goes away with it.
pub(crate) struct Key {
    home: PathBuf,
    /// The public part, as ASCII.
    pub(crate) public: PathBuf,
}

impl Key {
    /// Makes a key without a passphrase, its public part in `directory`.
    ///
    /// The private part is in the system's temporary directory: the agent's
    /// socket is beside it, and the path of a socket has to be short.
    pub(crate) fn new(directory: &Path) -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let home = env::temp_dir().join(format!("crd-{}-{number}", std::process::id()));
        paths::make_empty(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        let key = Self { home, public: directory.join("demo.key") };
        let user = "Demo Repository <repository@example.org>";
        let mut generate = key.gpg();
        process::run(generate.args([
            "--passphrase",
            "",
            "--quick-gen-key",
            user,
            "rsa2048",
            "sign",
            "never",
        ]))?;
        process::run(key.gpg().args(["--armor", "--export", "--output"]).arg(&key.public))?;
        Ok(key)
    }

    /// `gpg` with this key, without questions.
    fn gpg(&self) -> Command {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--yes", "--quiet"]);
        self.set_home(&mut command);
        command
    }

    /// Lets `command` find this key.
    pub(crate) fn set_home(&self, command: &mut Command) {
        command.env("GNUPGHOME", &self.home);
    }

    /// Writes `FILE.asc`.
    pub(crate) fn sign(&self, file: &Path) -> Result<()> {
        process::run(self.gpg().args(["--detach-sign", "--armor"]).arg(file))?;
        Ok(())
    }

    /// Fails unless `FILE.asc` is this key's signature of the file.
    pub(crate) fn verify(&self, file: &Path) -> Result<()> {
        process::run(self.gpg().arg("--verify").arg(signature(file)).arg(file))?;
        Ok(())
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let mut stop = Command::new("gpgconf");
        self.set_home(&mut stop);
        // Only tidying up: the key is worthless, and so is an error here.
        let _ = process::attempt(stop.args(["--kill", "all"]));
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// `FILE.asc`.
pub(crate) fn signature(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".asc");
    name.into()
}
