//! A call that nobody joins while many other flights are open, and what those hold.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use cpu_time::ThreadTime;

use crate::{
    allocator::Allocated,
    body::{Body, Gate, Tally, Until},
    contender::Contender,
    contenders::DASHMAP,
    crowd::Crowd,
    key::Key,
    number::short,
    reading::{Faults, Reading},
    report::{Bound, Budget, Chart, Column, Kind, Sheet, Show},
    rounds::Outcome,
    spread::Spread,
    workload::Effort,
};

/// Calls that are timed at each size, in batches so short that most of them end before the system
/// takes the processor away. The median batch counts.
const CALLS: u64 = 1_000;
const BATCHES: u64 = 9;

/// Numbers of open flights. The last takes long.
pub(crate) fn sizes(effort: Effort) -> &'static [usize] {
    const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
    if effort == Effort::Full {
        &SIZES
    } else {
        &SIZES[..=AT_A_HUNDRED_THOUSAND]
    }
}

const AT_A_HUNDRED_THOUSAND: usize = 2;

/// Of each size there are two readings.
const fn time(size: usize) -> usize {
    2 * size
}

const fn bytes(size: usize) -> usize {
    2 * size + 1
}

/// How much more a call takes with the most flights than with the fewest.
fn growth(of: &Outcome) -> f64 {
    let most = of.columns.len() / 2 - 1;
    of.median(time(most)) / of.median(time(0))
}

pub(crate) fn sheet<K: Key>(effort: Effort) -> Sheet {
    let sizes = sizes(effort);
    let most = sizes.len() - 1;
    let of = |size: usize| short(sizes[size] as f64);
    let times = (0..sizes.len()).map(|size| {
        let says = "nanoseconds of a call while so many other flights are open";
        Column::new(of(size), time(size), Show::Spread, says)
    });
    let times_dashmap = Column::new(
        "× DashMap",
        time(most),
        Show::Times(DASHMAP),
        format!(
            "the time with {}, as a multiple of the limit's with SipHash",
            of(most)
        ),
    );
    let growth_column = Column::new(
        format!("× {}", of(0)),
        time(most),
        Show::Over(time(0)),
        format!(
            "the time with {}, as a multiple of its own with {}",
            of(most),
            of(0)
        ),
    );
    let held = (AT_A_HUNDRED_THOUSAND..sizes.len()).map(|size| {
        let head = format!("bytes, of {}", of(size));
        let says = "bytes that an open flight holds beside its caller's future, of so many";
        Column::new(head, bytes(size), Show::Median, says)
    });
    let mut budgets = vec![Budget {
        what: format!(
            "The growth from {} to {} flights, as a multiple of DashMap's",
            of(0),
            of(most)
        ),
        bound: Bound::AtMost(1.0),
        figure: |ours, all| {
            let limit = all.iter().find(|outcome| outcome.card.name == DASHMAP)?;
            Some(growth(ours) / growth(limit))
        },
    }];
    if K::IS_COPY {
        budgets.push(Budget {
            what: "Bytes per flight, of 100,000".into(),
            bound: Bound::AtMost(40.0),
            figure: |ours, _| Some(ours.median(bytes(AT_A_HUNDRED_THOUSAND))),
        });
    }
    Sheet {
        title: format!("A call while others are in flight, key `{}`", K::NAME),
        about:
            "A call on one thread that nobody joins, with a key that it is the first to have, while flights of \
                other keys are open."
                .into(),
        columns: times.chain([times_dashmap, growth_column]).chain(held).collect(),
        budgets,
        charts: Vec::from_iter(K::IS_COPY.then_some(Chart {
            file: "open",
            title: "What an open flight holds",
            unit: "Bytes per flight that nobody joined, beside its caller's future; of 100,000",
            kind: Kind::Bars {
                at: bytes(AT_A_HUNDRED_THOUSAND),
                times: None,
                ascending: true,
                limits: true,
            },
        })),
    }
}

/// Nanoseconds of a call and bytes per flight, for each number of open flights.
pub(crate) fn round<K: Key>(
    contender: &impl Contender<K>,
    tally: &'static Tally,
    gate: &'static Gate,
    sizes: &[usize],
) -> Reading {
    let most = sizes[sizes.len() - 1];
    let mut faults = Faults::default();
    let mut values = Vec::new();
    let mut crowd = Crowd::unwoken(most);
    gate.close();
    tally.take();
    let before = Allocated::so_far();
    let mut open = 0;
    for &flights in sizes {
        for seat in open..flights {
            let body = Body::new(seat as u64, tally, Until::Opened(gate));
            let polled = crowd.seat(seat, contender.call(K::nth(seat as u64), body));
            faults.wrong += u64::from(polled.is_ready());
        }
        open = flights;
        let held = (Allocated::so_far() - before).live as f64;
        let batches = (0..BATCHES).map(|batch| {
            let first = most as u64 + batch * CALLS;
            time_of_a_call(contender, tally, first, &mut faults)
        });
        let time = Spread::of(batches.collect()).expect("there are batches");
        values.extend([time.median, held / flights as f64]);
    }
    faults.bodies(
        tally.take(),
        most as u64 + CALLS * BATCHES * sizes.len() as u64,
    );
    gate.open();
    for seat in 0..most {
        let value = crowd.poll(seat);
        let is_own = matches!(value, Some(Poll::Ready(value)) if value == seat as u64);
        faults.wrong += u64::from(!is_own);
    }
    faults.stuck += crowd.clear() as u64;
    Reading { values, faults }
}

/// With keys that no open flight has.
fn time_of_a_call<K: Key>(
    contender: &impl Contender<K>,
    tally: &'static Tally,
    first: u64,
    faults: &mut Faults,
) -> f64 {
    let keys: Vec<K> = (first..first + CALLS).map(K::nth).collect();
    let mut cx = Context::from_waker(Waker::noop());
    let start = ThreadTime::now();
    for (n, key) in keys.into_iter().enumerate() {
        let call = pin!(contender.call(key, Body::new(n as u64, tally, Until::Now)));
        match call.poll(&mut cx) {
            Poll::Ready(value) => faults.wrong += u64::from(value != n as u64),
            Poll::Pending => faults.stuck += 1,
        }
    }
    start.elapsed().as_nanos() as f64 / CALLS as f64
}
