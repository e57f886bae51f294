//! `idle` and `waiting`: woken when it is so, and asked for no time. Of the whole process: `tests/idle.rs`.

use crate::support::Gate;
use coalesced::{Config, Group, Registry, alone, coalesce};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

#[coalesce(registry = calls, key = id)]
async fn call(calls: &Registry, gate: &Gate, id: u64) -> u64 {
    gate.pass().await;
    id
}

#[coalesce(registry = calls, key = id, share = ok)]
async fn other(calls: &Registry, gate: &Gate, id: &str) -> Result<u64, ()> {
    gate.pass().await;
    if id == "fails" { Err(()) } else { Ok(7) }
}

#[test]
fn nothing_is_in_flight() {
    assert_ready!(task::spawn(Registry::new().idle()).poll());
    assert_ready!(task::spawn(Group::<u64, u64>::new().idle()).poll());
    assert_ready!(task::spawn(Registry::new().waiting(0)).poll());
    assert_pending!(task::spawn(Registry::new().waiting(1)).poll());
}

#[test]
fn it_is_woken_by_the_last_end_of_any_kind() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let mut lands = task::spawn(call(&calls, &gate, 1));
    let mut fails = task::spawn(other(&calls, &gate, "fails"));
    let mut abandons = task::spawn(call(&calls, &gate, 2));
    let mut by_itself = task::spawn(alone(call(&calls, &gate, 3)));
    let mut leader = task::spawn(call(&calls, &gate, 4));
    let mut deserts = task::spawn(call(&calls, &gate, 4));
    assert_pending!(lands.poll());
    assert_pending!(fails.poll());
    assert_pending!(abandons.poll());
    assert_pending!(by_itself.poll());
    assert_pending!(leader.poll());
    assert_pending!(deserts.poll());
    for last in 0..5 {
        let mut idle = task::spawn(calls.idle());
        assert_pending!(idle.poll());
        assert_pending!(idle.poll());
        match last {
            0 => drop(std::mem::replace(
                &mut abandons,
                task::spawn(call(&calls, &gate, 2)),
            )),
            1 => {
                gate.open();
                assert_ready_eq!(lands.poll(), 1);
            }
            2 => {
                assert_ready_eq!(fails.poll(), Err(()));
            }
            3 => {
                drop(std::mem::replace(
                    &mut leader,
                    task::spawn(call(&calls, &gate, 4)),
                ));
                drop(std::mem::replace(
                    &mut deserts,
                    task::spawn(call(&calls, &gate, 4)),
                ));
            }
            _ => {
                assert_eq!(calls.in_flight(), 0, "a call by itself is in no flight");
                assert_ready_eq!(by_itself.poll(), 3);
                assert!(idle.is_woken());
                assert_ready!(idle.poll());
            }
        }
    }
}

#[test]
fn each_owner_for_itself() {
    let (one, two, gate) = (Registry::new(), Registry::new(), Gate::closed());
    let mut leader = task::spawn(call(&one, &gate, 1));
    assert_pending!(leader.poll());
    assert_ready!(task::spawn(two.idle()).poll());
    let (mut idle, mut twin) = (task::spawn(one.idle()), task::spawn(one.idle()));
    assert_pending!(idle.poll());
    assert_pending!(twin.poll());
    // A function that is called for the first time meanwhile.
    let mut later = task::spawn(other(&one, &gate, ""));
    assert_pending!(later.poll());
    gate.open();
    assert_ready_eq!(leader.poll(), 1);
    assert_pending!(idle.poll());
    drop(twin);
    assert_ready_eq!(later.poll(), Ok(7));
    assert!(idle.is_woken());
    assert_ready!(idle.poll());
}

#[test]
fn so_many_callers_wait() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let mut waiting = task::spawn(calls.waiting(3));
    let mut callers = vec![task::spawn(call(&calls, &gate, 1))];
    assert_pending!(waiting.poll());
    for _ in 0..3 {
        assert_pending!(callers.last_mut().unwrap().poll());
        assert_pending!(waiting.poll());
        callers.push(task::spawn(call(&calls, &gate, 1)));
    }
    // One leads, two wait, and one waits in a flight of another function.
    callers.pop();
    let mut others = [(); 2].map(|()| task::spawn(other(&calls, &gate, "")));
    assert_pending!(others[0].poll());
    assert_pending!(waiting.poll());
    assert_pending!(others[1].poll());
    assert!(waiting.is_woken());
    assert_ready!(waiting.poll());
    assert_eq!(calls.stats().waiting, 3);
}

#[test]
fn a_group_and_its_calls_by_hand() {
    let group = Group::<u64, u64>::new().with_config(Config::new().max_followers(7));
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            49
        })
    };
    let (mut idle, mut waiting) = (task::spawn(group.idle()), task::spawn(group.waiting(1)));
    let (mut leader, mut follower) = (task::spawn(call()), task::spawn(call()));
    assert_pending!(leader.poll());
    assert_pending!(idle.poll());
    assert_pending!(waiting.poll());
    assert_pending!(follower.poll());
    assert!(waiting.is_woken());
    assert_ready!(waiting.poll());
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert!(idle.is_woken());
    assert_ready!(idle.poll(), "who follows has its value already");
    assert_ready_eq!(follower.poll(), 49);
}

#[test]
fn it_is_woken_across_threads() {
    let group = Group::<u64, u64>::new();
    for _ in 0..1_000 {
        std::thread::scope(|scope| {
            let caller = || {
                futures::executor::block_on(async {
                    group.call(7, futures::future::ready(7)).await;
                    alone(group.call(8, futures::future::ready(8))).await;
                    group.idle().await;
                });
            };
            scope.spawn(caller);
            scope.spawn(caller);
        });
    }
    assert_eq!(group.stats().calls, 4_000);
}
