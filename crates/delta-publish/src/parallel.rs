//! Several pieces of work at a time: on threads, as far as there may be some.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use crate::jobs::Jobs;

/// Gives every item to `work`, as many at a time as there are threads; hands out the
/// results in the order of the items. Items are begun in their order.
pub(crate) fn parallel_map<T: Sync, R: Send>(
    items: &[T],
    jobs: &Jobs,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let mut results = Vec::with_capacity(items.len());
    in_order(items, jobs, work, |_, result| results.push(result));
    results
}

/// The same; each result is handed to `done` as soon as those before it are there.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    jobs: &Jobs,
    work: impl Fn(&T) -> R + Sync,
    done: impl FnMut(&T, R) + Send,
) {
    let queue = Mutex::new(Queue { items, begun: 0, finished: 0, waiting: BTreeMap::new(), done });
    let workers = Workers { queue: &queue, jobs, work: &work };
    thread::scope(|scope| workers.work(scope));
}

impl Jobs {
    /// Gives every item to `work`, as many at a time as there are threads; hands the
    /// results to `done` in the order of the items, each as soon as those before it are
    /// there. Items are begun in their order.
    pub fn each_in_order<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> R + Sync,
        done: impl FnMut(&T, R) + Send,
    ) {
        in_order(items, self, work, done);
    }
}

/// What is left to do, and what is done.
struct Queue<'a, T, R, D> {
    items: &'a [T],
    /// How many items were given out.
    begun: usize,
    /// How many results were handed to `done`.
    finished: usize,
    /// Results whose turn has not come.
    waiting: BTreeMap<usize, R>,
    done: D,
}

impl<'a, T, R, D: FnMut(&T, R)> Queue<'a, T, R, D> {
    /// The next item, and whether there are more.
    fn next(&mut self) -> Option<(usize, &'a T, bool)> {
        let (at, item) = (self.begun, self.items.get(self.begun)?);
        self.begun += 1;
        Some((at, item, self.begun < self.items.len()))
    }

    fn finish(&mut self, at: usize, result: R) {
        self.waiting.insert(at, result);
        while let Some(result) = self.waiting.remove(&self.finished) {
            if let Some(item) = self.items.get(self.finished) {
                (self.done)(item, result);
            }
            self.finished += 1;
        }
    }
}

/// Everything that the threads have in common.
struct Workers<'a, 'i, T, R, D, W> {
    queue: &'a Mutex<Queue<'i, T, R, D>>,
    jobs: &'a Jobs,
    work: &'a W,
}

impl<T, R, D, W> Clone for Workers<'_, '_, T, R, D, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R, D, W> Copy for Workers<'_, '_, T, R, D, W> {}

impl<'i, T, R, D, W> Workers<'_, 'i, T, R, D, W>
where
    T: Sync,
    R: Send,
    D: FnMut(&T, R) + Send,
    W: Fn(&T) -> R + Sync,
{
    /// Works until nothing is left to begin. Before each item one more thread is called
    /// for help, if there may be one by then.
    fn work<'scope>(self, scope: &'scope Scope<'scope, '_>)
    where
        Self: 'scope,
    {
        loop {
            let next = self.queue().next();
            let Some((at, item, more)) = next else { break };
            if more && let Some(permit) = self.jobs.thread() {
                let help = move || {
                    let _permit = permit;
                    self.work(scope);
                };
                // Where there can be no thread there is one less to work.
                let _ = thread::Builder::new().name("publish".to_owned()).spawn_scoped(scope, help);
            }
            let result = (self.work)(item);
            self.queue().finish(at, result);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<'i, T, R, D>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn jobs(threads: usize) -> Jobs {
        Jobs::new(NonZeroUsize::new(threads).unwrap())
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [1, 2, 7, 1000] {
            let found = parallel_map(&items, &jobs(threads), |item| {
                thread::sleep(Duration::from_micros((item % 7) as u64 * 100));
                item * 2
            });
            assert_eq!(found, items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{threads} threads");
        }
        assert!(parallel_map(&[0; 0], &jobs(3), |item| *item).is_empty());
    }

    #[test]
    fn workers_within_workers_are_no_more_threads_than_allowed() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let jobs = jobs(5);
        let outer: Vec<usize> = (0..8).collect();
        let sums = parallel_map(&outer, &jobs, |_| {
            let inner = parallel_map(&[1; 8], &jobs, |item| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(2));
                now.fetch_sub(1, Ordering::SeqCst);
                *item
            });
            inner.into_iter().sum::<usize>()
        });
        assert_eq!(sums, [8; 8]);
        let most = most.into_inner();
        assert!((2..=5).contains(&most), "{most}");
        assert_eq!(jobs.threads(9).threads(), 4);
    }

    #[test]
    fn threads_that_become_free_help_with_what_is_begun() {
        let jobs = jobs(2);
        let taken = Mutex::new(jobs.thread());
        let others = AtomicUsize::new(0);
        let first = thread::current().id();
        parallel_map(&[0; 50], &jobs, |_| {
            taken.lock().unwrap().take();
            thread::sleep(Duration::from_millis(1));
            others.fetch_add(usize::from(thread::current().id() != first), Ordering::Relaxed);
        });
        assert!(others.into_inner() > 0);
    }
}
