//! A waiting request: its own service and request, to lead with or to run alone, and its own response, if
//! it did.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{Request, Response};

use super::response_body::ResponseBody;

/// Shared by a request's future and its body, which may be on another task, and by nobody else: other
/// requests never see it.
pub(crate) struct Waiting<Q, T>(Arc<Mutex<State<Q, T>>>);

/// A waiting request to a service `S` whose responses have bodies `D`.
pub(crate) type WaitingOf<S, B, D, E> =
    Waiting<(S, Request<B>), Result<Response<ResponseBody<D>>, E>>;

enum State<Q, T> {
    /// It has not run.
    Waiting(Q),
    /// Its body has what was waiting, or its future has the response.
    Empty,
    /// It has run.
    Done(T),
}

impl<Q, T> Waiting<Q, T> {
    pub(crate) fn new(waiting: Q) -> Self {
        Self(Arc::new(Mutex::new(State::Waiting(waiting))))
    }

    /// What it runs with.
    pub(crate) fn run(&self) -> Option<Q> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Empty) {
            State::Waiting(waiting) => Some(waiting),
            other => {
                *state = other;
                None
            }
        }
    }

    /// It has run.
    pub(crate) fn put(&self, done: T) {
        *self.lock() = State::Done(done);
    }

    /// What came of it, if it has run.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Empty) {
            State::Done(done) => Some(done),
            other => {
                *state = other;
                None
            }
        }
    }

    // Nothing of the user's runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State<Q, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, T> Clone for Waiting<Q, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, T> fmt::Debug for Waiting<Q, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}
