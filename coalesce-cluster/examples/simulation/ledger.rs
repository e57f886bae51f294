//! What happened, by key; and what must not happen.
//!
//! Invariant, checked with each entry:
//!
//! 1. Of a key no two bodies run at once.
//! 2. A call is answered with the value of the last body of its key that ended, and that one ended no earlier than the
//!    call began, but for a message's [`WAY`].
//! 3. Of a key no more bodies run than in one process that has all the calls to itself; and one more for each that
//!    was killed with its member. Members need a while to hear of each other, and flights last longer by that: so there
//!    may be fewer.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::traffic::body_time;

/// From a body's end until those who waited have its value: three ways of a millisecond (how many wait? the value, to
/// the engine, and from there), and each may be noticed a millisecond late.
pub(super) const WAY: Duration = Duration::from_millis(6);

/// What a body gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    key: usize,
    /// Which of all bodies.
    body: u64,
}

/// What is known of a key.
#[derive(Debug, Clone, Default)]
pub(super) struct Key {
    pub(super) calls: u64,
    pub(super) answered: u64,
    pub(super) bodies: u64,
    /// Bodies that were killed with their members.
    pub(super) killed: u64,
    /// Bodies that one process would have run that had all calls.
    pub(super) least: u64,
    /// Bodies that the members would have run, each for itself.
    pub(super) apart: u64,
    running: Option<u64>,
    ended: Option<(u64, Instant)>,
    least_until: Option<Instant>,
    apart_until: Vec<(usize, Instant)>,
}

#[derive(Debug)]
struct Entries {
    keys: Vec<Key>,
    bodies: u64,
    /// The longest that a call has waited for more than a body.
    longest: Duration,
    /// Calls that waited for a second more than a body takes.
    held_up: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

/// A call, until it is answered. Dropped before, it died with its member.
pub(super) struct Call {
    ledger: Ledger,
    key: usize,
    began: Instant,
}

/// A body that runs. Dropped before it ends, it was killed.
pub(super) struct Body {
    ledger: Ledger,
    key: usize,
    number: u64,
}

impl Ledger {
    pub(super) fn new(keys: usize) -> Self {
        Self(Arc::new(Mutex::new(Entries {
            keys: vec![Key::default(); keys],
            bodies: 0,
            longest: Duration::ZERO,
            held_up: 0,
        })))
    }

    /// A call of this key comes to this member.
    pub(super) fn call(&self, key: usize, member: usize) -> Call {
        let (began, ends) = (Instant::now(), Instant::now() + body_time(key));
        let mut entries = self.lock();
        let of_key = &mut entries.keys[key];
        of_key.calls += 1;
        if of_key.least_until.is_none_or(|until| until <= began) {
            of_key.least += 1;
            of_key.least_until = Some(ends);
        }
        of_key.apart_until.retain(|(_, until)| *until > began);
        if !of_key.apart_until.iter().any(|(at, _)| *at == member) {
            of_key.apart += 1;
            of_key.apart_until.push((member, ends));
        }
        Call {
            ledger: self.clone(),
            key,
            began,
        }
    }

    /// A body of this key begins.
    pub(super) fn begin(&self, key: usize) -> Body {
        let mut entries = self.lock();
        entries.bodies += 1;
        let number = entries.bodies;
        let of_key = &mut entries.keys[key];
        let other = of_key.running.replace(number);
        assert_eq!(other, None, "two bodies of key {key} run at once");
        of_key.bodies += 1;
        assert!(
            of_key.bodies <= of_key.least + of_key.killed,
            "key {key}: {} bodies; {} would do, and {} were killed",
            of_key.bodies,
            of_key.least,
            of_key.killed,
        );
        Body {
            ledger: self.clone(),
            key,
            number,
        }
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.lock().keys.clone()
    }

    /// The longest that a call has waited for more than a body, and how many waited for a second more.
    pub(super) fn waited(&self) -> (Duration, u64) {
        let entries = self.lock();
        (entries.longest, entries.held_up)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap()
    }
}

impl Call {
    /// It is answered.
    pub(super) fn end(self, answer: Answer) {
        let mut entries = self.ledger.lock();
        let waited = self.began.elapsed().saturating_sub(body_time(self.key));
        entries.longest = entries.longest.max(waited);
        entries.held_up += u64::from(waited >= Duration::from_secs(1));
        let of_key = &mut entries.keys[self.key];
        of_key.answered += 1;
        let (body, ended) = of_key.ended.expect("a body has ended");
        let key = self.key;
        assert_eq!(answer, Answer { key, body }, "of the last body of its key");
        assert!(
            self.began <= ended + WAY,
            "key {key}: the value was {:?} old when the call began",
            self.began - ended,
        );
    }
}

impl Body {
    /// It ends.
    pub(super) fn end(self) -> Answer {
        let Self { key, number, .. } = self;
        self.ledger.lock().keys[key].ended = Some((number, Instant::now()));
        Answer { key, body: number }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // An assertion has failed, and its panic has come here.
        let Ok(mut entries) = self.ledger.0.lock() else {
            return;
        };
        let of_key = &mut entries.keys[self.key];
        of_key.running = None;
        let ended = of_key.ended.map(|(body, _)| body);
        of_key.killed += u64::from(ended != Some(self.number));
    }
}
