//! `Registry`: whose calls they are, and so who shares with whom.

use crate::support::{Gate, all_have, begin};
use async_trait::async_trait;
use coalesced::{Config, Registry, Role, alone, coalesce, fresh, groups, observe};
use std::{
    collections::HashMap,
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    sync::{Arc, LazyLock, Mutex},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

type Boxed<'c> = Pin<Box<dyn Future<Output = String> + 'c>>;

fn boxed<'c>(call: impl Future<Output = String> + 'c) -> Boxed<'c> {
    Box::pin(call)
}

/// Polls these calls at one time; how many bodies ran for them, and what they returned.
fn together<const N: usize>(gate: &Gate, calls: [Boxed<'_>; N]) -> (usize, [String; N]) {
    let mut calls = calls.map(task::spawn);
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    let bodies = gate.bodies_active();
    gate.open();
    let values = calls.map(|mut call| assert_ready!(call.poll()));
    gate.close();
    (bodies, values)
}

/// No key: it has a map, a lock, and a float.
#[derive(Default)]
struct Users {
    name: &'static str,
    calls: Registry,
    client: Client,
    _pool: Mutex<HashMap<String, f64>>,
}

#[derive(Clone, Default)]
struct Client {
    calls: Registry,
}

impl Users {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    #[coalesce(registry = self.calls, skip(gate))]
    async fn by_id(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }

    /// Other keys and values.
    #[coalesce(registry = self.calls, skip(gate))]
    async fn search(&self, gate: &Gate, text: &str, page: Option<u32>) -> Result<Vec<u64>, ()> {
        gate.pass().await;
        Ok(vec![text.len() as u64, page.unwrap_or_default().into()])
    }

    /// The arguments of `by_id`, and not its flights.
    #[coalesce(registry = self.calls, skip(gate))]
    async fn orders(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("orders of {id}")
    }

    #[coalesce(registry = (self.client.calls), key = (self.name, id))]
    async fn deeper(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }

    #[coalesce(registry = self.calls, key = id, bypass = bypass)]
    async fn bypassed(&self, gate: &Gate, id: u64, bypass: bool) -> String {
        gate.pass().await;
        id.to_string()
    }

    #[cfg(feature = "spawn")]
    #[coalesce(registry = self.calls, spawn, key = id)]
    async fn spawned(self: Arc<Self>, gate: Arc<Gate>, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }
}

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
