//! The leader is dropped: one of its followers takes over, whichever is polled first.

use crate::support::{Gate, Scene, all_have, begin, begin_with};
use coalesced::{Group, coalesce};
use std::{
    cell::RefCell,
    future::{pending, poll_fn},
    rc::Rc,
    sync::{Arc, Mutex},
    task::{Poll, Wake, Waker},
};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[coalesce(key = (gate.id, id))]
async fn square(gate: &Gate, id: u64) -> u64 {
    gate.pass().await;
    id * id
}

#[test]
fn exactly_one_follower_takes_over() {
    let gate = Gate::closed();
    let [leader, mut followers @ ..]: [_; 11] = begin(|| square(&gate, 7));
    drop(leader);
    assert_eq!(
        gate.bodies_active(),
        0,
        "the abandoned body is gone before the next one starts"
    );
    for follower in &mut followers {
        assert!(follower.is_woken(), "a waiter is asked to lead");
        assert_pending!(follower.poll());
    }
    assert_eq!((gate.bodies_started(), gate.most_at_once()), (2, 1));
    gate.open();
    all_have(&mut followers, 49);
    assert_eq!(gate.bodies_started(), 2);
}

#[test]
fn whoever_is_polled_first_leads_so_that_nobody_waits_for_the_unpolled() {
    for polled in 0..10 {
        let gate = Gate::closed();
        let [leader, mut followers @ ..]: [_; 11] = begin(|| square(&gate, 7));
        drop(leader);
        gate.open();
        // The other nine are held, and never polled again.
        assert_ready_eq!(followers[polled].poll(), 49);
        assert_ready_eq!(
            task::spawn(square(&gate, 7)).poll(),
            49,
            "and the key is free"
        );
    }
}

#[test]
fn a_newcomer_leads_an_abandoned_flight_at_once() {
    let scene = Scene::new(|| 49);
    let [leader, mut follower] = scene.begin();
    drop(leader);
    let [newcomer] = scene.begin();
    assert_eq!(
        scene.gate.bodies_active(),
        1,
        "the newcomer leads, since it is polled first"
    );
    assert_pending!(follower.poll());
    assert_eq!(scene.gate.most_at_once(), 1);
    scene.gate.open();
    all_have(&mut [newcomer, follower], 49);
    let stats = scene.check();
    assert_eq!(
        (stats.led, stats.followed, stats.takeovers, stats.abandoned),
        (2, 1, 0, 1)
    );
}

#[test]
fn one_leader_after_the_other() {
    let scene = Scene::new(|| 49);
    let mut callers = Vec::from(scene.begin::<100>());
    while callers.len() > 1 {
        drop(callers.remove(0));
        assert_eq!(
            scene.group.in_flight(),
            1,
            "the flight stays while anyone waits"
        );
        for caller in &mut callers {
            assert!(caller.is_woken());
            assert_pending!(caller.poll());
        }
        assert_eq!(scene.gate.bodies_active(), 1);
    }
    scene.gate.open();
    assert_ready_eq!(callers[0].poll(), 49);
    assert_eq!(scene.gate.most_at_once(), 1);
    let stats = scene.check();
    assert_eq!((stats.calls, stats.led, stats.followed), (100, 1, 99));
    assert_eq!((stats.takeovers, stats.abandoned), (99, 99));
}

/// A waker that writes its name down.
struct Named {
    name: usize,
    woken: Arc<Mutex<Vec<usize>>>,
}

impl Named {
    fn waker(name: usize, woken: &Arc<Mutex<Vec<usize>>>) -> Waker {
        let woken = Arc::clone(woken);
        Arc::new(Self { name, woken }).into()
    }
}

impl Wake for Named {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap().push(self.name);
    }
}

/// Executors begin with the one that was woken first, or with the one that was woken last: either has
/// most of its deadline left.
#[test]
fn a_newest_one_is_woken_first_and_last() {
    let group = Group::<u64, u64>::new();
    let woken = Arc::new(Mutex::new(Vec::new()));
    let call = |name| {
        let waker = Named::waker(name, &woken);
        (name, begin_with(&waker, group.call(7, pending())))
    };
    let mut calls: Vec<_> = (0..6).map(call).collect();
    // A place in the list that was left is taken by one who joins later.
    drop(calls.remove(2));
    calls.push(call(6));

    drop(calls.remove(0));
    assert_eq!(*woken.lock().unwrap(), [5, 4, 3, 1, 6]);

    // They have waited as long as they have, in whatever order they come back.
    woken.lock().unwrap().clear();
    for index in [2, 0, 4, 1] {
        let (name, call) = &mut calls[index];
        let _call = begin_with(&Named::waker(*name, &woken), call.as_mut());
    }
    let leader = calls.remove(2);
    assert_eq!(leader.0, 4, "it came back first");
    drop(leader);
    assert_eq!(
        *woken.lock().unwrap(),
        [1, 3, 6],
        "now the oldest first; 5 was told before, and has not come yet"
    );
}

