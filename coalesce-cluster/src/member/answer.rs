//! The place where a member puts what it has found for a leader.
//!
//! 1. The leader asks, and polls the answer; its successors, should it go, attend to the same one.
//! 2. The member says `Run` or gives a frame, once.
//! 3. While nobody attends, a lease is not taken: the member gives it back and says `Again`, since a caller that is
//!    not polled would keep it from the others.
//! 4. A lease that was offered is renewed only after the leader has taken it.
//!
//! Wakers are other people's code, and are called outside the lock.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::displaced::Displaced;
use crate::engine::{Frame, Token};

/// What a member says to a leader.
#[derive(Debug)]
pub(crate) enum Said {
    /// Run the body; with this token, if others may wait for it.
    Run(Option<Token>),
    /// That flight ended with this frame.
    Given(Token, Frame),
    /// Ask again: it was this caller's turn, but nobody attended.
    Again,
}

#[derive(Debug)]
pub(crate) struct Answer {
    state: Mutex<State>,
    displaced: Displaced,
}

#[derive(Default)]
struct State {
    said: Option<Said>,
    waker: Option<Waker>,
    left: bool,
    taken: bool,
}

impl Answer {
    /// For a leader of a local flight with this mark.
    pub(crate) fn new(displaced: Displaced) -> Self {
        Self {
            state: Mutex::default(),
            displaced,
        }
    }

    /// Takes what the member has said.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Said> {
        let mut state = self.lock();
        match state.said.take() {
            Some(said) => {
                state.taken = true;
                Poll::Ready(said)
            }
            None => {
                let old = state.waker.replace(cx.waker().clone());
                drop(state);
                drop(old);
                Poll::Pending
            }
        }
    }

    /// Says it; `false`: nobody attends to take the lease.
    pub(crate) fn say(&self, said: Said) -> bool {
        let mut state = self.lock();
        let refused = state.left && matches!(said, Said::Run(Some(_)));
        state.said = Some(if refused { Said::Again } else { said });
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            // A panic of other people's code has been told by the panic hook, and is not to end the member.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
        !refused
    }

    /// The leader goes. `false`: it was offered the lease, which it has to give back.
    pub(crate) fn leave(&self) -> bool {
        let mut state = self.lock();
        state.left = true;
        let waker = state.waker.take();
        let offered = matches!(state.said, Some(Said::Run(Some(_))));
        if offered {
            state.said = Some(Said::Again);
        }
        drop(state);
        drop(waker);
        !offered
    }

    /// A successor comes.
    pub(crate) fn attend(&self) {
        self.lock().left = false;
    }

    /// Whether the leader has taken what was said.
    pub(crate) fn is_taken(&self) -> bool {
        self.lock().taken
    }

    /// Lets no newcomer join the local flight.
    pub(crate) fn displace(&self) {
        self.displaced.set();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("said", &self.said)
            .field("left", &self.left)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}
