//! Locks of package managers that are files with the number of a process in them.
//!
//! Such a lock is held while a process with that number runs; the file is
//! guarded by a lock of the system only while it is read and written. So it
//! ends with its holder, whatever happens to that, but may then be taken for
//! that of another process which got the same number: no way to take it can
//! mend that.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use durable::{Dir, Error, Holder};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// How often to start again when the file is replaced meanwhile.
const ATTEMPTS: usize = 8;

/// More bytes than this are no number.
const MAX_NUMBER: u64 = 20;

/// How the programs that share a lock read and write its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PidProtocol {
    /// Guarded by `flock`. The file has the number alone, and is removed in the
    /// end. A zombie holds it.
    Flock,
    /// Guarded by a record lock (`fcntl`). The file has the number and a
    /// newline, and is emptied in the end. A zombie does not hold it.
    Record,
}

/// What came of taking a lock.
#[derive(Debug)]
pub(crate) enum PidTaken {
    /// It is ours.
    Taken(PidLock),
    /// Another process holds it.
    By(Holder),
}

/// A lock that is held; given up on drop.
///
/// If this process dies instead, its number stays in the file, and the others
/// see that there is no such process.
#[derive(Debug)]
pub struct PidLock {
    dir: Dir,
    name: String,
    protocol: PidProtocol,
}

impl PidLock {
    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(&self.name)
    }

    fn release(&self) -> Result<(), Error> {
        let Some(file) = self.dir.open_shared(&self.name, false)? else {
            return Ok(());
        };
        // The others hold the guard for an instant only.
        let _guard = Guard::take(&file, self.protocol);
        if !matches!(read(&file), Ok(Content::Process(number)) if number == std::process::id()) {
            return Ok(());
        }
        match self.protocol {
            PidProtocol::Flock => self.dir.remove(&self.name).map(|_| ()),
            PidProtocol::Record => file.set_len(0).map_err(|reason| Error::from_io(reason, &self.path())),
        }
    }
}

impl Drop for PidLock {
    fn drop(&mut self) {
        // Should it fail, the number of a process that ends soon stays there.
        let _ = self.release();
    }
}

impl PidLock {
    /// Takes the lock in `dir` whose file is `name`, as other programs do, or says who
    /// holds it. It does not wait.
    ///
    /// The file is made if need be, readable by all. One that has anything but
    /// a number in it is an error of the kind [`io::ErrorKind::InvalidData`]:
    /// the other programs refuse it as well.
    pub(crate) fn take(dir: &Dir, name: &str, protocol: PidProtocol) -> Result<PidTaken, Error> {
        let path = dir.path().join(name);
        let fail = |reason: io::Error| Error::from_lock(reason, &path);
        for _ in 0..ATTEMPTS {
            let mut opened = dir.open_shared(name, false)?;
            if opened.is_none() {
                opened = dir.open_shared(name, true)?;
            }
            let Some(file) = opened else {
                continue;
            };
            let _guard = match Guard::take(&file, protocol) {
                Ok(guard) => guard,
                Err(Errno::WOULDBLOCK | Errno::ACCESS) => {
                    return Ok(PidTaken::By(Holder::default()));
                }
                Err(reason) => return Err(fail(reason.into())),
            };
            match read(&file).map_err(fail)? {
                Content::Process(number) if number != std::process::id() && runs(number, protocol) => {
                    return Ok(PidTaken::By(Holder::of_process(number).unwrap_or_default()));
                }
                Content::Other => {
                    let message = "expected the number of a process in it, found something else";
                    return Err(fail(io::Error::new(io::ErrorKind::InvalidData, message)));
                }
                Content::Nothing | Content::Process(_) => {}
            }
            // Whoever had it may have removed it before it was guarded.
            if !dir.is_same(name, &file)? {
                continue;
            }
            write(&file, protocol).map_err(|reason| Error::from_io(reason, &path))?;
            return Ok(PidTaken::Taken(Self { dir: dir.clone(), name: name.to_owned(), protocol }));
        }
        // Others take it and give it up all the time.
        Ok(PidTaken::By(Holder::default()))
    }
}

/// Keeps others from reading and writing the file's number, until it is dropped.
struct Guard<'a> {
    file: &'a File,
    protocol: PidProtocol,
}

impl<'a> Guard<'a> {
    fn take(file: &'a File, protocol: PidProtocol) -> Result<Self, Errno> {
        Self::set(file, protocol, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { file, protocol })
    }

    fn set(file: &File, protocol: PidProtocol, operation: FlockOperation) -> Result<(), Errno> {
        match protocol {
            PidProtocol::Flock => rustix::fs::flock(file, operation),
            PidProtocol::Record => rustix::fs::fcntl_lock(file, operation),
        }
    }
}

impl Drop for Guard<'_> {
    /// Closing alone would not do at once: a child process that another thread
    /// is just starting has the file open, too, until it runs its program.
    fn drop(&mut self) {
        // Should it fail, closing releases it a moment later.
        let _ = Self::set(self.file, self.protocol, FlockOperation::NonBlockingUnlock);
    }
}

