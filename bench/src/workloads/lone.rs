//! A call that nobody joins: what one pays when there is nothing to share.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use cpu_time::ThreadTime;

use crate::{
    allocator::Allocated,
    body::{Body, Tally, Until},
    contender::Contender,
    contenders::{DASHMAP, HASHES, THE_BODY},
    key::Key,
    reading::{Faults, Reading},
    report::{Bound, Budget, Chart, Column, Kind, Sheet, Show},
};

/// Different ones, one after the other, so that nobody profits from having just seen a key.
const KEYS: u64 = 256;

/// In a round: so few that most rounds end before the system takes the processor away.
const CALLS: u64 = 2_000;

const TIME: usize = 0;
const ALLOCATIONS: usize = 1;
const BYTES: usize = 2;
const SIZE: usize = 3;

pub(crate) fn sheet<K: Key>() -> Sheet {
    let (times, allocations) = if K::IS_COPY { (2.0, 0.0) } else { (1.5, 1.0) };
    Sheet {
        title: format!("A call that nobody joins, key `{}`", K::NAME),
        about: format!(
            "A call on one thread, from making its future to its value; its body is done at once. {HASHES}."
        ),
        columns: vec![
            Column::new("ns", TIME, Show::Spread, "nanoseconds of a call"),
            Column::new(
                "× DashMap",
                TIME,
                Show::Times(DASHMAP),
                "this time, as a multiple of the limit's with SipHash",
            ),
            Column::new(
                "allocations",
                ALLOCATIONS,
                Show::Median,
                "how often a call asks the allocator for memory",
            ),
            Column::new("bytes", BYTES, Show::Median, "for how much"),
            Column::new(
                "future, bytes",
                SIZE,
                Show::Median,
                "the size of the call's future, its arguments included",
            ),
        ],
        budgets: vec![
            Budget {
                what: "Time, as a multiple of DashMap's insert and remove".into(),
                bound: Bound::AtMost(times),
                figure: |ours, all| ours.times(TIME, DASHMAP, all),
            },
            Budget {
                what: "Allocations".into(),
                bound: Bound::AtMost(allocations),
                figure: |ours, _| Some(ours.median(ALLOCATIONS)),
            },
            Budget {
                what: "Bytes that the future has more than the body's, 160 and the arguments"
                    .into(),
                bound: Bound::AtMost((160 + size_of::<(K, Body)>()) as f64),
                figure: |ours, all| {
                    let body = all.iter().find(|outcome| outcome.card.name == THE_BODY)?;
                    Some(ours.median(SIZE) - body.median(SIZE))
                },
            },
        ],
        charts: vec![Chart {
            file: if K::IS_COPY { "lone" } else { "lone-text" },
            title: if K::IS_COPY {
                "A call that nobody joins"
            } else {
                "A call that nobody joins, with a key that must be owned"
            },
            unit: "Time, as a multiple of what a DashMap takes to insert and remove the key",
            kind: Kind::Bars {
                at: TIME,
                times: Some(DASHMAP),
                ascending: true,
                limits: true,
            },
        }],
    }
}

/// Nanoseconds, allocations, bytes allocated, and the size of the call's future.
pub(crate) fn round<K: Key>(contender: &impl Contender<K>, tally: &'static Tally) -> Reading {
    let keys: Vec<K> = (0..KEYS).map(K::nth).collect();
    let mut faults = Faults::default();
    let mut size = 0;
    let mut cx = Context::from_waker(Waker::noop());
    let mut once = |n: u64| {
        let key = black_box(keys[(n % KEYS) as usize]);
        let call = pin!(contender.call(key, Body::new(n, tally, Until::Now)));
        size = size_of_val(&*call);
        match call.poll(&mut cx) {
            Poll::Ready(value) => faults.wrong += u64::from(value != n),
            Poll::Pending => faults.stuck += 1,
        }
    };
    // A cache may still have the last round's last value of a key.
    (0..KEYS).for_each(&mut once);
    tally.take();
    let (start, before) = (ThreadTime::now(), Allocated::so_far());
    (0..CALLS).for_each(&mut once);
    let (time, all) = (start.elapsed(), Allocated::so_far() - before);
    faults.bodies(tally.take(), CALLS);
    let per_call = |total: f64| total / CALLS as f64;
    Reading {
        values: vec![
            per_call(time.as_nanos() as f64),
            per_call(all.times as f64),
            per_call(all.bytes as f64),
            size as f64,
        ],
        faults,
    }
}
