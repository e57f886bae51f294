//! 64 tasks on two threads that call and call: all with one key, or with keys of a million.
//!
//! A body yields once, so that others come to call while it is in flight.

use std::{sync::Arc, time::Instant};

use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    body::{Body, Overlap, Tally, Until},
    contender::{Contender, Side},
    contenders::DASHMAP,
    dice::mix,
    key::Key,
    reading::{Faults, Reading},
    report::{Bound, Budget, Chart, Kind, Sheet, Show},
    workloads::runtime::finished,
};

const TASKS: u64 = 64;

/// Of each task, in a round.
const CALLS: u64 = 300;

/// A power of two, for the lower bits of a value to tell the key.
const KEYS: u64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    One,
    AMillion,
}

const RATE: usize = 0;
const BODIES: usize = 1;

pub(crate) fn hot_key() -> Sheet {
    Sheet {
        title: "64 tasks on two threads, one key".into(),
        about:
            "Millions of calls per second. A body yields once, so that other tasks come to call \
                while it is in flight. Bodies per call say how much was shared. The limit shares \
                nothing: it runs each body."
                .into(),
        columns: vec![
            ("M calls/s".into(), RATE, Show::Spread),
            ("× DashMap".into(), RATE, Show::Times(DASHMAP)),
            ("bodies per call".into(), BODIES, Show::Median),
        ],
        budgets: vec![at_least(1.0)],
        chart: Some(Chart {
            file: "hot-key",
            title: "64 tasks on two threads, one key",
            unit: "Millions of calls per second",
            kind: Kind::Bars {
                at: RATE,
                times: None,
                ascending: false,
            },
        }),
    }
}

pub(crate) fn many_keys() -> Sheet {
    Sheet {
        title: "64 tasks on two threads, a million keys".into(),
        about: "Millions of calls per second, hardly any of which meets another of its key.".into(),
        columns: vec![
            ("M calls/s".into(), RATE, Show::Spread),
            ("× DashMap".into(), RATE, Show::Times(DASHMAP)),
        ],
        budgets: vec![at_least(0.75)],
        chart: Some(Chart {
            file: "many-keys",
            title: "64 tasks on two threads, a million keys",
            unit: "Millions of calls per second",
            kind: Kind::Bars {
                at: RATE,
                times: None,
                ascending: false,
            },
        }),
    }
}

fn at_least(times: f64) -> Budget {
    Budget {
        what: "Calls per second, as a multiple of DashMap's inserts and removes".into(),
        bound: Bound::AtLeast(times),
        figure: |ours, all| ours.times(RATE, DASHMAP, all),
    }
}

/// Calls in a second, in millions, and the bodies that ran for each.
pub(crate) fn round<K: Key, C: Contender<K>>(
    contender: &Arc<C>,
    runtime: &Runtime,
    keys: Keys,
    side: Side,
) -> Reading {
    let overlap = (keys == Keys::One && side != Side::Limit).then(Overlap::new);
    let mut tasks = JoinSet::new();
    let tallies: Vec<_> = (0..TASKS).map(|_| Tally::new()).collect();
    let start = Instant::now();
    for (task, tally) in tallies.iter().copied().enumerate() {
        let contender = Arc::clone(contender);
        let first = task as u64 * CALLS;
        let task = async move {
            let mut faults = Faults::default();
            let mut last = u64::MAX;
            for n in first..first + CALLS {
                let key = match keys {
                    Keys::One => 7,
                    Keys::AMillion => mix(n) % KEYS,
                };
                let body = Body::new(n * KEYS + key, tally, Until::NextTurn(overlap));
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
        stuck: (TASKS - finished.len() as u64) * CALLS,
        ..Faults::default()
    };
    finished.into_iter().for_each(|found| faults.add(found));
    let ran = tallies.into_iter().map(Tally::take).sum::<u64>();
    let all = TASKS * CALLS;
    match keys {
        // How many there should be depends on who came when; but never two at once.
        Keys::One => faults.overlapping += overlap.map_or(0, Overlap::take),
        // Of a million keys two tasks have the same one hardly ever.
        Keys::AMillion => faults.bodies(ran, ran.clamp(all - all / 100, all)),
    }
    Reading {
        values: vec![all as f64 / seconds / 1e6, ran as f64 / all as f64],
        faults,
    }
}
