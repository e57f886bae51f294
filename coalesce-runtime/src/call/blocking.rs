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
    call::{
        Call,
        across::{Brief, Lead},
        seat::Seat,
    },
    flight::map::FlightMap,
    key::no_key::NoKey,
    sharing::{Share, Sharing},
};

/// Drives a call that has joined on this thread, which sleeps while it waits: until it is woken, or until it
/// has waited long enough (`max_wait`).
pub(crate) fn drive<H, S, K, V, L>(
    seat: Seat<H, K, L, NoKey>,
    share: Share<V>,
    body: impl FnOnce() -> S::Output,
) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    K: Send + Sync + 'static,
    L: Lead<V> + Brief<NoKey>,
{
    assert!(
        !seat.caller.is_forgotten(),
        "`forget` is around a plain `fn`, which returns a value, and has none; use the group's `forget`, or \
         `fresh(..)` around the next call"
    );
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut cx = Context::from_waker(&waker);
    let body = async { body() };
    let call = Call::<H, NoKey, S, K, V, _, L>::new(seat, share, body);
    let mut call = pin!(call);
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

/// # Panics
///
/// On a thread that drives a Tokio runtime, as Tokio's own blocking functions do.
///
/// Whether it does, only Tokio knows, and tells only by the panic of a function that would block: here a lock
/// that nobody holds. That a runtime is *entered* says nothing, since it is on the threads of `spawn_blocking`,
/// too, in `block_in_place` and under the guard of `enter`; nor does a task's id, which the thread of
/// `Runtime::block_on` has not. So the panic hook tells of Tokio's panic before it tells of this one.
#[cfg(any(feature = "spawn", feature = "time"))]
#[track_caller]
pub(crate) fn refuse_runtime(function: &'static str) {
    let lock = || drop(tokio::sync::Mutex::const_new(()).blocking_lock());
    assert!(
        !crate::panic::panics(lock),
        "`{function}` would block a thread that drives a Tokio runtime; call it in `spawn_blocking`, or make \
         it async"
    );
}

#[cfg(not(any(feature = "spawn", feature = "time")))]
pub(crate) fn refuse_runtime(_: &'static str) {}
