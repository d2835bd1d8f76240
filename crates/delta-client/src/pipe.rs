//! Blocks of bytes to a worker on a thread of its own, a few of them ahead, so
//! that making bytes and taking them on go on at once.
//!
//! What the worker does with them is not known here.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes handed over at a time.
const BLOCK: usize = 256 * 1024;
/// Blocks that may wait; with those at hand, the memory that a pipe takes is
/// some 2.5 MiB.
const AHEAD: usize = 8;

/// The way in; `T` is what the worker has to show in the end.
pub(crate) struct Pipe<T> {
    block: Vec<u8>,
    /// `None` is the end; a channel that closes without it is a failure.
    blocks: Option<SyncSender<Option<Vec<u8>>>>,
    /// Blocks that have been taken on, to be filled again.
    used: Receiver<Vec<u8>>,
    worker: Option<JoinHandle<T>>,
    ended: Option<T>,
}

/// The way out.
pub(crate) struct Blocks {
    received: Receiver<Option<Vec<u8>>>,
    give_back: SyncSender<Vec<u8>>,
}

impl<T: Send + 'static> Pipe<T> {
    /// Starts `work` on a thread. Fails where there can be none.
    pub(crate) fn new(name: &str, work: impl FnOnce(Blocks) -> T + Send + 'static) -> io::Result<Self> {
        let (blocks, received) = sync_channel(AHEAD);
        let (give_back, used) = sync_channel(AHEAD + 2);
        let out = Blocks { received, give_back };
        let worker = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(out))?;
        Ok(Self { block: Vec::new(), blocks: Some(blocks), used, worker: Some(worker), ended: None })
    }

    /// Hands over what is left, and waits for the worker; nothing where it
    /// panicked.
    pub(crate) fn finish(mut self) -> Option<T> {
        let sent = self.send().and_then(|()| self.hand_over(None));
        if sent.is_ok() {
            self.join();
        }
        self.ended.take()
    }
}

impl<T> Pipe<T> {
    fn send(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        self.block = self.pass(block)?;
        Ok(())
    }

    /// Hands over a block as it is, after all that was written before; returns an
    /// empty one.
    pub(crate) fn pass(&mut self, block: Vec<u8>) -> io::Result<Vec<u8>> {
        if !self.block.is_empty() {
            self.send()?;
        }
        let mut next = self.used.try_recv().unwrap_or_default();
        next.clear();
        if block.is_empty() {
            return Ok(next);
        }
        self.hand_over(Some(block))?;
        Ok(next)
    }

    fn hand_over(&mut self, block: Option<Vec<u8>>) -> io::Result<()> {
        if self.blocks.as_ref().is_some_and(|blocks| blocks.send(block).is_ok()) {
            return Ok(());
        }
        self.join();
        Err(io::Error::other("the thread that takes the bytes has ended"))
    }

    fn join(&mut self) {
        self.blocks = None;
        if let Some(worker) = self.worker.take() {
            self.ended = worker.join().ok();
        }
    }
}

impl Blocks {
    /// Gives every block to `each`. `false` says that whoever wrote gave up: more
    /// would have come.
    pub(crate) fn each<E>(self, mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<bool, E> {
        self.exchange(|block| each(&block).map(|()| block))
    }

    /// As [`Blocks::each`], for one that keeps a block and gives another one back.
    pub(crate) fn exchange<E>(self, mut each: impl FnMut(Vec<u8>) -> Result<Vec<u8>, E>) -> Result<bool, E> {
        for block in self.received {
            let Some(block) = block else {
                return Ok(true);
            };
            let used = each(block)?;
            // Where it is not wanted back it is dropped.
            let _ = self.give_back.try_send(used);
        }
        Ok(false)
    }
}

impl<T> Write for Pipe<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BLOCK.saturating_sub(self.block.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.block.extend_from_slice(taken);
        if self.block.len() >= BLOCK {
            self.send()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<T> Drop for Pipe<T> {
    /// Waits, so that nothing is done any more once it is gone.
    fn drop(&mut self) {
        self.join();
    }
}