enum Content {
    Nothing,
    Process(u32),
    Other,
}

fn read(file: &File) -> io::Result<Content> {
    let mut bytes = Vec::new();
    file.take(MAX_NUMBER + 1).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Content::Nothing);
    }
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    Ok(number.map_or(Content::Other, Content::Process))
}

fn write(mut file: &File, protocol: PidProtocol) -> io::Result<()> {
    let mut text = std::process::id().to_string();
    if protocol == PidProtocol::Record {
        text.push('\n');
    }
    file.set_len(0)?;
    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// Whether a process has the number, as the protocol sees it.
fn runs(number: u32, protocol: PidProtocol) -> bool {
    match protocol {
        PidProtocol::Flock => Holder::of_process(number).is_some(),
        // A zombie has no command line.
        PidProtocol::Record => {
            let mut first = [0];
            File::open(format!("/proc/{number}/cmdline"))
                .and_then(|mut file| file.read(&mut first))
                .is_ok_and(|count| count > 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    const BOTH: [PidProtocol; 2] = [PidProtocol::Flock, PidProtocol::Record];

    fn dir() -> (tempfile::TempDir, Dir) {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        (temp, dir)
    }

    /// A process that has begun to run its program: just before, it has no
    /// command line.
    fn sleeper() -> Child {
        let child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        while !runs(child.id(), PidProtocol::Record) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child
    }

    fn taken(dir: &Dir, protocol: PidProtocol) -> PidLock {
        match PidLock::take(dir, "pid", protocol).unwrap() {
            PidTaken::Taken(lock) => lock,
            PidTaken::By(holder) => panic!("held by {holder}"),
        }
    }

    fn content(dir: &Dir) -> Option<String> {
        dir.read("pid", 100).unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_number_is_there_while_it_is_held() {
        let (_temp, dir) = dir();
        let number = std::process::id();
        let lock = taken(&dir, PidProtocol::Flock);
        assert_eq!(content(&dir), Some(number.to_string()));
        drop(lock);
        assert_eq!(content(&dir), None);
        let lock = taken(&dir, PidProtocol::Record);
        assert_eq!(content(&dir), Some(format!("{number}\n")));
        drop(lock);
        assert_eq!(content(&dir), Some(String::new()));
    }

    #[test]
    fn a_living_holder_is_named_and_a_dead_one_is_not() {
        for protocol in BOTH {
            let (_temp, dir) = dir();
            let mut child = sleeper();
            dir.write("pid", format!("{}\n", child.id()).as_bytes()).unwrap();
            let PidTaken::By(holder) = PidLock::take(&dir, "pid", protocol).unwrap() else {
                panic!("taken");
            };
            assert_eq!(holder.to_string(), format!("process {} (sleep)", child.id()));
            child.kill().unwrap();
            child.wait().unwrap();
            drop(taken(&dir, protocol));
        }
    }

    #[test]
    fn a_zombie_holds_one_kind_only() {
        let (_temp, dir) = dir();
        let mut child = sleeper();
        dir.write("pid", child.id().to_string().as_bytes()).unwrap();
        child.kill().unwrap();
        while runs(child.id(), PidProtocol::Record) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(matches!(PidLock::take(&dir, "pid", PidProtocol::Flock).unwrap(), PidTaken::By(_)));
        drop(taken(&dir, PidProtocol::Record));
        child.wait().unwrap();
    }

    #[test]
    fn a_file_that_is_being_written_is_held() {
        let (temp, dir) = dir();
        dir.write("pid", b"").unwrap();
        let other = File::options().write(true).open(temp.path().join("pid")).unwrap();
        let guard = Guard::take(&other, PidProtocol::Flock).unwrap();
        let PidTaken::By(holder) = PidLock::take(&dir, "pid", PidProtocol::Flock).unwrap() else {
            panic!("taken");
        };
        assert_eq!(holder.to_string(), "another process");
        let inherited = other.try_clone().unwrap();
        drop(guard);
        drop(taken(&dir, PidProtocol::Flock));
        drop(inherited);
    }

    #[test]
    fn anything_but_a_number_is_refused() {
        for protocol in BOTH {
            for bad in ["x", "-1", "1x", "99999999999999999999", "999999999999999999999999"] {
                let (_temp, dir) = dir();
                dir.write("pid", bad.as_bytes()).unwrap();
                let error = PidLock::take(&dir, "pid", protocol).unwrap_err();
                assert_eq!(error.io().unwrap().kind(), io::ErrorKind::InvalidData, "{bad}");
                assert_eq!(content(&dir).as_deref(), Some(bad));
            }
        }
    }

    #[test]
    fn somebody_elses_lock_is_not_given_up() {
        for protocol in BOTH {
            let (_temp, dir) = dir();
            let lock = taken(&dir, protocol);
            dir.write("pid", b"1").unwrap();
            drop(lock);
            assert_eq!(content(&dir).as_deref(), Some("1"));
        }
    }
}
