//! What calls on many threads wait for each other: `cargo run --release -p coalesce-threads`.
//!
//! 1. [`measured`]: what a call costs on one thread, and on two at once whose keys differ, by each
//!    [`contender`]'s own way. Timed by the threads' own clocks, in rounds that take turns.
//! 2. [`lock`]: for how long a shard is held, where another core held it before.
//! 3. [`model`]: from these, how many calls a second many cores make with so many shards.

mod contender;
mod lock;
mod measured;
mod model;

use std::env;

fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    let rounds = match args.first().map(|rounds| rounds.parse()) {
        None => 400,
        Some(Ok(rounds)) if args.len() == 1 => rounds,
        _ => {
            eprintln!("usage: coalesce-threads [ROUNDS]");
            std::process::exit(2);
        }
    };
    if cfg!(debug_assertions) {
        eprintln!("built without --release, so the figures mean nothing");
    }
    let lone = measured::table(rounds);
    let held = lock::held(rounds);
    println!(
        "\nns of a visit to a shard: {:.0} where another core was there before, {:.0} where none was; \
         to an owner's count: {:.0}",
        held.crossing, held.alone, held.counted
    );
    model::table(lone, held);
}