/// A body that does a step at each poll.
async fn steps(gate: &Gate, steps: usize) -> usize {
    let _body = gate.body();
    for _ in 0..steps {
        let mut waited = false;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
    steps
}

#[test]
fn dropped_at_every_await_point() {
    const STEPS: usize = 5;
    for leader_polls in 0..=STEPS {
        for follower_polls in 0..=STEPS + 1 {
            let group = Group::<(), usize>::new();
            let gate = Gate::closed();
            let call = || task::spawn(group.call((), steps(&gate, STEPS)));
            let (mut leader, mut first, mut second) = (call(), call(), call());
            for _ in 0..leader_polls {
                assert_pending!(leader.poll());
            }
            assert_pending!(first.poll());
            assert_pending!(second.poll());
            drop(leader);
            let mut landed = false;
            for _ in 0..follower_polls {
                landed = landed || first.poll().is_ready();
            }
            drop(first);
            let mut polls = 0;
            let value = loop {
                polls += 1;
                assert!(
                    polls < 20,
                    "stuck after {leader_polls} and {follower_polls} polls"
                );
                if let Poll::Ready(value) = second.poll() {
                    break value;
                }
            };
            assert_eq!(value, STEPS);
            assert_eq!(gate.most_at_once(), 1);
            drop(second);
            let stats = group.stats();
            assert_eq!((stats.in_flight, stats.waiting), (0, 0));
            assert_eq!(stats.led + stats.takeovers, gate.bodies_started() as u64);
        }
    }
}

#[test]
fn the_followers_body_borrows_what_is_its_own() {
    // Each caller's body is its own: after the take-over it is the follower's arguments that count.
    let group = Group::<(), String>::new();
    let leader_name = "leader".to_owned();
    let mut leader = task::spawn(group.call((), async {
        std::future::pending::<()>().await;
        leader_name.clone()
    }));
    assert_pending!(leader.poll());
    let mut follower = task::spawn(group.call((), async { "follower".to_owned() }));
    assert_pending!(follower.poll());
    drop(leader);
    drop(leader_name);
    assert_ready_eq!(follower.poll(), "follower");
}

/// What an abandoned body holds is free before anybody is asked to lead, whatever its place in the
/// body's future.
#[test]
fn the_abandoned_body_is_dropped_before_the_next_leader_is_woken() {
    struct Connection(Rc<RefCell<Vec<&'static str>>>);

    impl Drop for Connection {
        fn drop(&mut self) {
            self.0.borrow_mut().push("released");
        }
    }

    // Not `Send`, so that the order is that of one thread; woken by hand.
    let log = Rc::new(RefCell::new(Vec::new()));
    let group = Group::<(), ()>::new();
    let gate = Gate::closed();
    let connection = Connection(Rc::clone(&log));
    let gate_ref = &gate;
    let mut leader = task::spawn(group.call((), async move {
        let _connection = connection;
        gate_ref.pass().await;
    }));
    assert_pending!(leader.poll());
    let woken = Arc::new(Mutex::new(Vec::new()));
    let _follower = begin_with(&Named::waker(1, &woken), group.call((), async {}));
    drop(leader);
    assert_eq!(*log.borrow(), ["released"]);
    assert_eq!(woken.lock().unwrap().len(), 1);
}

/// A permit that is only held, and not mentioned by the body, is the body's all the same.
#[test]
fn an_argument_that_the_body_does_not_mention_goes_with_it() {
    struct Permit(Arc<Mutex<Vec<usize>>>);

    impl Drop for Permit {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(0);
        }
    }

    struct Connection {
        permit: Permit,
        gate: Arc<Gate>,
    }

    #[coalesce(skip(connection, _permit))]
    async fn hold(connection: Connection, _permit: Permit) {
        connection.gate.pass().await;
    }

    let log = Arc::new(Mutex::new(Vec::new()));
    let gate = Gate::closed();
    let call = |log: &Arc<Mutex<Vec<usize>>>| {
        let permit = Permit(Arc::clone(log));
        let connection = Connection {
            permit,
            gate: Arc::clone(&gate),
        };
        let _ = &connection.permit;
        hold(connection, Permit(Arc::clone(log)))
    };
    let mut leader = task::spawn(call(&log));
    assert_pending!(leader.poll());
    let _follower = begin_with(&Named::waker(1, &log), call(&Arc::default()));
    drop(leader);
    assert_eq!(
        *log.lock().unwrap(),
        [0, 0, 1],
        "both are free, then the next one is asked to lead"
    );
}
