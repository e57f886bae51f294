//! All tasks call with one key, and bodies are over when others had one turn: as many calls a second as can be.

use crate::{
    body::Turn,
    contenders::DASHMAP,
    report::{Bound, Budget, Chart, Column, Kind, Sheet, Show},
    rounds::Outcome,
    workloads::threads::{BODIES_PER_CALL, Course, Keys, bodies, rate},
};

const CALLS: u64 = 300;

const YIELDED: usize = 0;
const WOKEN: usize = 1;

pub(super) const COURSES: [Course; 2] = [of(Turn::Yielded), of(Turn::Woken)];

const fn of(turn: Turn) -> Course {
    Course {
        keys: Keys::One,
        turn,
        calls: CALLS,
    }
}

pub(super) fn sheet() -> Sheet {
    let columns = |course, head: &str, how: &str| {
        [
            Column::new(
                format!("{head}, M calls/s"),
                rate(course),
                Show::Spread,
                format!("millions of calls a second, where {how}"),
            ),
            Column::new(
                "× DashMap",
                rate(course),
                Show::Times(DASHMAP),
                "this, as a multiple of the limit's with SipHash",
            ),
            Column::new(
                "bodies per call",
                bodies(course),
                Show::Median,
                BODIES_PER_CALL,
            ),
        ]
    };
    let yielded = columns(
        YIELDED,
        "yields",
        "a body awaits Tokio's `yield_now` once, so that whoever can run comes before it",
    );
    let woken = columns(
        WOKEN,
        "wakes itself",
        "a body wakes itself once, so that it is soon polled again, and few come to join it",
    );
    Sheet {
        title: "64 tasks on two threads, one key".into(),
        about: "Each task calls, and calls again when it has its value. The limits share nothing: they run each body."
            .into(),
        columns: yielded.into_iter().chain(woken).collect(),
        budgets: vec![
            at_least("yield", |ours, all| ours.times(rate(YIELDED), DASHMAP, all)),
            at_least("wake themselves", |ours, all| {
                ours.times(rate(WOKEN), DASHMAP, all)
            }),
        ],
        charts: vec![
            Chart {
                file: "hot-key",
                title: "64 tasks on two threads, one key",
                unit: "Millions of calls per second; a body yields once",
                kind: Kind::Bars {
                    at: rate(YIELDED),
                    times: None,
                    ascending: false,
                    limits: true,
                },
            },
            Chart {
                file: "bodies-per-call",
                title: "Bodies per call, of 64 tasks on two threads with one key",
                unit: "0.016 is the least; a body yields once",
                kind: Kind::Bars {
                    at: bodies(YIELDED),
                    times: None,
                    ascending: true,
                    limits: false,
                },
            },
        ],
    }
}

fn at_least(bodies: &str, figure: fn(&Outcome, &[Outcome]) -> Option<f64>) -> Budget {
    Budget {
        what: format!(
            "Calls per second where bodies {bodies}, as a multiple of DashMap's inserts and removes"
        ),
        bound: Bound::AtLeast(1.0),
        figure,
    }
}
