//! Bringing a long file to disk while it is still being written, so that the sync
//! at its end has little left to do.
//!
//! It changes when bytes reach the disk, never which; what it is told by the
//! system is kept for the sync at the end, since the system tells of a lost write
//! only once.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes between two rounds.
const ROUND: u64 = 16 << 20;

/// A file's bytes on their way to the disk.
#[derive(Debug, Default)]
pub(crate) struct Writeback {
    /// Bytes written since the last round.
    written: u64,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    /// One round may wait while another one runs.
    rounds: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Writeback {
    /// Takes note of `bytes` more in `file`. Short files never get a thread.
    pub(crate) fn wrote(&mut self, file: &File, bytes: usize) {
        self.written += bytes as u64;
        if self.written < ROUND {
            return;
        }
        self.written = 0;
        if self.worker.is_none() {
            // Without one, the sync at the end does it all.
            self.worker = Worker::start(file).ok();
        }
        if let Some(worker) = &self.worker {
            // Where a round waits already, it will do for these bytes, too; a
            // thread that ended has a failure to tell.
            let _ = worker.rounds.try_send(());
        }
    }

    /// Waits for the round at hand, and tells whether one failed.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let Some(Worker { rounds, thread }) = self.worker.take() else {
            return Ok(());
        };
        drop(rounds);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread that syncs ended early")))
    }
}

impl Worker {
    fn start(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let (rounds, due) = sync_channel(1);
        let work = move || due.iter().try_for_each(|()| file.sync_data());
        let thread = std::thread::Builder::new().name("writeback".to_owned()).spawn(work)?;
        Ok(Self { rounds, thread })
    }
}
