//! Functions of every kind, and where each finds its registry.

use super::{Boxed, Client, Users, boxed, together};
use crate::support::{Gate, all_have, begin};
use async_trait::async_trait;
use coalesced::{Registry, coalesce};
#[cfg(feature = "spawn")]
use std::sync::Arc;
use std::{future::Future, pin::Pin, sync::LazyLock};
use tokio_test::{assert_ready_eq, task};

static CALLS: Registry = Registry::new().named("registry::CALLS");

/// Nothing is left out of the key.
#[coalesce(registry = CALLS, skip(gate))]
async fn from_a_static(gate: &Gate, tenant: &str, id: u64) -> String {
    gate.pass().await;
    format!("{tenant} {id}")
}

#[coalesce(registry = calls, skip(gate))]
async fn from_an_argument(calls: &Registry, gate: &Gate, id: u64) -> String {
    gate.pass().await;
    id.to_string()
}

#[test]
fn a_static_and_an_argument() {
    static LAZY: LazyLock<Registry> = LazyLock::new(Registry::new);

    #[coalesce(registry = LAZY)]
    async fn lazy(id: u64) -> u64 {
        id
    }

    let gate = Gate::closed();
    let calls = ["a", "a", "b"].map(|tenant| boxed(from_a_static(&gate, tenant, 7)));
    assert_eq!(together(&gate, calls).0, 2);
    let (a, b) = (Registry::new(), Registry::new());
    let calls = [&a, &a, &b].map(|calls| boxed(from_an_argument(calls, &gate, 7)));
    assert_eq!(together(&gate, calls).0, 2);
    assert_ready_eq!(task::spawn(lazy(7)).poll(), 7);
    assert_eq!((LAZY.stats().led, a.stats().led, b.stats().led), (1, 1, 1));
}

/// What an axum handler looks like, without axum.
struct State<T>(T);

#[coalesce(registry = app.calls, skip(gate))]
async fn handler(State(app): State<Client>, gate: &Gate, id: u64) -> String {
    gate.pass().await;
    drop(app);
    id.to_string()
}

#[test]
fn a_field_of_a_destructured_argument() {
    let (app, gate) = (Client::default(), Gate::closed());
    let calls = [(); 2].map(|()| boxed(handler(State(app.clone()), &gate, 7)));
    assert_eq!(together(&gate, calls).0, 1);
}

trait Repo {
    fn calls(&self) -> &Registry;

    /// Each implementation has its own body.
    #[coalesce(registry = calls, key = id)]
    fn count<'a>(
        &'a self,
        calls: &'a Registry,
        gate: &'a Gate,
        id: u64,
    ) -> Pin<Box<dyn Future<Output = String> + 'a>> {
        Box::pin(async move {
            gate.pass().await;
            format!("{} {id}", std::any::type_name::<Self>().len())
        })
    }
}

impl Repo for Client {
    fn calls(&self) -> &Registry {
        &self.calls
    }
}

impl Repo for Users {
    fn calls(&self) -> &Registry {
        &self.calls
    }
}

#[async_trait]
trait Items {
    async fn item(&self, gate: &Gate, id: u64) -> String;
}

#[async_trait]
impl Items for Users {
    #[coalesce(registry = self.calls, skip(gate))]
    async fn item(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("item {id}")
    }
}

#[test]
fn methods_of_traits() {
    let (users, gate) = (Users::default(), Gate::closed());
    let client = Client {
        calls: users.calls.clone(),
    };
    let calls = users.calls();
    let counts = [
        boxed(users.count(calls, &gate, 7)),
        boxed(users.count(calls, &gate, 7)),
        boxed(client.count(client.calls(), &gate, 7)),
    ];
    assert_eq!(together(&gate, counts).0, 2, "another implementation");
    let other = Users::default();
    let items: [&dyn Items; 3] = [&users, &users, &other];
    let items = items.map(|users| users.item(&gate, 7) as Boxed<'_>);
    assert_eq!(together(&gate, items).0, 2);
}

struct Table<T> {
    rows: Vec<T>,
    calls: Registry,
}

impl<T: Clone + Send + Sync + 'static> Table<T> {
    #[coalesce(registry = self.calls, skip(gate))]
    async fn row(&self, gate: &Gate, index: usize) -> Option<T> {
        gate.pass().await;
        self.rows.get(index).cloned()
    }
}

#[test]
fn instantiations_are_apart() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let numbers = Table {
        rows: vec![7],
        calls: calls.clone(),
    };
    let texts = Table {
        rows: vec!["seven"],
        calls: calls.clone(),
    };
    let mut number = begin::<2, _>(|| numbers.row(&gate, 0));
    let mut text = begin::<2, _>(|| texts.row(&gate, 0));
    assert_eq!((gate.bodies_active(), calls.groups().len()), (2, 2));
    gate.open();
    all_have(&mut number, Some(7));
    all_have(&mut text, Some("seven"));
}

#[test]
fn a_plain_function() {
    #[coalesce(registry = calls)]
    fn plain(calls: &Registry, id: u64) -> u64 {
        id
    }

    let calls = Registry::new();
    assert_eq!(plain(&calls, 7), 7);
    assert_eq!(calls.stats().led, 1);
}

#[cfg(feature = "spawn")]
impl Users {
    #[coalesce(registry = self.calls, spawn, key = id)]
    async fn spawned(self: Arc<Self>, gate: Arc<Gate>, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn spawned_bodies() {
    let gate = Gate::closed();
    let (a, b) = (Arc::new(Users::named("a")), Arc::new(Users::named("b")));
    let call = |users: &Arc<Users>| tokio::spawn(Arc::clone(users).spawned(Arc::clone(&gate), 7));
    let calls = [call(&a), call(&a), call(&b)];
    while gate.bodies_active() < 2 || a.calls.stats().waiting < 1 {
        tokio::task::yield_now().await;
    }
    gate.open();
    for (call, value) in calls.into_iter().zip(["a 7", "a 7", "b 7"]) {
        assert_eq!(call.await.unwrap(), value);
    }
    assert_eq!(gate.bodies_started(), 2);
}
