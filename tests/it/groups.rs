//! `Group` by hand.

use crate::support::Gate;
use coalesced::{AnyGroup, Config, Group, InFlight, Stats, coalesce, groups};
use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn its_clones_share_its_flights() {
    let group = Group::<u64, u64>::new();
    let clone = group.clone();
    let gate = Gate::closed();
    let mut leader = task::spawn(group.call(7, async {
        gate.pass().await;
        49
    }));
    let mut follower = task::spawn(clone.call(7, async { unreachable!("it follows") }));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert_eq!((group.in_flight(), clone.in_flight()), (1, 1));
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(clone.stats().led, 1);
}

#[test]
fn two_groups_are_apart() {
    let (a, b) = (Group::<u64, u64>::new(), Group::<u64, u64>::new());
    let gate = Gate::closed();
    let mut first = task::spawn(a.call(7, async {
        gate.pass().await;
        1
    }));
    let mut second = task::spawn(b.call(7, async {
        gate.pass().await;
        2
    }));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    gate.open();
    assert_ready_eq!(first.poll(), 1);
    assert_ready_eq!(second.poll(), 2);
}

#[test]
fn calls_by_hand_meet_wherever_they_are() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let mut here = task::spawn(group.call(7, async {
        gate.pass().await;
        49
    }));
    let mut there = task::spawn(group.call(7, std::future::ready(0)));
    assert_pending!(here.poll());
    assert_pending!(there.poll());
    gate.open();
    assert_ready_eq!(here.poll(), 49);
    assert_ready_eq!(there.poll(), 49);
}

struct Users {
    users: Group<u64, String>,
    inner: Inner,
    name: &'static str,
}

struct Inner {
    orders: Arc<Group<u64, String>>,
}

impl Users {
    fn new(name: &'static str) -> Arc<Self> {
        let inner = Inner {
            orders: Arc::default(),
        };
        Arc::new(Self {
            users: Group::new(),
            inner,
            name,
        })
    }

    #[coalesce(group = self.users, skip(gate))]
    async fn by_reference(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }

    #[coalesce(group = self.users, skip(gate))]
    async fn by_arc(self: Arc<Self>, gate: &Gate, id: u64) -> String {
        let this = self; // the body moves its receiver
        gate.pass().await;
        format!("{} {id}", this.name)
    }

    #[coalesce(group = self.inner.orders, skip(gate, self))]
    async fn deeper(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }
}

#[test]
fn a_field_keeps_the_flights_of_its_owner() {
    let gate = Gate::closed();
    let (a, b) = (Users::new("a"), Users::new("b"));
    let mut calls = vec![
        (task::spawn(boxed(a.by_reference(&gate, 7))), "a 7"),
        (task::spawn(boxed(a.by_reference(&gate, 7))), "a 7"),
        (task::spawn(boxed(b.by_reference(&gate, 7))), "b 7"),
        (task::spawn(boxed(Arc::clone(&a).by_arc(&gate, 7))), "a 7"),
        (task::spawn(boxed(Arc::clone(&a).by_arc(&gate, 7))), "a 7"),
        (task::spawn(boxed(b.deeper(&gate, 7))), "b 7"),
        (task::spawn(boxed(b.deeper(&gate, 7))), "b 7"),
    ];
    for (call, _) in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(gate.bodies_started(), 4);
    assert_eq!(
        (
            a.users.in_flight(),
            b.users.in_flight(),
            b.inner.orders.in_flight()
        ),
        (2, 1, 1)
    );
    gate.open();
    for (call, value) in &mut calls {
        assert_ready_eq!(call.poll(), *value);
    }
}

fn boxed<'f, T>(
    future: impl Future<Output = T> + 'f,
) -> std::pin::Pin<Box<dyn Future<Output = T> + 'f>> {
    Box::pin(future)
}

