//! `forget` lets no later caller join; those who wait still get their value.

use crate::support::{Gate, Scene, all_have, begin};
use coalesced::{Group, Registry, alone, coalesce, forget, fresh, groups, observe};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn those_who_wait_get_the_old_value_and_later_callers_a_new_flight() {
    let old = Scene::new(|| "old");
    let new = old.beside(|| "new");
    let mut old_callers = old.begin::<2>();

    assert!(old.group.forget(7));
    assert!(!old.group.forget(7), "it is forgotten already");
    let mut new_callers = new.begin::<2>();
    assert_eq!((new.gate.bodies_started(), new.group.in_flight()), (1, 2));

    // The old leader lands late, and leaves the new flight alone.
    old.gate.open();
    all_have(&mut old_callers, "old");
    let mut third = new.begin::<1>();
    assert_eq!(new.gate.bodies_started(), 1, "it joined the new flight");
    new.gate.open();
    all_have(&mut new_callers, "new");
    all_have(&mut third, "new");
    new.check_with(old.gate.bodies_started());
}

#[test]
fn nothing_to_forget() {
    let group = Group::<String, u64>::new();
    assert!(!group.forget("nobody"));
    assert_ready_eq!(task::spawn(group.call("somebody", async { 1 })).poll(), 1);
    assert!(!group.forget("somebody"), "it has landed");
}

#[test]
fn a_forgotten_flight_that_nobody_joined() {
    let scene = Scene::new(|| 49);
    let [old] = scene.begin();
    assert!(scene.group.forget(7));
    let [new] = scene.begin();
    drop(old);
    assert_eq!(
        scene.group.in_flight(),
        1,
        "the abandoned one is gone, and only it"
    );
    let [follower] = scene.begin();
    scene.gate.open();
    all_have(&mut [new, follower], 49);
    assert_eq!(scene.gate.bodies_started(), 2);
    scene.check();
}

#[test]
fn a_forgotten_flight_is_handed_over_like_any_other() {
    let old = Scene::new(|| "old");
    let new = old.beside(|| "new");
    let [leader, mut second, mut third] = old.begin();
    assert!(old.group.forget(7));
    let mut newcomer = new.begin::<1>();
    drop(leader);
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    assert_eq!((old.gate.bodies_active(), new.gate.bodies_active()), (1, 1));
    drop(second);
    old.gate.open();
    assert_ready_eq!(third.poll(), "old");
    new.gate.open();
    all_have(&mut newcomer, "new");
    new.check_with(old.gate.bodies_started());
}

#[test]
fn an_abandoned_flight_is_forgotten() {
    let scene = Scene::new(|| "value");
    let [leader, mut follower] = scene.begin();
    drop(leader);
    assert!(scene.group.forget(7));
    let [new] = scene.begin();
    assert_pending!(follower.poll());
    assert_eq!(scene.gate.bodies_active(), 2, "two flights of one key");
    scene.gate.open();
    all_have(&mut [new, follower], "value");
    scene.check();
}

#[test]
fn forget_all() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = |key: u64| {
        let gate = &gate;
        task::spawn(group.call(key, async move {
            gate.pass().await;
            key
        }))
    };
    let mut old: Vec<_> = (0..100).map(call).collect();
    for caller in &mut old {
        assert_pending!(caller.poll());
    }
    group.forget_all();
    assert!(!group.forget(7));
    let mut new: Vec<_> = (0..100).map(call).collect();
    let mut joined: Vec<_> = (0..100).map(call).collect();
    for caller in new.iter_mut().chain(&mut joined) {
        assert_pending!(caller.poll());
    }
    assert_eq!((gate.bodies_started(), group.in_flight()), (200, 200));
    gate.open();
    for (key, caller) in (0..).zip(&mut old) {
        assert_ready_eq!(caller.poll(), key);
    }
    for (key, caller) in (0..).zip(new.iter_mut()).chain((0..).zip(&mut joined)) {
        assert_ready_eq!(caller.poll(), key);
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_hidden_group_forgets_through_the_list() {
    #[coalesce(name = "forget::hidden", key = ())]
    async fn hidden(gate: &Gate) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    let [old] = begin(|| hidden(&gate));
    let group = groups()
        .into_iter()
        .find(|group| group.name() == "forget::hidden")
        .unwrap();
    assert_eq!(group.in_flight(), 1);
    group.forget_all();
    let [new] = begin(|| hidden(&gate));
    assert_eq!((gate.bodies_started(), group.in_flight()), (2, 2));
    gate.open();
    all_have(&mut [old, new], 49);
}

/// A leader that is about to spawn its body makes its flight, which then knew nothing of having been forgotten.
#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_flight_that_is_forgotten_before_its_body_is_spawned() {
    use crate::support::Gate;
    use coalesced::{Group, coalesce};
    use std::{cell::Cell, sync::Arc};

    static GROUP: Group<Fickle, u64> = Group::new();

    thread_local! {
        static FORGETS: Cell<bool> = const { Cell::new(false) };
    }

    /// A key that is forgotten as soon as its caller has joined, and lets go of it.
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Fickle(u64);

    impl Drop for Fickle {
        fn drop(&mut self) {
            if FORGETS.take() {
                assert!(GROUP.forget(&*self));
            }
        }
    }

    #[coalesce(spawn, group = GROUP, key = Fickle(gate.id))]
    async fn spawned(gate: Arc<Gate>) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    FORGETS.set(true);
    let old = begin::<1, _>(|| spawned(Arc::clone(&gate)));
    assert!(!FORGETS.get());
    let new = begin::<2, _>(|| spawned(Arc::clone(&gate)));
    assert_eq!(GROUP.in_flight(), 2, "the old one and a newer");
    gate.open();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    for mut caller in old.into_iter().chain(new) {
        assert_ready_eq!(caller.poll(), 49);
    }
    assert_eq!(gate.bodies_started(), 2);
}

