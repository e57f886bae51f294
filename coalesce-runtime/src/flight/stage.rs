//! The stage of a flight and the number of its followers, in one word, since they change together.

use crate::{
    flight::takeover::{Turn, Turns},
    sync::{
        AtomicU64,
        Ordering::{AcqRel, Acquire},
    },
};

/// What `flight.rs` tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A body is alive.
    Led,
    /// The leader went.
    Vacant,
    /// There is an outcome, or about to be.
    Landed,
}

/// A [`Stage`], and how many callers wait, whether or not they were polled since they joined.
#[derive(Debug)]
pub(crate) struct Staged(AtomicU64);

const BITS: u32 = 2;

const fn word(stage: Stage, followers: u64) -> u64 {
    followers << BITS | stage as u64
}

const fn parts(word: u64) -> (Stage, u64) {
    let stage = match word & ((1 << BITS) - 1) {
        0 => Stage::Led,
        1 => Stage::Vacant,
        _ => Stage::Landed,
    };
    (stage, word >> BITS)
}

impl Staged {
    /// Led, with no followers.
    pub(crate) fn led() -> Self {
        Self(AtomicU64::new(word(Stage::Led, 0)))
    }

    pub(crate) fn get(&self) -> (Stage, u64) {
        parts(self.0.load(Acquire))
    }

    /// Changes both, unless there is no change to be made; returns what they were, and whether it did.
    fn change(
        &self,
        mut to: impl FnMut(Stage, u64) -> Option<(Stage, u64)>,
    ) -> Result<(Stage, u64), Stage> {
        let mut old = self.0.load(Acquire);
        loop {
            let (stage, followers) = parts(old);
            let Some((next, count)) = to(stage, followers) else {
                return Err(stage);
            };
            match self
                .0
                .compare_exchange(old, word(next, count), AcqRel, Acquire)
            {
                Ok(_) => return Ok((stage, followers)),
                Err(newer) => old = newer,
            }
        }
    }

    /// A newcomer follows, or leads if nobody does, and it is its turn or nobody else is there; whether it follows.
    #[inline]
    pub(crate) fn join(&self, turns: &Turns) -> bool {
        let mut leads = false;
        let _ = self.change(|stage, followers| {
            leads = stage == Stage::Vacant && (turns.turn() == Turn::Newest || followers == 0);
            Some(if leads {
                (Stage::Led, followers)
            } else {
                (stage, followers + 1)
            })
        });
        !leads
    }

    /// A follower leads, if nobody does; whether it was the first to try.
    pub(crate) fn take_over(&self) -> bool {
        let took = self.change(|stage, followers| {
            (stage == Stage::Vacant).then(|| (Stage::Led, followers - 1))
        });
        took.is_ok()
    }

    /// A follower goes. Returns the stage and how many are left, unless the flight has landed, which counted
    /// it off.
    pub(crate) fn leave(&self) -> Option<(Stage, u64)> {
        let left = self
            .change(|stage, followers| (stage != Stage::Landed).then(|| (stage, followers - 1)));
        left.ok().map(|(stage, followers)| (stage, followers - 1))
    }

    /// The leader goes; whether there is a follower to take over.
    pub(crate) fn vacate(&self) -> bool {
        let vacated =
            self.change(|_, followers| (followers > 0).then_some((Stage::Vacant, followers)));
        vacated.is_ok()
    }

    /// The leader lands; how many followers there are, who are counted off.
    pub(crate) fn land(&self) -> u64 {
        parts(self.0.swap(word(Stage::Landed, 0), AcqRel)).1
    }
}
