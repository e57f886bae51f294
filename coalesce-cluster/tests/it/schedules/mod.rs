//! Random schedules of members that start calls, drop, panic, are killed, cut off, and closed, while messages and
//! operations are lost, late, and twice; against what is promised.

mod local;
mod plan;
mod random;
mod world;

use std::time::Duration;

use self::{plan::Odds, world::World};

/// `SCHEDULES` says how many of each kind; `SEED`, which one.
fn seeds() -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok()?.parse().ok();
    match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SCHEDULES").unwrap_or(150),
    }
}

fn run(odds: Odds) {
    for seed in seeds() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = World::new(seed, odds).await;
            world.run().await;
        });
    }
}

/// How long after its end the engine may give a value to a new call, where messages are lost.
const STALE: Duration = Duration::from_millis(1600);

/// How late the engine may hear of the end.
const LATE: Duration = Duration::from_millis(400);

const CALM: Odds = Odds {
    drop: 0,
    panic: 0,
    fresh: 0,
    forget: 0,
    disconnect: 0,
    kill: 0,
    clear: 0,
    close: 0,
    lose: 0,
    twice: 0,
    late: 0,
    fail: 0,
    stale: Duration::ZERO,
    one: false,
};

#[test]
fn calm() {
    run(Odds { one: true, ..CALM });
}

#[test]
fn callers_are_dropped() {
    run(Odds {
        drop: 40,
        one: true,
        ..CALM
    });
}

#[test]
fn bodies_panic() {
    run(Odds {
        drop: 20,
        panic: 30,
        ..CALM
    });
}

#[test]
fn flights_are_displaced() {
    run(Odds {
        drop: 20,
        fresh: 20,
        forget: 30,
        ..CALM
    });
}

#[test]
fn messages_are_lost_and_late_and_twice() {
    run(Odds {
        drop: 20,
        fresh: 10,
        forget: 10,
        lose: 15,
        twice: 15,
        late: 20,
        stale: STALE + LATE,
        ..CALM
    });
}

#[test]
fn connections_are_lost() {
    run(Odds {
        drop: 30,
        fresh: 10,
        forget: 20,
        disconnect: 60,
        stale: STALE,
        ..CALM
    });
}

#[test]
fn members_are_killed_and_closed() {
    run(Odds {
        drop: 20,
        kill: 40,
        close: 30,
        stale: STALE,
        ..CALM
    });
}

#[test]
fn everything_goes_wrong() {
    run(Odds {
        drop: 20,
        panic: 10,
        fresh: 10,
        forget: 20,
        disconnect: 30,
        kill: 20,
        clear: 15,
        close: 10,
        lose: 5,
        twice: 10,
        late: 10,
        fail: 2,
        stale: STALE + LATE,
        one: false,
    });
}
