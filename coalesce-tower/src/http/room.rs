//! Room for more of a body: how a fetch waits for its slowest client, and for how long.
//!
//! 1. While the fetch is open there is room. Then there is, while less is kept than `max_body` and the budget is not
//!    spent, and in any case when nothing is kept: so it can always go on, frame by frame.
//! 2. Else the task waits, with its waker in the state, for a client that makes room: one who reads, or leaves.
//! 3. While others have read all and wait for more, the slowest one has the limit's time from when the first chunk
//!    came: one who trickles gains nothing by it. While nobody waits for it, it has that time from when a client moved
//!    last: clients that are slow together are waited for.
//! 4. Then the first chunk is dropped, and those who had not read all of it are cut off.
//!
//! What if the task is dropped: its waker stays in the state, where it wakes nobody.

use std::{
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::Instant;

use super::{fetch::Fetch, pause::Pause, state::State};

impl Fetch {
    /// Ready when there is room for more of the body.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>, pause: &mut Pause) -> Poll<()> {
        // Then nobody has waited yet.
        if self.is_open() {
            return Poll::Ready(());
        }
        let mut waker = None;
        loop {
            let mut state = self.lock();
            if self.has_room(&state) {
                state.moved = None;
                let unused = state.room.take();
                drop(state);
                drop(unused);
                return Poll::Ready(());
            }
            let deadline = state.patience_ends(self.rules.terms.patience);
            if Instant::now() >= deadline {
                state.frames.cut();
                state.moved = None;
                self.account(&mut state);
                continue;
            }
            let Some(new) = waker.take() else {
                drop(state);
                waker = Some(cx.waker().clone());
                continue;
            };
            let old = state.room.replace(new);
            drop(state);
            drop(old);
            if pause.poll(deadline, cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn has_room(&self, state: &State) -> bool {
        let (length, max) = (state.frames.length(), self.rules.terms.max_body);
        self.is_open() || length == 0 || length < max && !self.rules.budget.is_spent()
    }

    /// The task's waker, if what it waits for has come or its patience ends earlier now.
    pub(super) fn roomy(&self, state: &mut State) -> Option<Waker> {
        state.room.as_ref()?;
        let is_roomy = state.frames.has_readers_behind() || self.has_room(state);
        is_roomy.then(|| state.room.take())?
    }
}

impl State {
    /// Until when the task waits for the slowest client.
    fn patience_ends(&mut self, patience: Duration) -> Instant {
        let moved = *self.moved.get_or_insert_with(Instant::now);
        let oldest = self.frames.oldest();
        let others_wait = self.frames.has_readers_behind();
        oldest.filter(|_| others_wait).unwrap_or(moved) + patience
    }
}
