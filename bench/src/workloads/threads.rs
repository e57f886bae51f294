//! 64 tasks on two threads that call and call: all with one key, or with keys of a million.
//!
//! A body lets others run, so that they come to call while it is in flight. How many bodies there should be of one key
//! depends on who came when, but never two at once; one for 64 callers, 0.016 a call, is the least.

use std::{sync::Arc, time::Instant};

use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    body::{Body, Race, Tally, Turn, Until},
    contender::{Contender, Side},
    dice::mix,
    key::Key,
    reading::{Faults, Reading},
    workloads::runtime::finished,
};

const TASKS: u64 = 64;

/// A power of two, for the lower bits of a value to tell the key.
const KEYS: u64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    One,
    AMillion,
}

/// What each of the tasks does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) keys: Keys,
    pub(super) turn: Turn,
    pub(super) calls: u64,
}

/// Of each course there are two readings.
pub(super) const fn rate(course: usize) -> usize {
    2 * course
}

pub(super) const fn bodies(course: usize) -> usize {
    2 * course + 1
}

pub(super) const BODIES_PER_CALL: &str =
    "bodies that ran, divided by the calls: 0.016 where each is shared by all 64, 1 where none is";

/// One course after the other: calls in a second, in millions, and the bodies that ran for each.
pub(super) fn round<K: Key, C: Contender<K>>(
    contender: &Arc<C>,
    runtime: &Runtime,
    courses: &[Course],
    side: Side,
) -> Reading {
    let mut all = Reading::default();
    for course in courses {
        let Reading { values, faults } = run(contender, runtime, *course, side);
        all.values.extend(values);
        all.faults.add(faults);
    }
    all
}

fn run<K: Key, C: Contender<K>>(
    contender: &Arc<C>,
    runtime: &Runtime,
    Course { keys, turn, calls }: Course,
    side: Side,
) -> Reading {
    let race = Race::new(keys == Keys::One && side != Side::Limit);
    let mut tasks = JoinSet::new();
    let tallies: Vec<_> = (0..TASKS).map(|_| Tally::new()).collect();
    let start = Instant::now();
    for (task, tally) in tallies.iter().copied().enumerate() {
        let contender = Arc::clone(contender);
        let first = task as u64 * calls;
        let task = async move {
            let mut faults = Faults::default();
            let mut last = u64::MAX;
            for n in first..first + calls {
                let key = match keys {
                    Keys::One => 7,
                    Keys::AMillion => mix(n) % KEYS,
                };
                let body = Body::new(n * KEYS + key, tally, Until::Turned(turn, race));
                let value = contender.call(K::nth(key), body).await;
                faults.wrong += u64::from(value % KEYS != key);
                faults.stale += u64::from(value == last);
                last = value;
            }
            faults
        };
        tasks.spawn_on(task, runtime.handle());
    }
    let finished = finished(runtime, tasks);
    let seconds = start.elapsed().as_secs_f64();
    let mut faults = Faults {
        stuck: (TASKS - finished.len() as u64) * calls,
        overlapping: race.overlapping(),
        ..Faults::default()
    };
    finished.into_iter().for_each(|found| faults.add(found));
    let ran = tallies.into_iter().map(Tally::take).sum::<u64>();
    let all = TASKS * calls;
    match keys {
        // A flight serves each task once at most.
        Keys::One => faults.bodies(ran, ran.clamp(all.div_ceil(TASKS), all)),
        // Of a million keys two tasks have the same one hardly ever.
        Keys::AMillion => faults.bodies(ran, ran.clamp(all - all / 100, all)),
    }
    Reading {
        values: vec![all as f64 / seconds / 1e6, ran as f64 / all as f64],
        faults,
    }
}
