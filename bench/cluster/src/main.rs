//! What it costs to go through a Redis: beside a `PING`, and beside what people write by hand.
//!
//! 1. A `redis-server` of its own is started on loopback, and stopped in the end.
//! 2. `waits` and `wake_ups`: a lone call, and how long after a body's end those who waited elsewhere have its value.
//!    In each of many rounds everything is measured once, in an order that changes, and divided by that round's `PING`;
//!    on loopback, and with a network in between (`far`).
//! 3. `load`: how many calls one server takes, and what each costs it.
//! 4. `crowd`: processes that all call one key: bodies that ran, calls that were answered.
//! 5. `commands`: what the server is asked for a call.
//!
//! Microseconds are of the machine at hand: compare ratios.
//!
//! `cargo run --release -p coalesce-cluster-bench`

mod by_hand;
mod cli;
mod commands;
mod crowd;
mod far;
mod joined;
mod load;
#[path = "../../src/machine.rs"]
mod machine;
mod member;
#[path = "../../src/number.rs"]
mod number;
mod server;
#[path = "../../src/spread.rs"]
mod spread;
mod waits;
mod wake_ups;

use std::{env, fs, process::ExitCode};

use crate::{
    cli::{Args, HELP},
    server::Server,
};

fn main() -> ExitCode {
    let args = match Args::parse(env::args_os()) {
        Ok(Some(args)) => args,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(refusal) => {
            eprintln!("coalesce-cluster-bench: {refusal}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        match args {
            Args::Member(role) => member::run(role).await,
            Args::Bench { quick } => bench(quick).await,
        }
    });
    ExitCode::SUCCESS
}

async fn bench(quick: bool) {
    if cfg!(debug_assertions) {
        eprintln!("coalesce-cluster-bench: built without --release, so the figures mean nothing");
    }
    let server = Server::start();
    let (machine, version) = (machine::description(), server.version().await);
    println!("{machine}; {version}; {}\n", busy());
    println!("{}", commands::table(&server).await);
    println!("{}", waits::tables(&server, quick).await);
    println!("{}", load::table(&server, quick).await);
    println!("{}", crowd::table(&server, quick));
    println!("When all was measured: {}.", busy());
}

/// What else the machine does; the bench itself does something, too.
fn busy() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split(' ').next().unwrap_or_default();
    format!("{minute} threads wanted to run in the last minute")
}
