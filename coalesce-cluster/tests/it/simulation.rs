//! The example `simulation`, on a small scale: what it checks while it runs is what is promised; it says what.

#[path = "../../examples/simulation/ledger.rs"]
mod ledger;
#[path = "../../examples/simulation/members.rs"]
mod members;
#[path = "../../examples/simulation/report.rs"]
mod report;
#[path = "../../examples/simulation/run.rs"]
mod run;
#[path = "../../examples/simulation/traffic.rs"]
mod traffic;

use std::time::Duration;

use self::{
    report::Report,
    run::{Scale, run},
};

const SMALL: Scale = Scale {
    time: Duration::from_secs(120),
    members: 40,
    calls_a_second: 100,
    keys: 60,
    killed_a_minute: 0,
    seed: 7,
};

fn simulated(scale: Scale) -> Report {
    let report = run(scale, || 0);
    println!("{report}");
    report
}

#[test]
fn bodies_are_as_few_as_in_one_process() {
    let all = simulated(SMALL).all();
    assert!(all.apart * 2 > all.least * 3, "there is something to share");
    assert!(all.bodies <= all.least);
    // Flights last longer by a message's way; more would be values that are too old.
    assert!(all.bodies * 100 > all.least * 98, "{all:?}");
    assert_eq!(all.answered, all.calls);
}

#[test]
fn a_member_that_is_killed_costs_one_body_at_most() {
    let report = simulated(Scale {
        killed_a_minute: 40,
        ..SMALL
    });
    let all = report.all();
    assert!(all.killed > 10, "leaders are killed: {all:?}");
    assert!(all.bodies <= all.least + all.killed);
    assert!(report.held_up > 0, "who waits for them waits for a lease");
}
