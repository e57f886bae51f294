//! Threads that wait for a call.

use std::{
    ops::Deref,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

use crate::{
    call::{Call, caller::Caller, no_key::NoKey},
    flight::map::FlightMap,
    sharing::{Share, Sharing},
};

/// Drives a call that has joined on this thread, which sleeps while it waits: until it is woken, or until it
/// has waited long enough (`max_wait`).
pub(crate) fn drive<H, S, K, V>(
    caller: Caller<H, K>,
    share: Share<V>,
    body: impl FnOnce() -> S::Output,
) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    V: Send + Sync + 'static,
{
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut cx = Context::from_waker(&waker);
    let body = async { body() };
    let mut call = pin!(Call::<H, NoKey, S, K, V, _>::new(caller, None, share, body));
    loop {
        if let Poll::Ready(output) = call.as_mut().poll(&mut cx) {
            return output;
        }
        unpark.wait(call.caller().until());
    }
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Unpark {
    fn wait(&self, until: Option<Instant>) {
        while !self.woken.swap(false, Ordering::Acquire) {
            let Some(until) = until else {
                thread::park();
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::park_timeout(left);
        }
    }
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
pub(crate) fn refuse_runtime(_: &'static str) {
    drop(tokio::sync::Mutex::const_new(()).blocking_lock());
}

#[cfg(not(any(feature = "spawn", feature = "time")))]
pub(crate) fn refuse_runtime(_: &'static str) {}
