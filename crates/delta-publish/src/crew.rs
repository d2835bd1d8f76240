//! Several pieces of work at a time: on threads, as far as there can be some.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Gives every item to `work`, on up to `threads` threads, of which the calling one is
/// one; hands out the results in the order of the items. Items are begun in their order.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let labour = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            if thread::Builder::new().name("publish".to_owned()).spawn_scoped(scope, labour).is_err() {
                // Where there can be no thread there is one less to work.
                break;
            }
        }
        labour();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 2, 7, 1000] {
            let found = each(&items, threads, |item| {
                thread::sleep(std::time::Duration::from_micros((item % 7) as u64 * 100));
                item * 2
            });
            assert_eq!(found, items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{threads} threads");
        }
        assert!(each(&[0; 0], 3, |item| *item).is_empty());
    }
}
