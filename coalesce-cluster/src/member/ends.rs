//! Ends and forgets that the engine has not acknowledged.
//!
//! 1. An end is kept until it is acknowledged. One with a frame that may interest nobody asks first how many wait; the
//!    frame is sent only if there are any.
//! 2. After a reconnection ends go before everything else: with the frame if the body ended just now, else as
//!    abandoned, since a member that did not hear of the end may have let newcomers join.
//! 3. What is older than any flight that it is about is dropped: the engine has forgotten it by itself.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

use crate::engine::{Digest, End, Frame, How, Token};

/// As long a value may be given that the engine did not learn of.
const CURRENT: Duration = Duration::from_millis(1500);

/// As long a flight may live elsewhere whose forget was not acknowledged.
const FORGET: Duration = Duration::from_secs(60);

/// This many forgotten keys are kept in any case.
const FULL: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Ends {
    ends: BTreeMap<Token, Ending>,
    forgets: BTreeMap<Digest, VecDeque<Forget>>,
    /// With this many keys, those that are too old are dropped.
    full: usize,
}

/// An end that was sent, or is to be.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) end: End,
    /// What follows if anybody waits.
    pub(super) frame: Option<Frame>,
    /// Whose body ended, if one did.
    pub(super) function: Option<&'static str>,
    pub(super) since: Instant,
}

#[derive(Debug)]
struct Forget {
    since: Instant,
    /// Who waits for this, and for others. They are told by the last, or learn by its drop that there is none.
    flushes: Vec<Arc<oneshot::Sender<()>>>,
}

impl Ends {
    /// A flight ends.
    pub(super) fn end(&mut self, ending: Ending) {
        self.ends.insert(ending.end.token, ending);
    }

    /// How many ends were not acknowledged.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether its end is on its way.
    pub(super) fn is_ending(&self, token: Token) -> bool {
        self.ends.contains_key(&token)
    }

    /// An end was acknowledged.
    pub(super) fn ended(&mut self, token: Token) -> Option<Ending> {
        self.ends.remove(&token)
    }

    /// What to send on the next connection.
    pub(super) fn again(&mut self, now: Instant) -> Vec<End> {
        self.ends
            .retain(|_, end| now < end.since + 2 * end.end.lease);
        for end in self.ends.values_mut() {
            if let Some(frame) = end.frame.take() {
                end.end.how = How::Value(frame);
            }
            if matches!(end.end.how, How::Ask) || now >= end.since + CURRENT {
                end.end.how = How::Abandoned;
            }
        }
        self.ends.values().map(|end| end.end.clone()).collect()
    }

    /// A key was forgotten.
    pub(super) fn forget(&mut self, key: Digest, now: Instant) {
        if self.forgets.len() >= self.full {
            self.drop_old(now);
            self.full = FULL.max(2 * self.forgets.len());
        }
        self.forgets.entry(key).or_default().push_back(Forget {
            since: now,
            flushes: Vec::new(),
        });
    }

    /// Tells when all that was forgotten so far is acknowledged.
    pub(super) fn flush(&mut self, told: oneshot::Sender<()>) {
        let told = Arc::new(told);
        for forget in self.forgets.values_mut().flatten() {
            forget.flushes.push(Arc::clone(&told));
        }
        acknowledge(told);
    }

    fn drop_old(&mut self, now: Instant) {
        self.forgets.retain(|_, forgets| {
            forgets.retain(|forget| now < forget.since + FORGET);
            !forgets.is_empty()
        });
    }

    /// A forget was acknowledged.
    pub(super) fn forgot(&mut self, key: Digest) {
        let Some(forgets) = self.forgets.get_mut(&key) else {
            return;
        };
        let acknowledged = forgets.pop_front();
        let flushes = acknowledged.map_or_else(Vec::new, |forget| forget.flushes);
        flushes.into_iter().for_each(acknowledge);
        if forgets.is_empty() {
            self.forgets.remove(&key);
        }
    }

    /// What to send on the next connection.
    pub(super) fn forgets(&mut self, now: Instant) -> Vec<Digest> {
        self.drop_old(now);
        let times = |(key, forgets): (&Digest, &VecDeque<Forget>)| vec![*key; forgets.len()];
        self.forgets.iter().flat_map(times).collect()
    }

    /// Nobody can be told any more.
    pub(super) fn give_up(&mut self) {
        for forget in self.forgets.values_mut().flatten() {
            forget.flushes.clear();
        }
    }
}

/// One more of those that a flush waits for.
fn acknowledge(flush: Arc<oneshot::Sender<()>>) {
    if let Some(told) = Arc::into_inner(flush) {
        let _ = told.send(());
    }
}
