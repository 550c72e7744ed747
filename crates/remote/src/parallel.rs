//! Many questions at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What `f` says of each item, in their order, worked out by so many threads. After the first error no other item is begun.
pub fn map<T: Sync, R: Send, E: Send>(
    items: &[T],
    threads: usize,
    f: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    if items.len() <= 1 || threads <= 1 {
        return items.iter().map(f).collect();
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<Vec<(usize, Result<R, E>)>> = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        while !failed.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(i) else { break };
            let result = f(item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((i, result));
        }
    };
    std::thread::scope(|scope| {
        // This thread is one of them, so that there is one where memory is too little for others.
        for _ in 1..threads.min(items.len()) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, worker);
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_questions() {
        let items: Vec<u64> = (0..100).collect();
        for threads in [0, 1, 7, 200] {
            let doubled = map(&items, threads, |n| {
                std::thread::sleep(std::time::Duration::from_micros((n * 37) % 500));
                Ok::<_, ()>(2 * n)
            });
            let want: Vec<u64> = items.iter().map(|n| 2 * n).collect();
            assert_eq!(doubled, Ok(want));
            let failed = map(&items, threads, |&n| if n == 13 { Err(n) } else { Ok(n) });
            assert_eq!(failed, Err(13));
        }
    }
}
