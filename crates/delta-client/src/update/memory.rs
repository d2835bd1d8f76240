//! The memory that types take which are worked on side by side: where a publisher
//! chose large windows, one waits for the other.
//!
//! What is counted are windows and dictionaries of decoders and encoders, and what
//! a journal keeps; all else is some MiB for each type.

use std::sync::{Condvar, Mutex, PoisonError};

/// The most that is taken for them at a time, unless one encoder alone takes more:
/// with all else it makes 128 MB.
pub(super) const MOST: u64 = 72 << 20;

/// What is taken just now.
#[derive(Default)]
pub(super) struct Memory {
    taken: Mutex<u64>,
    freed: Condvar,
}

/// A share of it, given back when it is dropped.
pub(super) struct Share<'m> {
    memory: &'m Memory,
    bytes: u64,
}

impl Memory {
    /// Waits until so many bytes are free; whoever needs more than there is waits
    /// for all of it. Nobody may wait for a second share while it has one.
    pub(super) fn take(&self, bytes: u64) -> Share<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_too_much = |taken: &mut u64| *taken > 0 && taken.saturating_add(bytes) > MOST;
        let mut taken = self.freed.wait_while(taken, is_too_much).unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_add(bytes);
        Share { memory: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.memory.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_sub(self.bytes);
        self.memory.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn there_is_never_more_taken_than_there_is_but_by_one_alone() {
        let (memory, now, most) = (Memory::default(), AtomicU64::new(0), AtomicU64::new(0));
        let work = &|bytes: u64| {
            let share = memory.take(bytes);
            let taken = now.fetch_add(bytes, Ordering::SeqCst) + bytes;
            assert!(taken <= MOST || taken == bytes, "{taken}");
            most.fetch_max(taken, Ordering::SeqCst);
            std::thread::yield_now();
            now.fetch_sub(bytes, Ordering::SeqCst);
            drop(share);
        };
        std::thread::scope(|scope| {
            for bytes in [0, 1, MOST / 2, MOST / 2, MOST / 2 + 1, MOST, MOST + 1, u64::MAX / 2] {
                scope.spawn(move || (0..50).for_each(|_| work(bytes)));
            }
        });
        assert!(most.load(Ordering::SeqCst) >= MOST);
        assert_eq!(*memory.taken.lock().unwrap(), 0);
    }
}
