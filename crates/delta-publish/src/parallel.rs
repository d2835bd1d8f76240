//! Several pieces of work at a time: on threads, as far as there may be some.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
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
    jobs.each_in_order(items, work, |_, result| results.push(result));
    results
}

impl Jobs {
    /// Gives every item to `work`, as many at a time as there are threads; hands the
    /// results to `take` in the order of the items, each as soon as those before it are
    /// there. Items are begun in their order.
    pub fn each_in_order<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> R + Sync,
        take: impl FnMut(&T, R) + Send,
    ) {
        let queue = Mutex::new(Queue { items, begun: 0, finished: 0, waiting: BTreeMap::new(), take });
        thread::scope(|scope| work_off(scope, &queue, self, &work));
    }
}

/// What is left to do, and what is finished.
struct Queue<'a, T, R, F> {
    items: &'a [T],
    /// How many items were given out.
    begun: usize,
    /// How many results were handed to `take`.
    finished: usize,
    /// Results whose turn has not come.
    waiting: BTreeMap<usize, R>,
    take: F,
}

impl<'a, T, R, F: FnMut(&T, R)> Queue<'a, T, R, F> {
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
                (self.take)(item, result);
            }
            self.finished += 1;
        }
    }
}

/// Works until nothing is left to begin. Before each item one more thread is called
/// for help, if there may be one by then.
fn work_off<'scope, T: Sync, R: Send>(
    scope: &'scope Scope<'scope, '_>,
    queue: &'scope Mutex<Queue<'_, T, R, impl FnMut(&T, R) + Send>>,
    jobs: &'scope Jobs,
    work: &'scope (impl Fn(&T) -> R + Sync),
) {
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let next = lock().next();
        let Some((at, item, more)) = next else { break };
        if more && let Some(permit) = jobs.thread() {
            let help = move || {
                let _permit = permit;
                work_off(scope, queue, jobs, work);
            };
            // Where there can be no thread there is one less to work.
            let _ = thread::Builder::new().name("publish".to_owned()).spawn_scoped(scope, help);
        }
        let result = work(item);
        lock().finish(at, result);
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
