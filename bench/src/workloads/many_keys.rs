//! Tasks call with keys of a million: they meet each other in the map, and hardly ever in a flight.

use crate::{
    body::Turn,
    contenders::DASHMAP,
    report::{Bound, Budget, Chart, Column, Kind, Sheet, Show},
    workloads::threads::{BODIES_PER_CALL, Course, Keys, bodies, rate},
};

pub(super) const COURSE: Course = Course {
    keys: Keys::AMillion,
    turn: Turn::Woken,
    calls: 300,
};

pub(super) fn sheet() -> Sheet {
    Sheet {
        title: "64 tasks on two threads, a million keys".into(),
        about: "Hardly any call meets another of its key. A body wakes itself once.".into(),
        columns: vec![
            Column::new(
                "M calls/s",
                rate(0),
                Show::Spread,
                "millions of calls a second",
            ),
            Column::new(
                "× DashMap",
                rate(0),
                Show::Times(DASHMAP),
                "this, as a multiple of the limit's with SipHash",
            ),
            Column::new("bodies per call", bodies(0), Show::Median, BODIES_PER_CALL),
        ],
        budgets: vec![Budget {
            what: "Calls per second, as a multiple of DashMap's inserts and removes".into(),
            bound: Bound::AtLeast(0.75),
            figure: |ours, all| ours.times(rate(0), DASHMAP, all),
        }],
        charts: vec![Chart {
            file: "many-keys",
            title: "64 tasks on two threads, a million keys",
            unit: "Millions of calls per second",
            kind: Kind::Bars {
                at: rate(0),
                times: None,
                ascending: false,
                limits: true,
            },
        }],
    }
}