/// What is forgotten by its function: each with a key that only the function can make.
struct Users {
    calls: Registry,
}

impl Users {
    #[coalesce(registry = self.calls, key = (format!("user {id}"), gate.id), bypass = id == 0)]
    async fn fetch(&self, gate: &Gate, id: u64) -> u64 {
        gate.pass().await;
        id
    }

    #[cfg(feature = "spawn")]
    #[coalesce(registry = self.calls, key = gate.id, detach)]
    async fn detached(self: std::sync::Arc<Self>, gate: std::sync::Arc<Gate>) -> u64 {
        gate.pass().await;
        49
    }

    #[coalesce(registry = self.calls)]
    fn plain(&self, id: u64) -> u64 {
        id
    }
}

#[test]
fn a_call_in_forget_is_not_made() {
    let (users, gate) = (
        Users {
            calls: Registry::new(),
        },
        Gate::closed(),
    );
    let call = || users.fetch(&gate, 7);
    let mut forgotten = task::spawn(forget(call()));
    assert_ready_eq!(forgotten.poll(), false, "nothing is in flight");
    let mut old = begin::<2, _>(call);
    assert_ready_eq!(task::spawn(forget(users.fetch(&gate, 8))).poll(), false);
    assert_ready_eq!(task::spawn(forget(call())).poll(), true);
    assert_ready_eq!(task::spawn(forget(call())).poll(), false);
    let mut new = begin::<2, _>(call);
    let stats = users.calls.stats();
    assert_eq!((stats.calls, stats.led, stats.alone), (4, 2, 0));
    assert_eq!((gate.bodies_started(), users.calls.in_flight()), (2, 2));
    gate.open();
    all_have(&mut old, 7);
    all_have(&mut new, 7);
}

#[test]
fn forget_goes_before_other_wishes_and_limits() {
    let (users, gate) = (
        Users {
            calls: Registry::new(),
        },
        Gate::closed(),
    );
    let call = || users.fetch(&gate, 7);
    let flies = || {
        let [leader] = begin(call);
        leader
    };
    let leader = flies();
    assert_ready_eq!(task::spawn(forget(fresh(call()))).poll(), true);
    drop(leader);
    let leader = flies();
    assert_ready_eq!(task::spawn(forget(alone(call()))).poll(), true);
    drop(leader);
    let leader = flies();
    assert_ready_eq!(task::spawn(fresh(forget(call()))).poll(), true);
    drop(leader);
    let leader = flies();
    assert_ready_eq!(task::spawn(observe(forget(call()))).poll(), (true, None));
    drop(leader);
    let leader = flies();
    users.calls.set_config(coalesced::Config::disabled());
    assert_ready_eq!(task::spawn(forget(call())).poll(), true);
    assert_ready_eq!(task::spawn(forget(users.fetch(&gate, 0))).poll(), false);
    drop(leader);
    assert_eq!((gate.bodies_started(), users.calls.stats().alone), (5, 0));
}

#[test]
fn forget_is_about_the_first_call_and_ends_with_it() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let mut forgetting = task::spawn(forget(async {
        gate.pass().await;
        group
            .call(7, async { unreachable!("it is not made") })
            .await;
        unreachable!("nor what comes after it")
    }));
    assert_pending!(forgetting.poll());
    let mut leader = task::spawn(group.call(7, std::future::pending()));
    assert_pending!(leader.poll());
    gate.open();
    assert_ready_eq!(forgetting.poll(), true);
    assert_ready_eq!(task::spawn(forget(async { 1 })).poll(), false);
    assert_eq!(group.stats().calls, 1);
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_call_in_forget_spawns_nothing() {
    use std::sync::Arc;

    let (users, gate) = (
        Arc::new(Users {
            calls: Registry::new(),
        }),
        Gate::closed(),
    );
    let call = || Arc::clone(&users).detached(Arc::clone(&gate));
    let [old] = begin(call);
    assert!(forget(call()).await);
    let [new] = begin(call);
    while gate.bodies_active() < 2 {
        tokio::task::yield_now().await;
    }
    gate.open();
    while gate.bodies_active() > 0 || users.calls.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    all_have(&mut [old, new], 49);
    assert_eq!(gate.bodies_started(), 2);
}

#[test]
fn a_plain_function_cannot_be_forgotten_so() {
    let users = Users {
        calls: Registry::new(),
    };
    let call = forget(async { users.plain(7) });
    let text = crate::support::unwinds(|| futures::executor::block_on(call));
    assert!(text.contains("`forget` is around a plain `fn`"), "{text}");
    assert_eq!(users.plain(7), 7);
}
