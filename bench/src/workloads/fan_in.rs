//! Followers of one flight: to join, to wait, to be woken, and to get a clone of the value.
//!
//! What is timed is a whole flight, its leader included; what is shown is that time divided by the
//! number of followers.

use std::{task::Poll, time::Duration};

use cpu_time::ThreadTime;

use crate::{
    allocator::Allocated,
    body::{Body, Gate, Tally, Until},
    contender::Contender,
    contenders::NOTIFY,
    crowd::Crowd,
    key::Key,
    number::short,
    reading::{Faults, Reading},
    report::{Bound, Budget, Chart, Column, Kind, Sheet, Show},
};

const SIZES: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

/// Where there are enough for a list's growth not to count.
const ALLOCATIONS_AT: usize = 1_000;

/// As many at least in a round, so that it takes long enough to be timed.
const FOLLOWERS: usize = 2_000;

const AT_A_THOUSAND: usize = 3;
const ALLOCATIONS: usize = SIZES.len();

pub(crate) fn sheet<K: Key>() -> Sheet {
    let mut columns: Vec<Column> = SIZES
        .iter()
        .enumerate()
        .map(|(at, size)| {
            let says = "nanoseconds per follower, of so many followers";
            Column::new(short(*size as f64), at, Show::Spread, says)
        })
        .collect();
    columns.push(Column::new(
        "× Notify at 1,000",
        AT_A_THOUSAND,
        Show::Times(NOTIFY),
        "the time of a thousand, as a multiple of the limit's without a hash",
    ));
    columns.push(Column::new(
        "allocations",
        ALLOCATIONS,
        Show::Median,
        "per follower, of a thousand",
    ));
    Sheet {
        title: format!("Followers of one flight, key `{}`", K::NAME),
        about:
            "Followers make their futures, join, wait, are woken, get a clone of the value, and go: a flight with \
                its leader is timed, on one thread, and divided. A `Notify` waiter has no key to look up; with a \
                hash it hashes one, and drops what comes of it."
                .into(),
        columns,
        budgets: vec![
            Budget {
                what: "Time with 1,000 followers, as a multiple of a `Notify` waiter's".into(),
                bound: Bound::AtMost(1.2),
                figure: |ours, all| ours.times(AT_A_THOUSAND, NOTIFY, all),
            },
            Budget {
                what: "The largest such multiple, of 10 to 100,000 followers".into(),
                bound: Bound::AtMost(1.2),
                figure: |ours, all| {
                    let times = (1..SIZES.len()).filter_map(|at| ours.times(at, NOTIFY, all));
                    times.max_by(f64::total_cmp)
                },
            },
            Budget {
                what: "Allocations per follower, of a list's growth".into(),
                bound: Bound::AtMost(0.02),
                figure: |ours, _| Some(ours.median(ALLOCATIONS)),
            },
        ],
        charts: vec![Chart {
            file: if K::IS_COPY { "fan-in" } else { "fan-in-text" },
            title: if K::IS_COPY {
                "What a follower costs"
            } else {
                "What a follower costs, with a key that must be owned"
            },
            unit: "Nanoseconds per follower: join, wait, wake, clone",
            kind: Kind::Lines {
                at: &SIZES,
                axis: "followers of one flight",
            },
        }],
    }
}

/// Nanoseconds for each number of followers, and the allocations.
pub(crate) fn round<K: Key>(
    contender: &impl Contender<K>,
    tally: &'static Tally,
    gate: &'static Gate,
) -> Reading {
    let mut reading = Reading::default();
    let mut allocations = 0.0;
    // A key is not used twice in a row, since `cached` keeps the last one's value.
    let mut keys = (0..).map(K::nth);
    for followers in SIZES {
        let flights = (FOLLOWERS / followers).max(1);
        let keys: Vec<K> = keys.by_ref().take(flights).collect();
        let (time, all) = flights_of(contender, tally, gate, followers, keys, &mut reading.faults);
        let per_follower = |total: f64| total / (followers * flights) as f64;
        reading.values.push(per_follower(time.as_nanos() as f64));
        if followers == ALLOCATIONS_AT {
            allocations = per_follower(all.times as f64);
        }
    }
    reading.values.push(allocations);
    reading
}

/// One after the other, a key each.
pub(super) fn flights_of<K: Key>(
    contender: &impl Contender<K>,
    tally: &'static Tally,
    gate: &'static Gate,
    followers: usize,
    keys: Vec<K>,
    faults: &mut Faults,
) -> (Duration, Allocated) {
    let mut crowd = Crowd::new(followers + 1);
    let flights = keys.len() as u64;
    tally.take();
    let (start, before) = (ThreadTime::now(), Allocated::so_far());
    for (flight, key) in keys.into_iter().enumerate() {
        gate.close();
        let leader = (flight * (followers + 1)) as u64;
        let mut answered = 0;
        let mut arrived = |value| {
            answered += 1;
            faults.wrong += u64::from(value != leader);
        };
        for seat in 0..=followers {
            let body = Body::new(leader + seat as u64, tally, Until::Opened(gate));
            // Too early.
            if crowd.seat(seat, contender.call(key, body)).is_ready() {
                arrived(u64::MAX);
            }
        }
        gate.open();
        if let Some(Poll::Ready(value)) = crowd.poll(0) {
            arrived(value);
        }
        crowd.run(&mut arrived);
        if answered <= followers {
            faults.stuck += crowd.clear() as u64;
        }
    }
    let measured = (start.elapsed(), Allocated::so_far() - before);
    faults.bodies(tally.take(), flights);
    measured
}
