//! Keys of gpg, and what they sign.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A key in a directory of its own.
pub(crate) struct Key(tempfile::TempDir);

impl Key {
    pub(crate) fn new() -> Self {
        // The path of the agent's socket has to be short.
        let key = Self(tempfile::Builder::new().prefix("gpg").tempdir_in("/tmp").unwrap());
        key.gpg(&["--quick-gen-key", "Demo <demo@example.org>", "ed25519", "sign", "never"]);
        key
    }

    /// What gpg prints that has only this key.
    pub(crate) fn gpg(&self, arguments: &[&str]) -> Vec<u8> {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(self.0.path()).args(["--batch", "--yes", "--quiet", "--passphrase", ""]);
        let output = gpg.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Signs a file, beside it.
    pub(crate) fn sign(&self, file: &Path) {
        self.gpg(&["--armor", "--detach-sign", file.to_str().unwrap()]);
    }

    /// A file with the public key.
    pub(crate) fn keyring(&self) -> PathBuf {
        let path = self.0.path().join("public.asc");
        fs::write(&path, self.gpg(&["--armor", "--export"])).unwrap();
        path
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.0.path()).args(["--kill", "all"]).output();
    }
}
