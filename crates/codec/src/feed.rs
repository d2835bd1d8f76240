//! Getting decoded blocks to the reader, from a thread of their own or not.
//!
//! A fixed number of blocks goes round between the two sides, which bounds the
//! memory and lets neither side wait for room. Dropping the reader's side ends
//! the thread after the block it works on; nobody waits for that, because the
//! thread may hang in a read.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::Error;
use crate::block::{Block, Fed};
use crate::decode::Decoder;
use crate::source::Totals;

/// How many blocks there are, the one in the reader's hands included.
const BLOCKS: usize = 4;

/// Where blocks come from.
pub(crate) enum Feed {
    Inline(Box<Decoder>),
    Thread(Pipe),
    /// It ended, and everything is released.
    Done,
}

/// The reader's ends of the channels to and from the thread.
pub(crate) struct Pipe {
    used: Sender<Block>,
    fed: Receiver<Result<Fed, Error>>,
    path: PathBuf,
}

impl Feed {
    /// Starts a thread that decodes ahead.
    pub(crate) fn thread(mut decoder: Decoder, path: PathBuf) -> Result<Self, Error> {
        let (used, to_fill) = channel::<Block>();
        let (give, fed) = channel();
        for _ in 1..BLOCKS {
            // The receiver is at hand, so this cannot fail.
            let _ = used.send(Block::default());
        }
        let work = move || {
            for block in to_fill {
                let next = decoder.next(block);
                let more = matches!(next, Ok(Fed::Block(_)));
                if give.send(next).is_err() || !more {
                    return;
                }
            }
        };
        match std::thread::Builder::new().name("decompress".to_owned()).spawn(work) {
            Ok(_detached) => Ok(Self::Thread(Pipe { used, fed, path })),
            Err(reason) => Err(Error::Thread { path, reason: Arc::new(reason) }),
        }
    }

    /// Takes a used block back and gives the next one.
    pub(crate) fn next(&mut self, used: Block) -> Result<Fed, Error> {
        match self {
            Self::Inline(decoder) => decoder.next(used),
            Self::Thread(pipe) => {
                // It fails when the thread has ended, which the next line tells.
                let _ = pipe.used.send(used);
                pipe.fed.recv().unwrap_or_else(|_| {
                    Err(Error::Thread {
                        path: pipe.path.clone(),
                        reason: Arc::new(io::Error::other("the decoder stopped unexpectedly")),
                    })
                })
            }
            Self::Done => Ok(Fed::End(Totals { size: 0, checksum: None })),
        }
    }
}
