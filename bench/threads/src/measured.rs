//! What a call costs, on one thread and on two.

use std::{
    hint::{black_box, spin_loop},
    panic::resume_unwind,
    sync::atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire},
    },
    thread,
    time::{Duration, Instant},
};

use cpu_time::ThreadTime;

use crate::contender::{CONTENDERS, Contender};

/// In a round: so few that the system seldom takes the processor away meanwhile.
const CALLS: u64 = 2_000;

/// Prints them; returns the nanoseconds of a call of a hidden group on one thread.
pub(crate) fn table(rounds: usize) -> f64 {
    let mut all: Vec<[Vec<f64>; 2]> = CONTENDERS.iter().map(|_| Default::default()).collect();
    for round in 0..rounds + rounds / 10 {
        for (contender, times) in CONTENDERS.iter().zip(&mut all) {
            for (threads, times) in [1, 2].into_iter().zip(times) {
                let time = once(contender, threads);
                // The first ones are for maps to grow.
                if round >= rounds / 10 {
                    times.push(time);
                }
            }
        }
    }
    println!(
        "{:34}{:>14}{:>14}{:>12}",
        "ns of a call", "one thread", "two threads", "x DashMap"
    );
    for (contender, times) in CONTENDERS.iter().zip(&all) {
        let [one, two] = times.each_ref().map(|times| median(times.clone()));
        let ratios = times[1].iter().zip(&all[0][1]);
        let times = median(ratios.map(|(ours, limit)| ours / limit).collect());
        println!("{:34}{one:>14.1}{two:>14.1}{times:>12.2}", contender.name);
    }
    median(all[1][0].clone())
}

/// The processor time of a call, in nanoseconds, of so many threads that call at once with keys of their own.
fn once(contender: &Contender, threads: u64) -> f64 {
    let times = together(threads, |thread| {
        for n in 0..CALLS {
            let id = (n % 256) * threads + thread;
            assert_eq!((contender.call)(black_box(id)), id);
        }
    });
    times / CALLS as f64
}

/// The mean processor time of these threads, in nanoseconds, which begin together. A round in which the system took
/// the processor away from one of them, so that they were not at it at once, does not count, and is tried again.
pub(crate) fn together(threads: u64, work: impl Fn(u64) + Sync) -> f64 {
    let (time, _) = (0..TRIES)
        .map(|_| try_together(threads, &work))
        .find(|(time, wall)| *wall < 1.1 * time)
        .unwrap_or((f64::NAN, 0.0));
    time
}

const TRIES: usize = 1_000;

/// The mean processor time, and the time from the first's start to the last's end.
fn try_together(threads: u64, work: &(impl Fn(u64) + Sync)) -> (f64, f64) {
    let ready = AtomicUsize::new(0);
    let time = |thread| {
        ready.fetch_add(1, AcqRel);
        while ready.load(Acquire) < threads as usize {
            spin_loop();
        }
        let (start, began) = (ThreadTime::now(), Instant::now());
        work(thread);
        (start.elapsed().as_nanos() as f64, began, Instant::now())
    };
    let time = &time;
    let all: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|n| scope.spawn(move || time(n))).collect();
        let own = time(0);
        let others = others
            .into_iter()
            .map(|it| it.join().unwrap_or_else(|it| resume_unwind(it)));
        [own].into_iter().chain(others).collect()
    });
    let sum: f64 = all.iter().map(|(time, ..)| time).sum();
    let began = all.iter().map(|(_, began, _)| *began).min();
    let ended = all.iter().map(|(.., ended)| *ended).max();
    let wall = began
        .zip(ended)
        .map_or(Duration::MAX, |(began, ended)| ended - began);
    (sum / threads as f64, wall.as_nanos() as f64)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
