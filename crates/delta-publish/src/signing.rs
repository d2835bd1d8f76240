//! The signature of repomd.xml: removing one that is no longer true, or having a
//! command make a new one. No key is ever seen here.

use std::path::Path;
use std::process::{Command, Stdio};

use durable::Dir;

use crate::Error;
use crate::options::Signing;
use crate::repository::SIGNATURE;

/// Largest signature that is taken from a signing command.
const MAX_SIGNATURE: u64 = 1 << 20;
/// How much of a failed command's messages an error quotes.
const QUOTED: usize = 2000;

/// Has the command sign the file at `path` in `dir`, and returns the signature.
pub(crate) fn sign(command: &[String], dir: &Dir, path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |what: String| Error::SignCommand { command: command.join(" "), what };
    let Some((program, arguments)) = command.split_first() else {
        return Err(failed("is empty".into()));
    };
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let signature = format!("{name}.asc");
    dir.remove(&signature).map_err(Error::File)?;
    let output = Command::new(program)
        .args(arguments)
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| failed(format!("could not be run: {e}")))?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        let messages: String = messages.trim().chars().take(QUOTED).collect();
        return Err(failed(format!("failed with {}: {messages}", output.status)));
    }
    let bytes = dir.read(&signature, MAX_SIGNATURE).map_err(Error::File)?;
    match bytes {
        Some(bytes) if !bytes.is_empty() => {
            dir.remove(&signature).map_err(Error::File)?;
            Ok(bytes)
        }
        _ => Err(failed(format!("left no signature in `{}.asc`", path.display()))),
    }
}

/// Fails where the repository is signed and must not be changed.
pub(crate) fn refuse(signing: &Signing, dir: &Dir, signed: bool) -> Result<(), Error> {
    if signed && *signing == Signing::Refuse {
        return Err(Error::Signed { path: dir.path().join(SIGNATURE) });
    }
    Ok(())
}