#[test]
fn the_group_outlives_the_body_that_moves_its_owner() {
    #[coalesce(group = users.users, key = id)]
    async fn consume(users: Users, id: u64) -> String {
        drop(users);
        tokio::task::yield_now().await;
        id.to_string()
    }

    let users = Users {
        users: Group::new(),
        inner: Inner {
            orders: Arc::default(),
        },
        name: "",
    };
    let group = users.users.clone();
    let twin = Users {
        users: group.clone(),
        inner: Inner {
            orders: Arc::default(),
        },
        name: "",
    };
    let mut leader = task::spawn(consume(users, 7));
    let mut follower = task::spawn(consume(twin, 7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(group);
    assert_ready_eq!(leader.poll(), "7");
    assert_ready_eq!(follower.poll(), "7");
}

#[derive(Clone)]
struct App {
    users: Group<u64, String>,
}

/// What an axum handler looks like, without axum.
struct State<T>(T);
struct Path<T>(T);

#[coalesce(group = app.users)]
async fn handler(State(app): State<App>, Path(id): Path<u64>) -> String {
    let _ = &app;
    tokio::task::yield_now().await;
    format!("user {id}")
}

#[test]
fn a_field_of_a_destructured_argument() {
    let app = App {
        users: Group::new(),
    };
    let mut leader = task::spawn(handler(State(app.clone()), Path(7)));
    let mut follower = task::spawn(handler(State(app.clone()), Path(7)));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert_eq!(app.users.in_flight(), 1);
    assert_ready_eq!(leader.poll(), "user 7");
    assert_ready_eq!(follower.poll(), "user 7");
}

#[test]
fn an_argument_and_a_lazy_static_are_groups_too() {
    static LAZY: LazyLock<Group<u64, u64>> = LazyLock::new(Group::new);

    #[coalesce(group = LAZY)]
    async fn lazy(id: u64) -> u64 {
        id
    }

    #[coalesce(group = group)]
    async fn argument(group: &Group<u64, u64>, id: u64) -> u64 {
        id
    }

    let group = Group::new();
    assert_ready_eq!(task::spawn(lazy(7)).poll(), 7);
    assert_ready_eq!(task::spawn(argument(&group, 7)).poll(), 7);
    assert_eq!((LAZY.stats().led, group.stats().led), (1, 1));
}

#[test]
fn a_group_is_listed_from_its_first_call_until_it_is_dropped() {
    let listed = |name: &str| groups().iter().any(|group| group.name() == name);
    let group = Group::<u64, u64>::new().named("groups::short-lived");
    assert!(!listed("groups::short-lived"));
    assert_ready_eq!(task::spawn(group.call(1, async { 1 })).poll(), 1);
    assert!(listed("groups::short-lived"));
    let clone = group.clone();
    drop(group);
    assert!(listed("groups::short-lived"));
    drop(clone);
    assert!(!listed("groups::short-lived"));

    let unnamed = Group::<u16, (u8, String)>::new();
    assert_eq!(unnamed.name(), "Group<u16, (u8, alloc::string::String)>");
}

#[test]
fn the_numbers_add_up() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        task::spawn(group.call(7, async {
            gate.pass().await;
            49
        }))
    };
    let mut calls: Vec<_> = (0..10).map(|_| call()).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    let stats = group.stats();
    assert_eq!((stats.calls, stats.led, stats.followed), (10, 1, 9));
    assert_eq!((stats.in_flight, stats.waiting), (1, 9));
    assert!((stats.shared_ratio() - 0.9).abs() < 1e-9);
    drop(calls.remove(0));
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    let stats = group.stats();
    assert_eq!((stats.abandoned, stats.takeovers, stats.waiting), (1, 1, 8));
    gate.open();
    for call in &mut calls {
        assert_ready_eq!(call.poll(), 49);
    }
    let stats = group.stats();
    assert_eq!(stats.led + stats.takeovers, gate.bodies_started() as u64);
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
    assert_eq!(
        stats.to_string(),
        "10 calls: 1 led, 9 followed, 0 alone, 1 took over; 1 abandoned, 0 failed, 0 panicked; 0 in flight, 0 waiting"
    );
}

/// A supervisor that catches panics can hold what it watches.
#[test]
fn what_is_watched_may_cross_a_caught_panic() {
    fn unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}
    unwind_safe::<Group<u64, String>>();
    unwind_safe::<AnyGroup>();
    unwind_safe::<InFlight<u64>>();
    unwind_safe::<Config>();
    unwind_safe::<Stats>();
}

/// Two of them made it, and the list of all groups could show the one that was then dropped: who held on to it
/// waited for numbers that never came.
#[test]
fn first_calls_on_many_threads_make_one_group() {
    #[coalesce]
    async fn first<const N: usize>(id: u64) -> u64 {
        id
    }

    macro_rules! race {
        ($($n:literal)*) => {$(
            let ready = AtomicUsize::new(0);
            let together = || {
                ready.fetch_add(1, SeqCst);
                while ready.load(SeqCst) < 3 {
                    std::hint::spin_loop();
                }
            };
            let seen = std::thread::scope(|threads| {
                for id in 0..2 {
                    let together = &together;
                    threads.spawn(move || {
                        together();
                        assert_ready_eq!(task::spawn(first::<$n>(id)).poll(), id);
                    });
                }
                let name = concat!(
                    "it::groups::first_calls_on_many_threads_make_one_group::first<", $n, ">"
                );
                together();
                loop {
                    let seen = groups().into_iter().rfind(|group| group.name() == name);
                    if let Some(seen) = seen {
                        break seen;
                    }
                }
            });
            assert_eq!(seen.stats().calls, 2, "the other one was dropped");
        )*};
    }

    race!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
}
