//! Blocks of open content to an encoder on a thread of its own, a few of them
//! ahead, so that applying a delta and compressing its result go on at once.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use codec::Algorithm;
use durable::Pending;

use super::Form;
use super::encoder::{Broken, Encoder};
use crate::hashed::Made;

/// Bytes handed over at a time.
const BLOCK: usize = 256 * 1024;
/// Blocks that may wait; with those at hand, the memory that a pipe takes is
/// some 1.5 MiB.
const AHEAD: usize = 3;

/// The way in.
pub(super) struct Pipe {
    block: Vec<u8>,
    /// `None` is the end; a channel that closes without it is a failure.
    blocks: Option<SyncSender<Option<Vec<u8>>>>,
    /// Blocks that have been written, to be filled again.
    used: Receiver<Vec<u8>>,
    worker: Option<JoinHandle<Ended>>,
    ended: Option<Ended>,
}

type Ended = Result<(Pending, Made), Broken>;

impl Pipe {
    /// Fails where there can be no thread.
    pub(super) fn new(
        pending: Pending,
        form: Form,
        algorithm: Algorithm,
        open_size: Option<u64>,
    ) -> io::Result<Self> {
        let (blocks, received) = sync_channel(AHEAD);
        let (give_back, used) = sync_channel(AHEAD + 2);
        let work = move || encode(pending, form, algorithm, open_size, &received, &give_back);
        let worker = std::thread::Builder::new().name("compress".to_owned()).spawn(work)?;
        Ok(Self { block: Vec::new(), blocks: Some(blocks), used, worker: Some(worker), ended: None })
    }

    /// Hands over what is left, and waits for the file.
    pub(super) fn finish(mut self) -> Ended {
        let sent = self.send().and_then(|()| self.hand_over(None));
        if sent.is_ok() {
            self.join();
        }
        self.ended.take().unwrap_or_else(|| Err(panicked()))
    }

    fn send(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let mut next = self.used.try_recv().unwrap_or_default();
        next.clear();
        let block = std::mem::replace(&mut self.block, next);
        self.hand_over(Some(block))
    }

    fn hand_over(&mut self, block: Option<Vec<u8>>) -> io::Result<()> {
        if self.blocks.as_ref().is_some_and(|blocks| blocks.send(block).is_ok()) {
            return Ok(());
        }
        self.join();
        Err(io::Error::other("the encoder has ended"))
    }

    fn join(&mut self) {
        self.blocks = None;
        if let Some(worker) = self.worker.take() {
            self.ended = Some(worker.join().unwrap_or_else(|_| Err(panicked())));
        }
    }
}

fn panicked() -> Broken {
    Broken::Encoder("the encoder ended early".to_owned())
}

fn encode(
    pending: Pending,
    form: Form,
    algorithm: Algorithm,
    open_size: Option<u64>,
    blocks: &Receiver<Option<Vec<u8>>>,
    give_back: &SyncSender<Vec<u8>>,
) -> Ended {
    let mut encoder = Encoder::new(pending, form, algorithm, open_size)?;
    for block in blocks {
        let Some(block) = block else {
            return encoder.finish();
        };
        encoder.put(&block)?;
        // Where it is not wanted back it is dropped.
        let _ = give_back.try_send(block);
    }
    // Whoever wrote gave up.
    Err(panicked())
}

impl Write for Pipe {
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

impl Drop for Pipe {
    /// Waits, so that nothing is written any more once it is gone.
    fn drop(&mut self) {
        self.join();
    }
}
