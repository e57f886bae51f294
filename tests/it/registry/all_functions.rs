//! What is for all functions of a registry: to forget, limits, to be listed, its end.

use super::{Client, Users, boxed, together};
use crate::support::{Gate, all_have, begin};
use coalesced::{Config, Registry, coalesce, groups};
use std::panic::{RefUnwindSafe, UnwindSafe};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn forget_all_is_for_all_its_functions() {
    let (users, other, gate) = (Users::default(), Users::default(), Gate::closed());
    let calls = [
        boxed(users.by_id(&gate, 7)),
        boxed(users.orders(&gate, 7)),
        boxed(other.by_id(&gate, 7)),
        boxed(async {
            users.calls.forget_all();
            users.by_id(&gate, 7).await
        }),
        boxed(users.orders(&gate, 7)),
        boxed(other.by_id(&gate, 7)),
    ];
    assert_eq!(together(&gate, calls).0, 5);
}

#[test]
fn limits_are_for_all_and_a_functions_own_go_before() {
    #[coalesce(registry = calls, max_followers = 7, name = "registry::limited")]
    async fn limited(calls: &Registry, id: u64) -> u64 {
        id
    }

    #[coalesce(registry = calls, name = "registry::unlimited")]
    async fn unlimited(calls: &Registry, id: u64) -> u64 {
        id
    }

    let config = |calls: &Registry, name: &str| {
        let groups = calls.groups();
        let group = groups.iter().find(|group| group.name() == name);
        group.unwrap().config()
    };
    let base = Config::new().max_followers(1).max_in_flight(2);
    let calls = Registry::new().with_config(base);
    assert_ready_eq!(task::spawn(limited(&calls, 7)).poll(), 7);
    assert_eq!(config(&calls, "registry::limited"), base.max_followers(7));

    calls.set_config(Config::disabled());
    assert_eq!(calls.clone().config(), Config::disabled());
    assert_ready_eq!(task::spawn(limited(&calls, 7)).poll(), 7);
    // Called for the first time since.
    assert_ready_eq!(task::spawn(unlimited(&calls, 7)).poll(), 7);
    assert_eq!(calls.stats().alone, 2, "a kill switch for all");

    calls.set_config(Config::new());
    let own = Config::new().max_followers(7);
    assert_eq!(config(&calls, "registry::limited"), own);
    assert_eq!(config(&calls, "registry::unlimited"), Config::new());
    // One of them by itself.
    calls.groups()[0].set_config(Config::disabled());
    assert_ready_eq!(task::spawn(unlimited(&calls, 7)).poll(), 7);
    assert_eq!((calls.stats().alone, calls.stats().led), (2, 2));
}

#[test]
fn its_groups_are_listed_until_it_is_dropped() {
    let listed = || {
        let mut groups = groups().into_iter();
        groups.any(|group| group.registry() == Some("registry::listed"))
    };
    let (gate, calls) = (Gate::closed(), Registry::new().named("registry::listed"));
    let users = Users {
        calls,
        ..Users::default()
    };
    assert!(!listed());
    let mut twin = Users {
        calls: users.calls.clone(),
        ..Users::default()
    };
    let _ = task::spawn(users.by_id(&gate, 7)).poll();
    assert!(listed());
    assert_eq!(users.calls.groups()[0].name(), "it::registry::Users::by_id");
    drop(users);
    assert!(listed());
    twin.calls = Registry::new();
    assert!(!listed());
}

#[test]
fn flights_outlive_the_registry() {
    #[coalesce(registry = app.calls, skip(gate))]
    async fn consume(app: Client, gate: &Gate, id: u64) -> String {
        drop(app);
        gate.pass().await;
        id.to_string()
    }

    let (app, gate) = (Client::default(), Gate::closed());
    let [leader, mut second, mut third] = begin(|| consume(app.clone(), &gate, 7));
    drop(app);
    drop(leader);
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    assert_eq!((gate.bodies_started(), gate.bodies_active()), (2, 1));
    gate.open();
    all_have(&mut [second, third], "7".to_owned());
}

#[test]
fn it_may_cross_a_caught_panic() {
    fn unwind_safe<T: UnwindSafe + RefUnwindSafe + Send + Sync>() {}
    unwind_safe::<Registry>();
}
