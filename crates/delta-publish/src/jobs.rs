//! How much is done at a time: threads, and the memory of decoders.
//!
//! It is a budget that everything which works for one run draws on, be that one
//! repository or many: what is told to work at a time by itself, such as the
//! repositories of a run and the types of each of them, is together no more than
//! what was allowed. Who wants to know how far it is, is told through it. What a thread does is the callers' business.

use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::progress::{Listener, Meter, Progress, Step};

/// The most threads unless more are asked for: metadata has few large types, and each
/// thread takes memory.
const USUAL_MOST: usize = 8;

/// Bytes that decoders and encoders of whole files may take together: two zstd windows
/// of the largest size that is read, and what goes with them.
const MEMORY: u64 = 272 << 20;

/// How much is done at a time, of everything that has a clone of it.
///
/// The calling thread always works; further ones are taken as long as there are any.
/// Memory is counted where a file decides how much there is: decompressing one that
/// wants much of it waits until others are done.
///
/// ```
/// use std::num::NonZeroUsize;
/// use delta_publish::Options;
/// use delta_publish::options::Jobs;
///
/// let jobs = Jobs::new(NonZeroUsize::MIN);
/// let options = Options::default().with_jobs(jobs.clone());
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct Jobs {
    budget: Arc<Budget>,
    listener: Listener,
}

#[derive(Debug)]
struct Budget {
    free: Mutex<Free>,
    returned: Condvar,
}

#[derive(Debug)]
struct Free {
    /// Threads besides the one that asks.
    threads: usize,
    memory: u64,
}

/// The number of processors, at most 8.
impl Default for Jobs {
    fn default() -> Self {
        let processors = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self::new(processors.min(NonZeroUsize::new(USUAL_MOST).unwrap_or(processors)))
    }
}

impl Jobs {
    /// At most `threads` at a time that compute, the calling one included.
    #[must_use]
    pub fn new(threads: NonZeroUsize) -> Self {
        let free = Free { threads: threads.get() - 1, memory: MEMORY };
        let budget = Arc::new(Budget { free: Mutex::new(free), returned: Condvar::new() });
        Self { budget, listener: Listener::default() }
    }

    /// The same budget, with somebody who is told how far the work is.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.listener = Listener::new(progress);
        self
    }

    /// Tells that a step begins.
    pub(crate) fn begin<'a>(&'a self, name: &'a str, step: Step, total: Option<u64>) -> Meter<'a> {
        self.listener.begin(name, step, total)
    }

    /// A further thread, if there is one.
    pub(crate) fn thread(&self) -> Option<Permit> {
        let mut free = self.free();
        free.threads = free.threads.checked_sub(1)?;
        Some(Permit { jobs: self.clone(), threads: 1, memory: 0 })
    }

    /// Up to `most` further threads, as many as there are.
    pub(crate) fn threads(&self, most: usize) -> Permit {
        let mut free = self.free();
        let threads = free.threads.min(most);
        free.threads -= threads;
        Permit { jobs: self.clone(), threads, memory: 0 }
    }

    /// So many bytes of memory; waits until they are there. More than there can be are all
    /// that there can be. A thread that has some must not ask for more.
    pub(crate) fn memory(&self, bytes: u64) -> Permit {
        let memory = bytes.min(MEMORY);
        let mut free = self.free();
        while free.memory < memory {
            free = self.budget.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        free.memory -= memory;
        Permit { jobs: self.clone(), threads: 0, memory }
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.budget.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was taken of a budget; it goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    jobs: Jobs,
    threads: usize,
    memory: u64,
}

impl Permit {
    /// How many threads it is for.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut free = self.jobs.free();
        free.threads += self.threads;
        free.memory += self.memory;
        drop(free);
        self.jobs.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn jobs(threads: usize) -> Jobs {
        Jobs::new(NonZeroUsize::new(threads).unwrap())
    }

    #[test]
    fn clones_share_what_there_is() {
        let jobs = jobs(3);
        let one = jobs.clone().thread().unwrap();
        assert_eq!(jobs.threads(5).threads(), 1);
        let two = jobs.thread().unwrap();
        assert!(jobs.clone().thread().is_none());
        drop((one, two));
        assert_eq!(jobs.threads(5).threads(), 2);
        assert!(Jobs::new(NonZeroUsize::MIN).thread().is_none());
    }

    #[test]
    fn memory_is_waited_for() {
        let jobs = jobs(1);
        let most = jobs.memory(MEMORY - 1);
        let waiting = jobs.clone();
        let (sender, receiver) = std::sync::mpsc::channel();
        let other = thread::spawn(move || {
            let all = waiting.memory(u64::MAX);
            sender.send(all.memory).unwrap();
        });
        drop(jobs.memory(1));
        assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err());
        drop(most);
        assert_eq!(receiver.recv(), Ok(MEMORY));
        other.join().unwrap();
    }
}
