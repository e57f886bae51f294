//! Who shares with whom: those whose registry is one, by function and by key.

use super::{Client, Users, boxed, together};
use crate::support::{Gate, all_have, begin};
use coalesced::{Registry, Role, alone, coalesce, fresh, observe};
use std::sync::Arc;

#[test]
fn two_instances_never_share() {
    let (a, b, gate) = (Users::named("a"), Users::named("b"), Gate::closed());
    let calls = [&a, &a, &b, &b].map(|users| boxed(users.by_id(&gate, 7)));
    let (bodies, values) = together(&gate, calls);
    assert_eq!(
        (bodies, values),
        (2, ["a 7", "a 7", "b 7", "b 7"].map(Into::into))
    );
    assert_eq!((a.calls.stats().calls, b.calls.stats().followed), (2, 1));
}

#[test]
fn each_function_has_its_own_flights_keys_and_values() {
    let (users, gate) = (Users::named("a"), Gate::closed());
    let mut by_id = begin::<2, _>(|| users.by_id(&gate, 7));
    let mut orders = begin::<2, _>(|| users.orders(&gate, 7));
    let mut search = begin::<2, _>(|| users.search(&gate, "ann", Some(7)));
    assert_eq!((gate.bodies_active(), users.calls.in_flight()), (3, 3));
    let stats = users.calls.stats();
    assert_eq!((stats.calls, stats.led, stats.waiting), (6, 3, 3));
    gate.open();
    all_have(&mut by_id, "a 7".to_owned());
    all_have(&mut orders, "orders of 7".to_owned());
    all_have(&mut search, Ok(vec![3, 7]));
    users.calls.reset_stats();
    assert_eq!(users.calls.stats(), coalesced::Stats::default());
}

#[test]
fn clones_share() {
    let (a, gate) = (Users::named("a"), Gate::closed());
    let b = Users {
        name: "clone",
        calls: a.calls.clone(),
        ..Users::default()
    };
    let calls = [&a, &b].map(|users| boxed(users.by_id(&gate, 7)));
    assert_eq!(together(&gate, calls), (1, ["a 7"; 2].map(Into::into)));
}

/// Repository "two" got the issue of repository "one".
#[test]
fn an_argument_that_holds_it_deeper_stays_in_the_key() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Repository {
        client: Arc<Shared>,
        repo: String,
    }

    struct Shared {
        calls: Registry,
    }

    // Clients are equal, whatever their calls.
    impl PartialEq for Shared {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }
    impl Eq for Shared {}
    impl std::hash::Hash for Shared {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }

    impl Repository {
        #[coalesce(registry = self.client.calls, skip(gate))]
        async fn issue(&self, gate: &Gate, number: u64) -> String {
            gate.pass().await;
            format!("{} #{number}", self.repo)
        }
    }

    let calls = Registry::new();
    let gate = Gate::closed();
    let of = |repo: &str| Repository {
        client: Arc::new(Shared {
            calls: calls.clone(),
        }),
        repo: repo.to_owned(),
    };
    let (one, two, again) = (of("one"), of("two"), of("one"));
    let issues = [&one, &two, &again].map(|it| boxed(it.issue(&gate, 7)));
    let (bodies, values) = together(&gate, issues);
    assert_eq!(
        (bodies, values),
        (2, ["one #7", "two #7", "one #7"].map(Into::into))
    );
}

#[test]
fn a_key_is_the_users_to_choose_where_it_lies_deeper() {
    let client = Client::default();
    let gate = Gate::closed();
    let of = |name| Users {
        name,
        client: client.clone(),
        ..Users::default()
    };
    let (a, b) = (of("a"), of("b"));
    let calls = [&a, &a, &b].map(|users| boxed(users.deeper(&gate, 7)));
    assert_eq!(together(&gate, calls).0, 2);
    assert_eq!(client.calls.stats().led, 2);
}

#[test]
fn wishes_and_bypasses() {
    let (users, gate) = (Users::default(), Gate::closed());
    let call = || users.by_id(&gate, 7);
    let calls = [
        boxed(call()),
        boxed(fresh(call())),
        boxed(alone(call())),
        boxed(call()),
        boxed(async { assert_ready_role(observe(call()).await) }),
        boxed(users.bypassed(&gate, 7, false)),
        boxed(users.bypassed(&gate, 7, true)),
    ];
    assert_eq!(together(&gate, calls).0, 5);
    let stats = users.calls.stats();
    assert_eq!((stats.led, stats.alone, stats.followed), (3, 2, 2));
}

fn assert_ready_role((value, report): (String, Option<coalesced::Report>)) -> String {
    assert_eq!(report.unwrap().role, Role::Follower);
    value
}
