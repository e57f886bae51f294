//! Whose turn it is to lead a flight that was abandoned: the newest follower's, then the oldest's, and so on.
//!
//! Callers have deadlines. If the oldest led each time, whose deadline is the next to come, a body that takes
//! longer than what is left of it would be dropped again, and so on: none of ten thousand is answered (`storm`).
//! The newest has the most of its deadline left. But if the newest led each time, callers that come and go, as of
//! a client that opens requests and resets them, would keep an older one, which waits patiently, from ever
//! leading.
//!
//! So they take turns, the newest first: that a leader is dropped once is what happens, and then the newest is
//! right. Of two hand-overs one is the oldest's. Each leader that goes was before us or came after us; those
//! that were before us are used up by the oldest's turns, one by one, and those that came after us have only every
//! second turn. So a follower leads, or is answered, after at most two hand-overs for each caller that was
//! before it, however many come after it (`storm::callers_that_come_and_go_starve_nobody`). And a herd with
//! deadlines loses what its oldest has left, which is little, in every second hand-over (`storm`).
//!
//! Nobody waits for one who may never be polled: a turn is a courtesy. All followers are woken, the one whose turn
//! it is first; another that is polled before it has itself polled once more, behind those who were woken, and
//! then takes over. A newcomer is the newest: in the oldest's turn it follows, and has the same courtesy. The oldest
//! is found among the wakers, outside all locks, and remembered until it goes or leads: it may have been woken
//! before, and be on its way, when the flight is handed over again.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Newest,
    Oldest,
}

/// How often a flight was handed over; it may wrap.
#[derive(Debug)]
pub(crate) struct Turns(u16);

impl Turns {
    pub(crate) fn new() -> Self {
        Self(0)
    }

    /// The flight is handed over; whose turn that is.
    pub(crate) fn next(&mut self) -> Turn {
        self.0 = self.0.wrapping_add(1);
        self.turn()
    }

    /// Whose turn the last hand-over was.
    #[inline]
    pub(crate) fn turn(&self) -> Turn {
        if self.0 % 2 == 1 {
            Turn::Newest
        } else {
            Turn::Oldest
        }
    }

    /// How often it was handed over.
    pub(crate) fn count(&self) -> u16 {
        self.0
    }
}
