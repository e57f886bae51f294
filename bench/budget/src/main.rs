//! What a call of `coalesced` may cost, counted and held: `cargo run --release -p coalesce-budget`.
//!
//! 1. Each of the [`paths`] that a call can take is gone by its [`callers`] in a process of its own, under
//!    [`callgrind`], which counts instructions; allocations are [counted](count::counted) in the process. A
//!    busy machine makes no difference. Nor do the hashes, which are keyed anew in each process: over ten
//!    runs the figures were equal, but for that of one path, by 0.4 %.
//! 2. What each may cost is in the file of its [`figures`]. More is a failure, with a message that
//!    says what to do; much less is worth a word, so that the file can follow.
//!
//! `-- --write` writes the file anew, and `-- --allocations` does without callgrind. The profiles stay beside
//! the program, in `budget/`, for `callgrind_annotate`.

mod bodies;
mod callers;
mod callgrind;
mod count;
mod figures;
#[cfg(feature = "http")]
mod handler;
mod paths;
#[cfg(feature = "http")]
mod requests;

use std::{
    env,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use crate::{
    figures::{Figures, File, KINDS, SLACK},
    paths::PATHS,
};

/// How many fewer are worth a word, in per cent.
const FELL: f64 = 3.0;

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let (write, callgrind) = match args[..] {
        [] => (false, true),
        ["--write"] => (true, true),
        ["--allocations"] => (false, false),
        ["--count", path] => return count(path),
        _ => return fail("usage: coalesce-budget [--write | --allocations]"),
    };
    if cfg!(debug_assertions) {
        return fail("the figures are those of an optimised build: `cargo run --release`");
    }
    match run(write, callgrind) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &str) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// A path's own process.
fn count(path: &str) -> ExitCode {
    let Some(path) = PATHS.iter().find(|it| it.name == path) else {
        return fail("no such path");
    };
    let count = (path.count)();
    print!("{} {} {}", count.calls, count.allocations, count.bytes);
    ExitCode::SUCCESS
}

fn run(write: bool, callgrind: bool) -> Result<ExitCode, String> {
    let file = File::read()?;
    let measured = measure(callgrind)?;
    let environment = callgrind::environment();
    table(&file, &measured);
    if write {
        file.write(&environment, &measured)?;
        println!("\nwritten: {}", file.at.display());
        return Ok(ExitCode::SUCCESS);
    }
    let (grown, fallen) = compare(&file, &measured);
    if !fallen.is_empty() {
        println!("\nLess than is allowed; `-- --write` lowers it:");
        fallen.iter().for_each(|it| println!("  {it}"));
    }
    if grown.is_empty() {
        println!("\nEvery path is within its budget.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nMore than is allowed:");
    grown.iter().for_each(|it| println!("  {it}"));
    println!(
        "\nWhere a path's instructions go, say a leader's:\n  \
         callgrind_annotate --inclusive=yes {}\n\
         If more is meant, change the figure there, or have all of them written anew:\n  \
         cargo run --release -p coalesce-budget -- --write",
        callgrind::profile("leader").display()
    );
    if callgrind && environment != file.environment {
        let then = &file.environment;
        println!("It may also be the tools.\n  allowed: {then}\n  here:    {environment}");
    }
    Ok(ExitCode::FAILURE)
}

/// All paths, as many at a time as there are processors.
fn measure(callgrind: bool) -> Result<Vec<(&'static str, Figures)>, String> {
    let next = AtomicUsize::new(0);
    let measured = Mutex::new(vec![None; PATHS.len()]);
    let work = || {
        while let Some(path) = PATHS.get(next.fetch_add(1, Relaxed)) {
            let figures = callgrind::measure(path.name, callgrind)?;
            let index = PATHS.iter().position(|it| it.name == path.name);
            let mut measured = measured.lock().unwrap_or_else(|it| it.into_inner());
            measured[index.unwrap_or_default()] = Some((path.name, figures));
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Result<(), String>>()
    })?;
    let measured = measured.into_inner().unwrap_or_else(|it| it.into_inner());
    Ok(measured.into_iter().flatten().collect())
}

/// For each path and each kind: now, and allowed.
fn table(file: &File, measured: &[(&str, Figures)]) {
    print!("{:34}", "");
    KINDS.iter().for_each(|kind| print!("{kind:>22}"));
    print!("\n{:34}", "path");
    KINDS
        .iter()
        .for_each(|_| print!("{:>12}{:>10}", "now", "allowed"));
    println!();
    let show = |figure: Option<figures::Figure>| {
        figure.map_or("-".to_owned(), |figure| figure.to_string())
    };
    for (path, figures) in measured {
        print!("{path:34}");
        let allowed = file.of(path).map_or([None; KINDS.len()], |it| it.figures.0);
        for (now, allowed) in figures.0.into_iter().zip(allowed) {
            print!("{:>12}{:>10}", show(now), show(allowed));
        }
        println!();
    }
}

/// What costs more than it may, and what costs less: a line for each path.
fn compare(file: &File, measured: &[(&str, Figures)]) -> (Vec<String>, Vec<String>) {
    let (mut grown, mut fallen) = (vec![], vec![]);
    let at = file.at.display();
    for (path, figures) in measured {
        let Some(line) = file.of(path) else {
            grown.push(format!("{at}: `{path}` has no line"));
            continue;
        };
        let (mut more, mut less) = (vec![], vec![]);
        let pairs = figures.0.into_iter().zip(line.figures.0).zip(KINDS);
        for ((now, allowed), kind) in pairs {
            let (Some(now), Some(allowed)) = (now, allowed) else {
                continue;
            };
            let slack = if kind == "instructions" { SLACK } else { 0.0 };
            let over = now.over(allowed);
            let per_cent = match over {
                f64::INFINITY => String::new(),
                _ => format!(" ({over:+.1} %)"),
            };
            let change = format!("{kind} {allowed} -> {now}{per_cent}");
            if over > slack {
                more.push(change);
            } else if over < -FELL {
                less.push(change);
            }
        }
        for (changes, all) in [(more, &mut grown), (less, &mut fallen)] {
            if !changes.is_empty() {
                let (number, changes) = (line.number, changes.join(", "));
                all.push(format!("{at}:{number}: `{path}`: {changes}"));
            }
        }
    }
    for line in &file.lines {
        if !measured.iter().any(|(path, _)| *path == line.path) {
            let (number, path) = (line.number, &line.path);
            grown.push(format!("{at}:{number}: `{path}` is no path any more"));
        }
    }
    (grown, fallen)
}
