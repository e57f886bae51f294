//! Functions, and instantiations of one function, never share a flight.

use crate::support::Gate;
use coalesced::{Group, coalesce, groups};
use std::marker::PhantomData;
use tokio_test::{assert_pending, assert_ready_eq, task};

#[coalesce(key = (gate.id, id))]
async fn one(gate: &Gate, id: u64) -> String {
    gate.pass().await;
    format!("one {id}")
}

#[coalesce(key = (gate.id, id))]
async fn other(gate: &Gate, id: u64) -> String {
    gate.pass().await;
    format!("other {id}")
}

#[test]
fn two_functions_are_apart() {
    let gate = Gate::closed();
    let mut a = task::spawn(one(&gate, 7));
    let mut b = task::spawn(other(&gate, 7));
    assert_pending!(a.poll());
    assert_pending!(b.poll());
    gate.open();
    assert_ready_eq!(a.poll(), "one 7");
    assert_ready_eq!(b.poll(), "other 7");
}

static OWNED: Group<(u64, u64), String> = Group::new().named("functions::OWNED");

static TWO: Group<(u64, u64), String> = Group::new();

#[coalesce(group = TWO, key = (gate.id, id))]
async fn owned_one(gate: &Gate, id: u64) -> String {
    gate.pass().await;
    format!("one {id}")
}

#[coalesce(group = TWO, key = (gate.id, id))]
async fn owned_other(gate: &Gate, id: u64) -> String {
    gate.pass().await;
    format!("other {id}")
}

#[test]
fn two_functions_are_apart_in_one_group() {
    let gate = Gate::closed();
    let mut a = task::spawn(owned_one(&gate, 7));
    let mut b = task::spawn(owned_other(&gate, 7));
    let mut by_hand = task::spawn(TWO.call((gate.id, 7), async { "by hand".to_owned() }));
    assert_pending!(a.poll());
    assert_pending!(b.poll());
    assert_ready_eq!(
        by_hand.poll(),
        "by hand",
        "calls by hand are a function of their own"
    );
    assert_eq!(TWO.in_flight(), 2);
    assert!(TWO.forget((gate.id, 7)), "`forget` is for all of them");
    let mut c = task::spawn(owned_other(&gate, 7));
    assert_pending!(c.poll());
    assert_eq!(gate.bodies_started(), 3);
    gate.open();
    assert_ready_eq!(a.poll(), "one 7");
    assert_ready_eq!(b.poll(), "other 7");
    assert_ready_eq!(c.poll(), "other 7");
    assert_eq!(TWO.stats().led, 4, "so are the stats");
}

trait Kind: Send + Sync + 'static {
    const NAME: &'static str;
}

struct User;
struct Order;

impl Kind for User {
    const NAME: &'static str = "user";
}

impl Kind for Order {
    const NAME: &'static str = "order";
}

#[coalesce(key = (gate.id, id))]
async fn generic<T: Kind>(gate: &Gate, id: u64) -> String {
    gate.pass().await;
    format!("{} {id}", T::NAME)
}

#[test]
fn instantiations_of_a_function_are_apart() {
    let gate = Gate::closed();
    let mut user = task::spawn(generic::<User>(&gate, 7));
    let mut order = task::spawn(generic::<Order>(&gate, 7));
    assert_pending!(user.poll());
    assert_pending!(order.poll());
    gate.open();
    assert_ready_eq!(user.poll(), "user 7");
    assert_ready_eq!(order.poll(), "order 7");
}

struct Repo<T>(PhantomData<T>);

impl<T: Kind> Repo<T> {
    #[coalesce(key = (gate.id, id))]
    async fn load(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", T::NAME)
    }

    #[coalesce(key = (gate.id, id))]
    async fn load_static(gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", T::NAME)
    }

    #[coalesce(key = (gate.id, id), group = OWNED)]
    async fn load_owned(gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", T::NAME)
    }
}

