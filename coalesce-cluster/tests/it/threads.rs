//! Callers on threads of their own, in real time: each is answered, with a value of its key.

use std::{
    thread,
    time::{Duration, Instant},
};

use coalesce_cluster::{Cluster, Memory, engine::Place};
use coalesce_runtime::private::across::Verdict::{Given, Run};
use futures::executor::block_on;

use crate::support::Process;

const THREADS: u64 = 4;
const CALLS: u64 = 1500;

pub(crate) fn storm(place: &(impl Place + Clone)) {
    let processes = [0, 1].map(|_| block_on(Process::with(Cluster::new("shop"), place)));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for call in 0..CALLS {
                    let (process, key) = (processes[(call + thread) as usize % 2], call % 3);
                    let mut caller = if call % 50 == 7 {
                        process.fresh(key)
                    } else {
                        process.call(key)
                    };
                    match block_on(caller.verdict()) {
                        Given(value) => assert_eq!(value % 3, key),
                        Run if call % 17 == 3 => caller.goes(),
                        Run if call % 19 == 3 => caller.panics(),
                        Run => caller.end(3 * call + key),
                    }
                    if call % 40 == 11 {
                        process.forget(key);
                    }
                }
            });
        }
    });
    let limit = Instant::now() + Duration::from_secs(5);
    while processes
        .iter()
        .any(|process| process.cluster.in_flight() > 0)
    {
        assert!(Instant::now() < limit, "something stays in a table");
        thread::yield_now();
    }
    for process in processes {
        block_on(process.cluster.close());
    }
}

#[test]
fn many_threads_on_three_keys_are_all_answered() {
    let memory = Memory::new();
    storm(&memory);
    let limit = Instant::now() + Duration::from_secs(8);
    while !memory.is_empty() {
        assert!(
            Instant::now() < limit,
            "something stays in the engine: {memory:?}"
        );
        thread::sleep(Duration::from_millis(50));
    }
}
