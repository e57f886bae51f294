//! A random scheduler on real threads: futures move between threads at every poll, and everything that
//! users' code may do to a flight happens now and then.
//!
//! 1. A seed makes a [`Plan`]: how many threads there are, and what happens. Nothing but calls, polls, drops
//!    and panics of bodies; or also what *displaces* flights (`forget`, limits, `fresh`); *mischief*, which is
//!    users' code that panics where it can: keys, values, wakers, destructors; bodies on *tasks*; callers
//!    that *block*.
//! 2. Each thread takes its steps: it starts a caller, or takes one from the pool, polls it some times, and
//!    puts it back or drops it. A caller that was polled and not woken is polled again only sometimes.
//! 3. Then one thread drains the pool. It polls nobody but who was woken, or never polled: whoever is left
//!    when nothing runs any more has lost its wake-up.
//! 4. The books are closed: what was counted here is what the groups counted, and nothing is left.
//!
//! Each caller's answer is checked when it comes (`asked.rs`), and each body when it starts (`body.rs`).
//!
//! The threads of a schedule are named after its seed, so that whatever fails, or aborts, names it:
//! `SCHEDULER_SEED=17 cargo test --test it scheduler` runs that one a hundred times, since threads do not
//! meet in the same way twice. `SCHEDULES=1000` says how many seeds there are.

mod asked;
mod body;
mod caller;
mod calls;
mod chance;
mod key;
mod mischief;
mod plan;
mod pool;
mod runtime;
mod value;
mod waker;
mod world;

use mischief::Mischief;
use plan::Plan;
use std::{panic::resume_unwind, thread::Builder};

/// Runs the schedules of this many seeds, or the one that is asked for.
fn schedules(count: u64, plan: impl Fn(u64) -> Plan) {
    let number = |name| {
        let text = std::env::var(name).ok()?;
        Some(text.parse().expect("a number"))
    };
    let run = |seed: u64| {
        let plan = plan(seed);
        let thread = Builder::new().name(format!("seed {seed}"));
        let done = thread.spawn(move || pool::run(plan)).unwrap().join();
        done.unwrap_or_else(|panic| resume_unwind(panic));
    };
    match number("SCHEDULER_SEED") {
        Some(seed) => (0..100).for_each(|_| run(seed)),
        None => (0..number("SCHEDULES").unwrap_or(count)).for_each(run),
    }
}

const COUNT: u64 = if cfg!(miri) {
    3
} else if cfg!(debug_assertions) {
    300
} else {
    3_000
};

/// One body a key, no more: nothing displaces a flight, and the books are exact.
#[test]
fn calm() {
    schedules(COUNT, Plan::calm);
}

#[test]
fn displaced() {
    schedules(COUNT, |seed| Plan {
        displaces: true,
        ..Plan::calm(seed)
    });
}

#[test]
fn mischievous() {
    schedules(COUNT, |seed| Plan {
        mischief: Mischief::All,
        ..Plan::calm(seed)
    });
}

/// All that there is.
#[test]
fn wild() {
    schedules(COUNT, Plan::wild);
}
