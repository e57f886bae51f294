//! Plain functions: threads wait for one another, with the same promises.

#![deny(clippy::all, clippy::pedantic)]

use crate::support::Gate;
#[cfg(feature = "time")]
use coalesced::Config;
use coalesced::{Group, Role, coalesce, groups};
#[cfg(feature = "time")]
use std::time::Duration;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc,
    },
    thread,
};
use tokio_test::{assert_pending, assert_ready_eq, task};

/// Sleeps until this many callers wait, so that a body can be let go.
fn until_waiting(group: &Group<u64, u64>, callers: u64) {
    while group.stats().waiting < callers {
        thread::yield_now();
    }
}

/// Sleeps until this many callers of an annotated function have come to wait.
fn until_listed_followed(name: &str, callers: u64) {
    let listed = groups().into_iter().find(|group| group.name() == name);
    let listed = listed.unwrap();
    while listed.stats().followed < callers {
        thread::yield_now();
    }
}

#[test]
fn threads_share_a_flight() {
    let group = Group::<u64, u64>::new();
    let bodies = AtomicU64::new(0);
    let call = || {
        group.call_blocking(7, || {
            until_waiting(&group, 3);
            bodies.fetch_add(1, SeqCst) + 49
        })
    };
    thread::scope(|scope| {
        let callers = [(); 4].map(|()| scope.spawn(call));
        for caller in callers {
            assert_eq!(caller.join().unwrap(), 49);
        }
    });
    assert_eq!((bodies.load(SeqCst), group.in_flight()), (1, 0));
}

#[test]
fn a_panic_reaches_each_thread() {
    let group = Group::<u64, u64>::new();
    let call = || {
        catch_unwind(AssertUnwindSafe(|| {
            group.call_blocking(7, || {
                until_waiting(&group, 2);
                panic!("boiler at 12 bar")
            })
        }))
    };
    thread::scope(|scope| {
        let mut originals = 0;
        for caller in [(); 3].map(|()| scope.spawn(call)) {
            let panic = caller.join().unwrap().unwrap_err();
            match panic.downcast_ref::<&str>() {
                Some(text) => {
                    assert_eq!(*text, "boiler at 12 bar");
                    originals += 1;
                }
                None => assert!(
                    panic
                        .downcast_ref::<String>()
                        .unwrap()
                        .ends_with("boiler at 12 bar")
                ),
            }
        }
        assert_eq!(originals, 1);
    });
    assert_eq!(group.call_blocking(7, || 1), 1);
}

#[test]
fn async_and_blocking_callers_share() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    // A thread waits for a task,
    let mut leader = task::spawn(group.call(7, async {
        gate.pass().await;
        49
    }));
    assert_pending!(leader.poll());
    thread::scope(|scope| {
        let thread = scope.spawn(|| group.call_blocking(7, || unreachable!("it follows")));
        until_waiting(&group, 1);
        gate.open();
        assert_ready_eq!(leader.poll(), 49);
        assert_eq!(thread.join().unwrap(), 49);
    });
    // and a task for a thread, which it takes over from if the thread's leader goes.
    let (started, wait) = mpsc::channel();
    let (go_on, waiting) = mpsc::channel::<()>();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            group.call_blocking(7, || {
                started.send(()).unwrap();
                waiting.lock().unwrap().recv().unwrap();
                50
            })
        });
        wait.recv().unwrap();
        let mut follower = task::spawn(group.call(7, async { unreachable!("it follows") }));
        assert_pending!(follower.poll());
        go_on.send(()).unwrap();
        assert_eq!(thread.join().unwrap(), 50);
        assert!(follower.is_woken());
        assert_ready_eq!(follower.poll(), 50);
    });
}

#[test]
fn a_thread_takes_over_from_a_task() {
    let group = Group::<u64, u64>::new();
    let mut leader = task::spawn(group.call(7, std::future::pending()));
    assert_pending!(leader.poll());
    thread::scope(|scope| {
        let thread = scope.spawn(|| group.call_blocking(7, || 49));
        until_waiting(&group, 1);
        drop(leader);
        assert_eq!(thread.join().unwrap(), 49);
    });
    assert_eq!((group.in_flight(), group.stats().takeovers), (0, 1));
}

#[test]
fn forget_and_limits_are_the_same() {
    let group = Group::<u64, u64>::new();
    let inner = || {
        assert!(group.forget(7));
        group.call_blocking(7, || 1)
    };
    assert_eq!(
        group.call_blocking(7, || inner() + 1),
        2,
        "a flight of one's own after a forget"
    );
    group.set_config(coalesced::Config::disabled());
    assert_eq!(
        group.call_blocking(7, || group.call_blocking(7, || 1) + 1),
        2
    );
    assert_eq!(group.stats().alone, 2);
}

