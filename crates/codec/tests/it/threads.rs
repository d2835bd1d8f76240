//! The background thread ends with the reader and never hangs it.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use codec::{Error, Expect, OpenReader};

use crate::samples::NAME;

/// An endless file that tells when it is dropped and how far it was read.
struct Endless {
    dropped: Arc<AtomicBool>,
    read: Arc<AtomicU64>,
}

impl Endless {
    fn new() -> (Self, Arc<AtomicBool>, Arc<AtomicU64>) {
        let (dropped, read) = (Arc::default(), Arc::default());
        let source = Self { dropped: Arc::clone(&dropped), read: Arc::clone(&read) };
        (source, dropped, read)
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        into.fill(b'x');
        self.read.fetch_add(into.len() as u64, Ordering::Relaxed);
        Ok(into.len())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Release);
    }
}

fn wait_for(flag: &AtomicBool) {
    let start = Instant::now();
    while !flag.load(Ordering::Acquire) {
        assert!(start.elapsed() < Duration::from_secs(20), "the thread lives on");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn dropping_the_reader_ends_the_thread() {
    for wanted in [0, 1, 300_000, 3_000_000] {
        let (source, dropped, _) = Endless::new();
        let mut reader = OpenReader::new(source, NAME, Expect::default()).unwrap();
        reader.read_exact(&mut vec![0; wanted]).unwrap();
        drop(reader);
        wait_for(&dropped);
    }
}

#[test]
fn the_thread_works_ahead_by_a_few_blocks_only() {
    let (source, _, read) = Endless::new();
    let reader = OpenReader::new(source, NAME, Expect::default()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert!(read.load(Ordering::Relaxed) <= 5 * 256 * 1024);
    drop(reader);
}

#[test]
fn an_error_releases_the_source_while_the_reader_lives() {
    let (source, dropped, _) = Endless::new();
    let expect = Expect { max_open_size: 1_000_000, ..Expect::default() };
    let mut reader = OpenReader::new(source, NAME, expect).unwrap();
    assert!(io::copy(&mut reader, &mut io::sink()).is_err());
    wait_for(&dropped);
    // The error stays.
    assert!(reader.read(&mut [0]).is_err());
    assert!(matches!(reader.finish(), Err(Error::TooLarge { .. })));
}

/// Some bytes at once, then nothing until the sender goes away.
struct Hanging(u64, Receiver<()>);

impl Read for Hanging {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            let _ = self.1.recv();
            return Ok(0);
        }
        let len = into.len().min(usize::try_from(self.0).unwrap());
        into[..len].fill(b'x');
        self.0 -= len as u64;
        Ok(len)
    }
}

#[test]
fn a_source_that_hangs_does_not_hang_the_drop() {
    let (sender, receiver) = channel();
    let mut reader = OpenReader::new(Hanging(300_000, receiver), NAME, Expect::default()).unwrap();
    reader.read_exact(&mut [0; 1000]).unwrap();
    drop(reader);
    drop(sender);
}

/// A source with a bug.
struct Panicking(bool);

impl Read for Panicking {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        assert!(!self.0, "expected by this test");
        self.0 = true;
        into.fill(b'x');
        Ok(into.len())
    }
}

#[test]
fn a_panic_in_the_thread_is_an_error_here() {
    let reader = OpenReader::new(Panicking(false), NAME, Expect::default()).unwrap();
    assert!(matches!(reader.finish(), Err(Error::Thread { .. })));
}
