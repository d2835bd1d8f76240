//! Who holds a lock.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The process that holds a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// Its number; `None` while it is just reading or writing the file.
    pub process: Option<u32>,
    /// The name of its program, as the system knows it.
    pub program: Option<String>,
    /// When it took the lock, in seconds since 1970, if that is known.
    pub since: Option<u64>,
}

impl Holder {
    /// The process that has this number, be it a zombie; nothing where there is none.
    #[must_use]
    pub fn of_process(number: u32) -> Option<Self> {
        let runs = Path::new(&format!("/proc/{number}/stat")).exists();
        runs.then(|| Self { process: Some(number), program: program(number), since: None })
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.process, &self.program) {
            (Some(number), Some(program)) => write!(f, "process {number} ({program})"),
            (Some(number), None) => write!(f, "process {number}"),
            _ => f.write_str("another process"),
        }
    }
}

/// The name of a process's program, as the system knows it: 15 bytes of it.
fn program(number: u32) -> Option<String> {
    let mut text = String::new();
    let file = File::open(format!("/proc/{number}/comm")).ok()?;
    file.take(64).read_to_string(&mut text).ok()?;
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}
