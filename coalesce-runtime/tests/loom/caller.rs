//! A call, and the thread that waits for it.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use loom::sync::{Condvar, Mutex};

/// A thread that waits for its future.
#[derive(Default)]
pub(crate) struct Parker {
    woken: Mutex<bool>,
    changed: Condvar,
    wakes: AtomicUsize,
}

impl Parker {
    /// How often it was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.load(SeqCst)
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.wakes.fetch_add(1, SeqCst);
        self.changed.notify_one();
    }
}

/// A call, and the thread that waits for it.
pub(crate) struct Caller<T = Arc<usize>> {
    call: Pin<Box<dyn Future<Output = T> + Send>>,
    /// If it was done at once.
    done: Option<T>,
    pub(crate) parker: Arc<Parker>,
}

impl<T> Caller<T> {
    pub(crate) fn new(call: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            call: Box::pin(call),
            done: None,
            parker: Arc::default(),
        }
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&self.parker));
        self.call.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// It is polled for the first time, and has to wait.
    pub(crate) fn begin(mut self) -> Self {
        assert!(self.poll().is_pending());
        self
    }

    /// It is polled for the first time; it may be done at once, if its body is a task.
    pub(crate) fn start(mut self) -> Self {
        if let Poll::Ready(value) = self.poll() {
            self.done = Some(value);
        }
        self
    }

    /// Polls until it is done, whenever it is woken.
    pub(crate) fn wait(mut self) -> T {
        if let Some(value) = self.done.take() {
            return value;
        }
        loop {
            if let Poll::Ready(value) = self.poll() {
                return value;
            }
            let mut woken = self.parker.woken.lock().unwrap();
            while !*woken {
                woken = self.parker.changed.wait(woken).unwrap();
            }
            *woken = false;
        }
    }
}
