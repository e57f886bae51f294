//! The threads of a schedule, their steps, and the end of it.

use super::{
    caller::Caller,
    calls, chance,
    key::Key,
    mischief::*,
    plan::Plan,
    runtime::Runtime,
    world::{GROUPS, KEYS, World},
};
use coalesced::Config;
use std::{
    sync::{Arc, Mutex, atomic::Ordering::SeqCst},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How many callers there are at once, about.
const CALLERS: usize = 12;

/// How often the last few callers are polled.
const POLLS: usize = 10_000;

/// How long, in milliseconds, nothing happens before something is wrong.
const PATIENCE: usize = 5_000;

type Pool = Mutex<Vec<Caller>>;

/// Runs a schedule.
pub(super) fn run(plan: Plan) {
    chance::seed(plan.seed << 8 | 128);
    let world = World::new(plan);
    let runtime = Runtime::new(&plan);
    let pool = Arc::new(Pool::default());
    let spawn = |number: u64, run: fn(&Arc<World>, &Pool)| -> JoinHandle<()> {
        let (world, pool, place) = (Arc::clone(&world), Arc::clone(&pool), runtime.place());
        let run = move || {
            let _place = place.enter();
            chance::seed(plan.seed << 8 | number);
            run(&world, &pool);
        };
        let name = format!("seed {}", plan.seed);
        thread::Builder::new().name(name).spawn(run).unwrap()
    };
    let threads: Vec<_> = (0..plan.threads as u64)
        .map(|it| spawn(it, steps))
        .collect();
    let blocked: Vec<_> = (0..2 * u64::from(plan.blocks))
        .map(|it| spawn(32 + it, block))
        .collect();
    for thread in threads {
        thread.join().expect("it has done its steps");
    }
    let drained = {
        let place = runtime.place();
        let _place = place.enter();
        drain(&world, &pool, &blocked)
    };
    for thread in blocked {
        drained.then(|| thread.join().expect("it has done its calls"));
    }
    drop(runtime);
    world.ring(true);
    world.close();
}

fn steps(world: &Arc<World>, pool: &Pool) {
    for _ in 0..world.plan.steps {
        match chance::below(12) {
            0..3 => {
                let mut pool = pool.lock().unwrap();
                if pool.len() < CALLERS {
                    pool.push(Caller::new(world));
                }
            }
            3 => drop(world.ring(chance::one_in(4))),
            4 if world.plan.displaces => displace(world),
            5 => look(world),
            _ => {
                let caller = {
                    let mut pool = pool.lock().unwrap();
                    let len = pool.len();
                    (len > 0).then(|| pool.swap_remove(chance::below(len)))
                };
                if let Some(caller) = caller.and_then(turn) {
                    pool.lock().unwrap().push(caller);
                }
            }
        }
    }
}

/// One of the callers is polled a few times, or dropped.
fn turn(mut caller: Caller) -> Option<Caller> {
    if chance::one_in(10) {
        caller.drop();
        return None;
    }
    for _ in 0..1 + chance::below(3) {
        if caller.is_due() || chance::one_in(8) {
            caller = caller.poll()?;
        }
    }
    Some(caller)
}

fn displace(world: &World) {
    let group = chance::below(GROUPS);
    let key = Key::new(chance::below(world.plan.keys), &world.tally);
    let limits = || {
        let few = 1 + chance::below(3);
        match chance::below(8) {
            0 => Config::new().max_followers(few),
            1 => Config::new().max_in_flight(few),
            2 => Config::new().max_age(Duration::from_micros(20)),
            3 => Config::disabled(),
            #[cfg(feature = "time")]
            4 if world.plan.tasks => Config::new().max_wait(Duration::from_millis(1)),
            _ => Config::new(),
        }
    };
    let since = world.now();
    let forgot = |key: usize| {
        world.forgotten[group][key].fetch_max(since, SeqCst);
    };
    let what = chance::below(4);
    // What a key panics with is told by `forget` to who forgets.
    let displaced = caught(world.plan.mischief, || match (what, group) {
        (0 | 1, 0) => drop(world.outer.forget(&key)),
        (0 | 1, 1) => drop(world.inner.forget(&key)),
        (0 | 1, _) => drop(world.only_ok.forget(&key)),
        (2, 0) => world.outer.forget_all(),
        (2, 1) => world.inner.forget_all(),
        (2, _) => world.only_ok.forget_all(),
        (_, 0) => world.outer.set_config(limits()),
        (_, 1) => world.inner.set_config(limits()),
        (_, _) => world.only_ok.set_config(limits()),
    });
    match (displaced, what) {
        (Ok(()), 0 | 1) => forgot(key.number),
        (Ok(()), 2) => (0..KEYS).for_each(forgot),
        (Ok(()), _) => {}
        (Err(panic), _) => {
            if let Err(text) = is_planted(panic) {
                world.blame(format!("a panic of forget: {text}"));
            }
        }
    }
}

/// Looks at the groups, which holds their locks.
fn look(world: &World) {
    let stats = world.outer.stats();
    if stats.calls != stats.led + stats.followed + stats.alone {
        world.blame(format!("{stats}"));
    }
    // Keys are cloned under a lock, and may panic there, but not while they are dropped, two at a time.
    drop(caught(Mischief::None, || world.outer.flights()));
    if world.outer.in_flight() > CALLERS * 10 {
        world.blame(format!("{} in flight", world.outer.in_flight()));
    }
}

/// Calls that block their thread.
fn block(world: &Arc<World>, _: &Pool) {
    for _ in 0..world.plan.steps / 20 {
        let called = caught(world.plan.mischief, || calls::blocking(world, world.now()));
        if let Err(text) = called.map_or_else(is_planted, Ok) {
            world.blame(format!("a panic of a call that blocks: {text}"));
        }
    }
}

/// Polls those who are due until nobody is left; whether it came to that. While others run, on threads and
/// tasks, whom those in the pool may wait for, it is patient.
fn drain(world: &Arc<World>, pool: &Pool, blocked: &[JoinHandle<()>]) -> bool {
    let mut callers = std::mem::take(&mut *pool.lock().unwrap());
    let (mut polls, mut idle) = (0, 0);
    loop {
        let are_blocked = blocked.iter().any(|thread| !thread.is_finished());
        if callers.is_empty() && !are_blocked {
            return true;
        }
        if let Some(due) = callers.iter().position(Caller::is_due) {
            (polls, idle) = (polls + 1, 0);
            let caller = callers.swap_remove(due);
            callers.extend(caller.poll());
        } else if world.ring(true) {
            idle = 0;
        } else if (are_blocked || world.plan.tasks) && idle < PATIENCE {
            idle += 1;
            thread::sleep(Duration::from_millis(1));
        } else {
            world.blame(format!("{} callers are never woken", callers.len()));
            return false;
        }
        if polls > POLLS {
            world.blame(format!("{} callers are polled for ever", callers.len()));
            return false;
        }
    }
}
