//! All tasks call with one key, and bodies take their time: whoever shares has a body for 64 calls then.

use crate::{
    body::Turn,
    report::{Column, Sheet, Show},
    workloads::threads::{BODIES_PER_CALL, Course, Keys, bodies, rate},
};

/// What bodies take. Few calls where they take long: one for 64 tasks at a time, at best.
const TIMES: [(&str, u32, u64); 3] = [
    ("10 us", 10, 200),
    ("100 us", 100, 100),
    ("1 ms", 1_000, 40),
];

pub(super) fn courses() -> [Course; TIMES.len()] {
    TIMES.map(|(_, micros, calls)| Course {
        keys: Keys::One,
        turn: Turn::Lasts(micros),
        calls,
    })
}

pub(super) fn sheet() -> Sheet {
    let times = || TIMES.iter().enumerate();
    let shared = times().map(|(course, (takes, ..))| {
        let head = format!("bodies per call, {takes}");
        Column::new(head, bodies(course), Show::Spread, BODIES_PER_CALL)
    });
    let rates = times().map(|(course, (takes, ..))| {
        let head = format!("M calls/s, {takes}");
        let says = "millions of calls a second: 64 in the time of a body are 6.4, 0.64 and 0.064";
        Column::new(head, rate(course), Show::Spread, says)
    });
    Sheet {
        title: "64 tasks on two threads, one key, and bodies that take longer".into(),
        about: "Each task calls, and calls again when it has its value. A body waits for an answer from another thread, which comes after this time, or a little later. \
                The limit shares nothing: it runs each body, all tasks' at once."
            .into(),
        columns: shared.chain(rates).collect(),
        budgets: vec![],
        charts: vec![],
    }
}
