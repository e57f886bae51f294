//! What the threads of a schedule share: the groups, what is counted, and what was found to be wrong.

use super::{chance, key::Key, mischief::caught, plan::Plan, value::*};
use coalesced::{Config, Group, Stats};
use std::{
    array,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicIsize, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    task::Waker,
};
use tokio_test::task;

pub(super) const KEYS: usize = 3;
pub(super) const FUNCTIONS: usize = 7;
pub(super) const GROUPS: usize = 3;

/// How many there are.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicIsize);

impl Count {
    pub(super) fn enter(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    pub(super) fn leave(&self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// What is alive.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) keys: Count,
    pub(super) values: Count,
    pub(super) wakers: Count,
    pub(super) bodies: Count,
}

impl Tally {
    fn all(&self) -> [isize; 4] {
        [&self.keys, &self.values, &self.wakers, &self.bodies].map(|count| count.0.load(SeqCst))
    }
}

/// What happened, by our own count.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Callers that were polled.
    pub(super) calls: AtomicU64,
    /// Of these, who unwound before it may have been counted.
    pub(super) unwound: AtomicU64,
    /// Bodies that were polled.
    pub(super) bodies: AtomicU64,
    /// Bodies that may have been counted, but were never polled: dropped as a task, or by a panic.
    pub(super) stillborn: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) panics: AtomicU64,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) tally: Arc<Tally>,
    pub(super) ledger: Ledger,
    pub(super) outer: Group<Key, Outcome>,
    /// What bodies call.
    pub(super) inner: Group<Key, Outcome>,
    /// Errors are their own caller's alone.
    pub(super) only_ok: Group<Key, Value>,
    clock: AtomicU64,
    /// How many bodies of each function and key are alive.
    pub(super) active: [[AtomicUsize; KEYS]; FUNCTIONS],
    /// When each group and key was last forgotten.
    pub(super) forgotten: [[AtomicU64; KEYS]; GROUPS],
    /// Wakers of bodies that wait for nothing in particular.
    shelf: Mutex<Vec<Waker>>,
    faults: Mutex<Vec<String>>,
}

impl World {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self {
            plan,
            tally: Arc::default(),
            ledger: Ledger::default(),
            outer: Group::new(),
            inner: Group::new(),
            only_ok: Group::new(),
            clock: AtomicU64::new(1),
            active: array::from_fn(|_| array::from_fn(|_| AtomicUsize::new(0))),
            forgotten: array::from_fn(|_| array::from_fn(|_| AtomicU64::new(0))),
            shelf: Mutex::default(),
            faults: Mutex::default(),
        })
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst)
    }

    /// Something is wrong. It is told at the end: a panic would be taken for a body's.
    pub(super) fn blame(&self, fault: String) {
        self.faults.lock().unwrap().push(fault);
    }

    /// A body waits.
    pub(super) fn shelve(&self, waker: Waker) {
        self.shelf.lock().unwrap().push(waker);
    }

    /// Wakes one of the bodies that wait, or all; whether there was any.
    pub(super) fn ring(&self, all: bool) -> bool {
        let woken = {
            let mut shelf = self.shelf.lock().unwrap();
            match shelf.len() {
                0 => Vec::new(),
                _ if all => std::mem::take(&mut *shelf),
                len => vec![shelf.swap_remove(chance::below(len))],
            }
        };
        let any = !woken.is_empty();
        for waker in woken {
            let _ = caught(self.plan.mischief, || waker.wake());
        }
        any
    }

    fn stats(&self) -> [Stats; GROUPS] {
        [self.outer.stats(), self.inner.stats(), self.only_ok.stats()]
    }

    /// Everybody has gone.
    pub(super) fn close(self: Arc<Self>) {
        let sum = |count: fn(&Stats) -> u64| self.stats().iter().map(count).sum::<u64>();
        let ours = |count: &AtomicU64| count.load(SeqCst);
        let Ledger {
            calls,
            unwound,
            bodies,
            stillborn,
            errors,
            panics,
        } = &self.ledger;
        let is_within = |what, counted, least, more: u64| {
            if counted < least || counted > least + more {
                self.blame(format!("{counted} {what}, not {least} (+ {more})"));
            }
        };
        let unwound = ours(unwound);
        is_within("calls", sum(|it| it.calls), ours(calls) - unwound, unwound);
        let counted = sum(Stats::bodies);
        is_within("bodies", counted, ours(bodies), ours(stillborn));
        is_within("errors", sum(|it| it.errors), ours(errors), 0);
        is_within("panics", sum(|it| it.panics), ours(panics), 0);
        is_within("in flight", sum(|it| it.in_flight), 0, 0);
        is_within("waiting", sum(|it| it.waiting), 0, 0);
        for group in [&self.outer, &self.inner] {
            self.begin_again(group);
        }
        let (tally, plan) = (Arc::clone(&self.tally), self.plan);
        let faults = std::mem::take(&mut *self.faults.lock().unwrap());
        assert!(faults.is_empty(), "{faults:#?}\n{plan:?}");
        assert_eq!(Arc::strong_count(&self), 1, "somebody is left\n{plan:?}");
        drop(self);
        assert_eq!(
            tally.all(),
            [0; 4],
            "keys, values, wakers, bodies\n{plan:?}"
        );
    }
    /// After all that each key has a leader and a follower, as if it were new: also those who wait are counted
    /// well, whose number, were it too small, would not be seen as long as there are none.
    fn begin_again(&self, group: &Group<Key, Outcome>) {
        group.set_config(Config::new());
        let keys: Vec<_> = (0..self.plan.keys)
            .map(|key| Key::new(key, &self.tally))
            .collect();
        let mut calls: Vec<_> = keys
            .iter()
            .flat_map(|key| [key; 2])
            .map(|key| task::spawn(group.call(key, pending())))
            .collect();
        let are_pending = calls.iter_mut().all(|call| call.poll().is_pending());
        let Stats {
            in_flight, waiting, ..
        } = group.stats();
        if !are_pending || (in_flight, waiting) != (keys.len() as u64, keys.len() as u64) {
            self.blame(format!("anew: {in_flight} in flight, {waiting} waiting"));
        }
    }
}
