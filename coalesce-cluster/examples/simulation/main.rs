//! A thousand members and an hour, in simulated time: how many bodies run, how many messages go, how much memory
//! a member takes; and the same while members are killed and new ones started.
//!
//! 1. Calls come at random times to random members (`traffic`): few keys are hot, most are called now and then.
//! 2. Members (`members`) have a `Group` each that goes across, and meet in a `Memory`. An operation takes a
//!    millisecond to get there, and a message one to come back.
//! 3. Each call and each body is entered in a `ledger`, which panics at once where a promise is broken.
//!
//! `cargo run --release -p coalesce-cluster --example simulation`

mod ledger;
mod members;
mod report;
mod run;
mod traffic;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use self::run::Scale;

const HELP: &str = "\
Simulates many members of a cluster, and prints what they did.

Usage: cargo run --release -p coalesce-cluster --example simulation -- [MINUTES] [MEMBERS] [CALLS A SECOND]

Without arguments: 60 minutes, 1,000 members, 1,000 calls a second.
";

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, and how many bytes of it are taken.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn main() {
    let mut numbers = Vec::new();
    for argument in env::args().skip(1) {
        match argument.parse::<usize>() {
            Ok(number) if number > 0 => numbers.push(number),
            _ => return print!("{HELP}"),
        }
    }
    let number = |at: usize, usual| numbers.get(at).copied().unwrap_or(usual);
    let scale = Scale {
        time: Duration::from_secs(60 * number(0, 60) as u64),
        members: number(1, 1000),
        calls_a_second: number(2, 1000),
        keys: 10_000,
        killed_a_minute: 0,
        seed: 1,
    };
    let killed_a_minute = scale.members.div_ceil(100);
    for scale in [
        scale,
        Scale {
            killed_a_minute,
            ..scale
        },
    ] {
        let began = Instant::now();
        let report = run::run(scale, || LIVE.load(Relaxed));
        println!("{report}");
        eprintln!("simulated in {:.0?}", began.elapsed());
    }
}
