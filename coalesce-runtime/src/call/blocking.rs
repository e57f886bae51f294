//! Threads that wait for a call.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

/// Drives a future on this thread, which sleeps while it waits.
///
/// # Panics
///
/// On a thread that drives a Tokio runtime, as Tokio's own blocking functions do.
#[track_caller]
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    refuse_runtime();
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        while !unpark.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Has Tokio say whether this thread may block, by a lock that nobody holds.
#[cfg(any(feature = "spawn", feature = "time"))]
#[track_caller]
fn refuse_runtime() {
    drop(tokio::sync::Mutex::const_new(()).blocking_lock());
}

#[cfg(not(any(feature = "spawn", feature = "time")))]
fn refuse_runtime() {}