#[test]
fn a_cycle_is_reported() {
    #[coalesce]
    fn cycle(id: u64) -> u64 {
        cycle(id) + 1
    }

    let panic = catch_unwind(|| cycle(7)).unwrap_err();
    let panic = panic.downcast_ref::<String>().unwrap();
    assert!(
        panic.starts_with("coalesced calls would wait for each other for ever"),
        "{panic}"
    );
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Files {
    root: String,
}

impl Files {
    /// With all that a body may do.
    #[coalesce(share = ok)]
    fn number<const N: usize>(&self, name: &str, mut add: u64) -> std::io::Result<u64> {
        #![allow(clippy::items_after_statements)]
        const ONE: u64 = 1;
        if name.is_empty() {
            return Err(std::io::ErrorKind::NotFound.into());
        }
        let number: u64 = name.parse().map_err(|_| std::io::ErrorKind::InvalidData)?;
        add += ONE;
        Ok(number + add + (self.root.len() + N) as u64)
    }

    #[coalesce(name = "blocking::unit", skip(self, _permit))]
    fn unit(&mut self, id: u64, _permit: Mutex<()>) {
        self.root.push_str(&id.to_string());
    }
}

#[test]
fn plain_functions_of_all_shapes() {
    let mut files = Files {
        root: "/".to_owned(),
    };
    assert_eq!(files.number::<2>("39", 6).unwrap(), 49);
    assert!(files.number::<2>("", 6).is_err());
    assert!(files.number::<2>("x", 6).is_err());
    files.unit(7, Mutex::new(()));
    assert_eq!(files.root, "/7");
    let names: Vec<_> = groups()
        .iter()
        .map(|group| group.name().to_owned())
        .collect();
    for name in ["it::blocking::Files::number<2>", "blocking::unit"] {
        assert!(
            names.iter().any(|listed| listed == name),
            "{name} in {names:#?}"
        );
    }
}

#[test]
fn plain_functions_share() {
    static BODIES: AtomicU64 = AtomicU64::new(0);

    #[coalesce(name = "blocking::slow")]
    fn slow(key: &str) -> u64 {
        until_listed_followed("blocking::slow", 3);
        key.len() as u64 + BODIES.fetch_add(1, SeqCst)
    }

    thread::scope(|scope| {
        for caller in [(); 4].map(|()| scope.spawn(|| slow("seven"))) {
            assert_eq!(caller.join().unwrap(), 5);
        }
    });
    assert_eq!(BODIES.load(SeqCst), 1);
}

#[cfg(any(feature = "spawn", feature = "time"))]
#[coalesce(name = "blocking::identity")]
fn identity(id: u64) -> u64 {
    id
}

#[cfg(any(feature = "spawn", feature = "time"))]
#[tokio::test]
async fn who_blocked_a_thread_of_a_runtime_was_told_so_in_tokios_words() {
    let text = panic_of(|| identity(7));
    assert_eq!(
        text,
        "`blocking::identity` would block a thread that drives a Tokio runtime; call it in \
         `spawn_blocking`, or make it async"
    );
    let group = Group::<u64, u64>::new().named("blocking::refused");
    let text = panic_of(|| group.call_blocking(7, || 49));
    assert!(
        text.starts_with("`blocking::refused` would block"),
        "{text}"
    );
    let stats = group.stats();
    assert_eq!((stats.calls, stats.in_flight), (0, 0));
}

#[cfg(any(feature = "spawn", feature = "time"))]
#[test]
fn threads_that_a_runtime_has_to_spare_may_be_blocked() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let spare = runtime.spawn_blocking(|| identity(7));
    assert_eq!(runtime.block_on(spare).unwrap(), 7);
    let in_place = async { tokio::task::block_in_place(|| identity(7)) };
    assert_eq!(runtime.block_on(in_place), 7);
    let _entered = runtime.enter();
    assert_eq!(identity(7), 7);
}

/// What a panic says.
#[cfg(any(feature = "spawn", feature = "time"))]
fn panic_of(call: impl FnOnce() -> u64) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap()
}

#[cfg(feature = "time")]
#[test]
fn threads_that_waited_under_max_wait_panicked_for_want_of_a_runtime() {
    const LONG: Duration = Duration::from_secs(1_000_000);

    #[coalesce(name = "blocking::patient", max_wait = LONG)]
    fn patient(id: u64) -> u64 {
        until_listed_followed("blocking::patient", 15);
        id * id
    }

    let group = Group::<u64, u64>::new().with_config(Config::new().max_wait(LONG));
    let by_hand = || {
        group.call_blocking(7, || {
            while group.stats().followed < 15 {
                thread::yield_now();
            }
            49
        })
    };
    thread::scope(|scope| {
        let callers = [(); 16].map(|()| scope.spawn(by_hand));
        let annotated = [(); 16].map(|()| scope.spawn(|| patient(7)));
        let callers = callers.into_iter().chain(annotated);
        let answered = callers.filter_map(|caller| caller.join().ok());
        assert_eq!(answered.filter(|value| *value == 49).count(), 32);
    });
}

#[cfg(feature = "time")]
#[test]
fn a_thread_that_has_waited_long_enough_runs_its_own_body() {
    let group =
        Group::<u64, u64>::new().with_config(Config::new().max_wait(Duration::from_millis(1)));
    let ended = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let leader = scope.spawn(|| {
            group.call_blocking(7, || {
                while group.stats().takeovers == 0 && !ended.load(SeqCst) {
                    thread::yield_now();
                }
                49
            })
        });
        while group.in_flight() == 0 {
            thread::yield_now();
        }
        let value = catch_unwind(AssertUnwindSafe(|| group.call_blocking(7, || 50)));
        ended.store(true, SeqCst);
        assert_eq!(leader.join().unwrap(), 49);
        assert_eq!(value.unwrap(), 50);
    });
    assert_eq!((group.in_flight(), group.stats().waiting), (0, 0));
}

#[test]
fn what_became_of_a_blocking_call() {
    let group = Group::<u64, u64>::new();
    let observed = coalesced::observe(async { group.call_blocking(7, || 1) });
    let (value, report) = futures::executor::block_on(observed);
    assert_eq!((value, report.unwrap().role), (1, Role::Leader));
}
