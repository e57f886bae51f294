//! The tasks of `task.rs` for loom, to which Tokio's are invisible: each is a thread of the model.
//!
//! As in Tokio, an aborted task is polled to the end of the poll that it is in, and its future is dropped before
//! whoever waits for it is told.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use loom::{sync::Condvar, thread};

use crate::sync::Mutex;

loom::lazy_static! {
    static ref THREADS: Mutex<Vec<(Arc<Signal>, thread::JoinHandle<()>)>> = Mutex::new(Vec::new());
}

/// Waits for every task of the model.
pub fn join_tasks() {
    loop {
        let thread = THREADS.lock().unwrap().pop();
        match thread {
            Some((_, thread)) => thread.join().unwrap(),
            None => return,
        }
    }
}

/// Aborts every task that was spawned by now, as a runtime does that shuts down.
pub fn shut_down() {
    let signals: Vec<_> = THREADS
        .lock()
        .unwrap()
        .iter()
        .map(|(signal, _)| Arc::clone(signal))
        .collect();
    signals.iter().for_each(|signal| signal.set(false, true));
}

/// The model's runtime.
pub(crate) struct Handle;

impl Handle {
    pub(crate) fn try_current() -> Result<Self, ()> {
        Ok(Self)
    }

    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let signal = Arc::new(Signal::default());
        let end = Arc::new(End(Mutex::new((None, None))));
        let task = JoinHandle {
            signal: Arc::clone(&signal),
            end: Arc::clone(&end),
        };
        let shared = Arc::clone(&signal);
        let thread = thread::spawn(move || end.put(run(future, &signal)));
        THREADS.lock().unwrap().push((shared, thread));
        task
    }
}

fn run<F: Future>(future: F, signal: &Arc<Signal>) -> Result<F::Output, JoinError> {
    let mut future = Box::pin(future);
    let waker = Waker::from(Arc::clone(signal));
    let mut cx = Context::from_waker(&waker);
    loop {
        if signal.is_aborted() {
            return Err(JoinError(None));
        }
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))) {
            Ok(Poll::Ready(output)) => return Ok(output),
            Ok(Poll::Pending) => signal.wait(),
            Err(panic) => return Err(JoinError(Some(panic))),
        }
    }
}

/// What a task waits for: to be woken, or aborted.
#[derive(Debug, Default)]
struct Signal {
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Signal {
    fn is_aborted(&self) -> bool {
        self.state.lock().unwrap().1
    }

    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        while !(state.0 || state.1) {
            state = self.changed.wait(state).unwrap();
        }
        state.0 = false;
    }

    fn set(&self, woken: bool, aborted: bool) {
        let mut state = self.state.lock().unwrap();
        *state = (state.0 | woken, state.1 | aborted);
        self.changed.notify_one();
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.set(true, false);
    }
}

/// What a task ended with, and who waits for it.
struct End<T>(Mutex<Ended<T>>);

type Ended<T> = (Option<Result<T, JoinError>>, Option<Waker>);

impl<T> End<T> {
    fn put(&self, end: Result<T, JoinError>) {
        let mut state = self.0.lock().unwrap();
        state.0 = Some(end);
        let waiter = state.1.take();
        drop(state);
        waiter.into_iter().for_each(Waker::wake);
    }
}

pub(crate) struct JoinHandle<T> {
    signal: Arc<Signal>,
    end: Arc<End<T>>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn abort_handle(&self) -> AbortHandle {
        AbortHandle(Arc::clone(&self.signal))
    }

    pub(crate) fn abort(&self) {
        self.signal.set(false, true);
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.end.0.lock().unwrap();
        match state.0.take() {
            Some(end) => Poll::Ready(end),
            None => {
                state.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct AbortHandle(Arc<Signal>);

impl AbortHandle {
    pub(crate) fn abort(&self) {
        self.0.set(false, true);
    }
}

/// The panic of a task, or none if it was aborted.
pub(crate) struct JoinError(Option<Box<dyn Any + Send>>);

impl JoinError {
    pub(crate) fn try_into_panic(self) -> Result<Box<dyn Any + Send>, Self> {
        self.0.ok_or(Self(None))
    }
}
