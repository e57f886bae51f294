//! Bodies that do a step at each poll, and are counted.

use std::{
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};

use loom::thread;

/// What is counted of the bodies of one flight, or of several.
#[derive(Clone, Default)]
pub(crate) struct Bodies {
    active: Arc<AtomicUsize>,
    started: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Bodies {
    /// A body of these that takes so many polls more than one, and ends so.
    pub(crate) fn body<T>(
        &self,
        polls: usize,
        end: impl FnOnce() -> T + Send + 'static,
    ) -> Body<T> {
        Body {
            bodies: self.clone(),
            running: false,
            polls,
            end: Some(Box::new(end)),
        }
    }

    pub(crate) fn started(&self) -> usize {
        self.started.load(SeqCst)
    }

    pub(crate) fn active(&self) -> usize {
        self.active.load(SeqCst)
    }

    /// How many there were at one time.
    pub(crate) fn most(&self) -> usize {
        self.most.load(SeqCst)
    }
}

/// So many polls that a body never ends.
pub(crate) const FOR_EVER: usize = usize::MAX;

/// A body that takes so many polls more than one, and ends so, or panics.
pub(crate) struct Body<T> {
    bodies: Bodies,
    running: bool,
    polls: usize,
    end: Option<Box<dyn FnOnce() -> T + Send>>,
}

impl<T> Body<T> {
    /// It ends with a panic.
    pub(crate) fn that_panics(mut self) -> Self {
        self.end = None;
        self
    }
}

impl<T> Future for Body<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if !self.running {
            self.running = true;
            self.bodies.started.fetch_add(1, SeqCst);
            let active = self.bodies.active.fetch_add(1, SeqCst) + 1;
            self.bodies.most.fetch_max(active, SeqCst);
        }
        if self.polls == FOR_EVER {
            return Poll::Pending;
        }
        if self.polls > 0 {
            self.polls -= 1;
            cx.waker().wake_by_ref();
            thread::yield_now();
            return Poll::Pending;
        }
        match self.end.take() {
            Some(end) => Poll::Ready(end()),
            None => resume_unwind(Box::new("a body that panics")),
        }
    }
}

impl<T> Drop for Body<T> {
    fn drop(&mut self) {
        if self.running {
            self.bodies.active.fetch_sub(1, SeqCst);
        }
    }
}