#[test]
fn instantiations_of_an_impl_are_apart() {
    let gate = Gate::closed();
    let (users, orders) = (Repo::<User>(PhantomData), Repo::<Order>(PhantomData));
    let mut user = task::spawn(users.load(&gate, 7));
    let mut order = task::spawn(orders.load(&gate, 7));
    let mut static_user = task::spawn(Repo::<User>::load_static(&gate, 7));
    let mut static_order = task::spawn(Repo::<Order>::load_static(&gate, 7));
    let mut owned_user = task::spawn(Repo::<User>::load_owned(&gate, 7));
    let mut owned_order = task::spawn(Repo::<Order>::load_owned(&gate, 7));
    assert_pending!(user.poll());
    assert_pending!(order.poll());
    assert_pending!(static_user.poll());
    assert_pending!(static_order.poll());
    assert_pending!(owned_user.poll());
    assert_pending!(owned_order.poll());
    assert_eq!(gate.bodies_started(), 6);
    gate.open();
    assert_ready_eq!(user.poll(), "user 7");
    assert_ready_eq!(order.poll(), "order 7");
    assert_ready_eq!(static_user.poll(), "user 7");
    assert_ready_eq!(static_order.poll(), "order 7");
    assert_ready_eq!(owned_user.poll(), "user 7");
    assert_ready_eq!(owned_order.poll(), "order 7");
}

/// `type_name` is equal for these two.
#[test]
fn local_types_of_one_name_are_apart() {
    let gate = Gate::closed();
    let first = {
        struct Local;
        impl Kind for Local {
            const NAME: &'static str = "first";
        }
        Box::pin(generic::<Local>(&gate, 7)) as std::pin::Pin<Box<dyn Future<Output = String> + '_>>
    };
    let second = {
        struct Local;
        impl Kind for Local {
            const NAME: &'static str = "second";
        }
        Box::pin(generic::<Local>(&gate, 7)) as std::pin::Pin<Box<dyn Future<Output = String> + '_>>
    };
    let (mut first, mut second) = (task::spawn(first), task::spawn(second));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    gate.open();
    assert_ready_eq!(first.poll(), "first 7");
    assert_ready_eq!(second.poll(), "second 7");
}

#[test]
fn lifetimes_make_no_difference() {
    #[coalesce(key = (gate.id, text))]
    async fn length(gate: &Gate, text: &str) -> usize {
        gate.pass().await;
        text.len()
    }

    let gate = Gate::closed();
    let (owned, fixed) = ("seven".to_owned(), "seven");
    let mut a = task::spawn(length(&gate, &owned));
    let mut b = task::spawn(length(&gate, fixed));
    assert_pending!(a.poll());
    assert_pending!(b.poll());
    gate.open();
    assert_ready_eq!(a.poll(), 5);
    assert_ready_eq!(b.poll(), 5);
    assert_eq!(gate.bodies_started(), 1);
}

#[test]
fn many_instantiations_are_apart() {
    #[coalesce(key = gate.id)]
    async fn sized<const N: usize>(gate: &Gate) -> usize {
        gate.pass().await;
        N
    }

    macro_rules! all {
        ($gate:expr, $($n:literal)*) => {
            vec![$((
                $n,
                task::spawn(Box::pin(sized::<$n>($gate)) as std::pin::Pin<Box<dyn Future<Output = usize> + '_>>),
            )),*]
        };
    }
    let gate = Gate::closed();
    let mut calls = all!(&gate, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    for (_, call) in &mut calls {
        assert_pending!(call.poll());
    }
    gate.open();
    for (n, call) in &mut calls {
        assert_ready_eq!(call.poll(), *n);
    }
}

#[test]
fn groups_are_listed_by_the_path_of_their_function() {
    let gate = Gate::opened();
    assert_ready_eq!(task::spawn(one(&gate, 1)).poll(), "one 1");
    assert_ready_eq!(task::spawn(generic::<User>(&gate, 1)).poll(), "user 1");
    assert_ready_eq!(
        task::spawn(Repo::<Order>::load_static(&gate, 1)).poll(),
        "order 1"
    );
    assert_ready_eq!(
        task::spawn(Repo::<User>::load_owned(&gate, 1)).poll(),
        "user 1"
    );
    let names: Vec<_> = groups()
        .iter()
        .map(|group| group.name().to_owned())
        .collect();
    for name in [
        "it::functions::one",
        "it::functions::generic<it::functions::User>",
        "it::functions::Repo<it::functions::Order>::load_static",
        "functions::OWNED",
    ] {
        assert!(
            names.iter().any(|listed| listed == name),
            "{name} in {names:#?}"
        );
    }
}

#[test]
fn a_name_of_ones_own() {
    #[coalesce(name = "users.fetch")]
    async fn fetch(id: u64) -> u64 {
        id
    }

    assert_ready_eq!(task::spawn(fetch(1)).poll(), 1);
    let group = groups()
        .into_iter()
        .find(|group| group.name() == "users.fetch");
    assert_eq!(group.expect("it has been called").stats().led, 1);
}
