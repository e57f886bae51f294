//! `coalesced` and its peers side by side: what a call costs.
//!
//! 1. A [`Contender`](contender::Contender) is one way of making a call: this library by its attribute and
//!    by a [`Group`](coalesced::Group), the [crates](contenders) that do the same, what people write by
//!    hand, and the limits, which nobody can be expected to beat.
//! 2. A [`Workload`] is what they are asked to do, all with the same [bodies](body), which count
//!    themselves and return their caller's number: so each workload checks how many bodies ran, and
//!    whose value each caller got. Who runs a wrong number says so in a footnote.
//! 3. In each of the [rounds] every contender runs once, in an order that changes.
//! 4. A [report] shows the medians with their quartiles, a line that explains the columns, our rows against the
//!    budget, and charts: a full run draws them where README.md and docs/cost.md show them.
//!
//! A full run takes about six minutes of a machine that does nothing else; it says at its standard error how long
//! each workload took.
//!
//! What runs on one thread is timed by that thread's own clock, which stands still while the system lets
//! others run. Still, nanoseconds are of the machine at hand, and of what else it did: compare ratios.
//!
//! Imports go down: from [`cli`] and [`workloads`] to [`contenders`] and [`report`], from these to [`rounds`] and
//! [`contender`], and at the bottom are [`key`], [`workload`] and [`body`], which both sides need.

mod alarm;
mod allocator;
mod body;
mod cli;
mod contender;
mod contenders;
mod crowd;
mod dice;
#[path = "../budget/src/handler.rs"]
mod handler;
mod key;
mod machine;
mod number;
mod reading;
mod report;
mod rounds;
mod spread;
mod workload;
mod workloads;

use std::{
    env, fs,
    io::{self, ErrorKind, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use crate::{
    cli::{Args, HELP},
    key::{Key, Text},
    workload::{Effort, Workload},
};

fn main() -> ExitCode {
    let args = match Args::parse(env::args_os()) {
        Ok(Some(args)) => args,
        Ok(None) => return exit(print(HELP)),
        Err(refusal) => {
            eprintln!("coalesce-bench: {refusal}");
            return ExitCode::from(2);
        }
    };
    if cfg!(debug_assertions) {
        eprintln!("coalesce-bench: built without --release, so the figures mean nothing");
    }
    exit(run(&args))
}

fn run(args: &Args) -> io::Result<()> {
    if let Some(folder) = &args.charts {
        fs::create_dir_all(folder)?;
    }
    let machine = machine::description();
    let start = Instant::now();
    for workload in &args.workloads {
        show::<u64>(*workload, args, &machine)?;
        if workload.takes_texts() {
            show::<Text>(*workload, args, &machine)?;
        }
    }
    eprintln!("coalesce-bench: all of it took {}", seconds(start));
    Ok(())
}

/// Runs a workload, prints its table, and draws its charts.
fn show<K: Key>(workload: Workload, args: &Args, machine: &str) -> io::Result<()> {
    eprintln!("coalesce-bench: {}, key {}", workload.name(), K::NAME);
    let start = Instant::now();
    let effort = if args.quick {
        Effort::Quick
    } else {
        Effort::Full
    };
    let (outcomes, absent) = workloads::run::<K>(workload, effort, &args.only);
    let sheet = workloads::sheet::<K>(workload, effort);
    let rounds = workload.rounds(effort);
    print(&format!(
        "{}\n",
        sheet.markdown(&outcomes, &absent, rounds, machine)
    ))?;
    if let Some(folder) = &args.charts {
        for chart in &sheet.charts {
            if let Some(svg) = chart.svg(&outcomes) {
                draw(&folder.join(chart.file).with_extension("svg"), &svg)?;
            }
        }
    }
    eprintln!("coalesce-bench: that took {}", seconds(start));
    Ok(())
}

fn seconds(since: Instant) -> String {
    format!("{} s", since.elapsed().as_secs())
}

fn draw(path: &Path, svg: &str) -> io::Result<()> {
    fs::write(path, svg)?;
    eprintln!("coalesce-bench: drew {}", path.display());
    Ok(())
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn exit(done: io::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coalesce-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
