//! `registry = self.calls()`: an owner that is known by a trait, and tells its registry by a method.

use crate::support::{Gate, bodies, unwinds};
use async_trait::async_trait;
use coalesced::{Group, Registry, coalesce};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};
use tokio_test::{assert_ready_eq, task};

/// No key, and not known here.
trait Repo {
    fn calls(&self) -> &Registry;

    fn name(&self) -> &'static str;

    #[coalesce(registry = self.calls(), skip(gate))]
    async fn waits(&self, gate: &Gate, id: u64) {
        let _ = id;
        gate.pass().await;
    }

    #[coalesce(registry = self.calls())]
    async fn by_id(&self, id: u64) -> String {
        format!("{} {id}", self.name())
    }

    #[coalesce(registry = self.calls())]
    fn in_a_thread(&self, id: u64) -> u64 {
        id
    }
}

#[async_trait]
trait Dynamic: Send + Sync {
    fn calls(&self) -> &Registry;

    #[coalesce(registry = self.calls(), key = (gate.id, id))]
    async fn chosen(&self, gate: &'static Gate, id: u64) {
        let _ = id;
        gate.pass().await;
    }

    #[coalesce(registry = self.calls())]
    async fn by_id(&self, id: u64) -> u64 {
        id
    }
}

struct Sql {
    name: &'static str,
    calls: Registry,
    _rate: f64,
}

impl Sql {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            calls: Registry::new(),
            _rate: 0.5,
        }
    }
}

impl Repo for Sql {
    fn calls(&self) -> &Registry {
        &self.calls
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

impl Dynamic for Sql {
    fn calls(&self) -> &Registry {
        &self.calls
    }
}

#[test]
fn two_owners_never_share() {
    let (one, other) = (Sql::named("one"), Sql::named("other"));
    let shared = bodies!(gate => one.waits(gate, 7), one.waits(gate, 7), other.waits(gate, 7));
    assert_eq!(shared, 2);
    assert_ready_eq!(task::spawn(Repo::by_id(&one, 7)).poll(), "one 7");
    assert_ready_eq!(task::spawn(Repo::by_id(&other, 7)).poll(), "other 7");
    assert_eq!(one.in_a_thread(7), 7);
}

#[test]
fn a_method_is_one_of_its_type() {
    struct Other(Sql);

    impl Repo for Other {
        fn calls(&self) -> &Registry {
            &self.0.calls
        }

        fn name(&self) -> &'static str {
            "other"
        }
    }

    let other = Other(Sql::named("sql"));
    let shared = bodies!(gate => other.waits(gate, 7), other.0.waits(gate, 7));
    assert_eq!(shared, 2);
}

#[test]
fn behind_a_pointer() {
    let sql = Sql::named("sql");
    let dynamic: &dyn Dynamic = &sql;
    let shared = bodies!(gate => dynamic.chosen(gate, 7), dynamic.chosen(gate, 7));
    assert_eq!(shared, 1);
    assert_ready_eq!(task::spawn(dynamic.by_id(7)).poll(), 7);
}

/// Clones of a client's registry: one tenant got what another had asked for.
#[test]
fn an_owner_of_more_than_the_way_there_is_refused() {
    struct Tenant {
        id: u64,
        sql: Arc<Sql>,
    }

    impl Tenant {
        fn calls(&self) -> &Registry {
            &self.sql.calls
        }

        #[coalesce(registry = self.calls())]
        async fn orders(&self) -> u64 {
            self.id
        }

        #[coalesce(registry = self.calls(), key = self.id)]
        async fn said(&self, gate: &Gate) {
            gate.pass().await;
        }
    }

    let sql = Arc::new(Sql::named("sql"));
    let [ann, bob] = [1, 2].map(|id| Tenant {
        id,
        sql: Arc::clone(&sql),
    });
    let refused = unwinds(|| task::spawn(ann.orders()).poll());
    assert_eq!(
        refused,
        "`self` has more than what leads to `self.calls()`, and is not in the key; if that decides the result, say what \
         does, with each other argument for `..`, as `key = (self.user, ..)`, else `skip(self)`"
    );
    let shared = bodies!(gate => ann.said(gate), ann.said(gate), bob.said(gate));
    assert_eq!(shared, 2);
}

/// Of a field: what the field is in stays in the key.
#[test]
fn an_argument_that_leads_to_the_owner_stays_in_the_key() {
    #[derive(Clone)]
    struct Client(Arc<Sql>);

    #[derive(Clone)]
    struct Repository {
        client: Client,
        id: u64,
    }

    impl PartialEq for Repository {
        fn eq(&self, other: &Self) -> bool {
            self.id == other.id
        }
    }

    impl Eq for Repository {}

    impl Hash for Repository {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.id.hash(state);
        }
    }

    impl Client {
        fn calls(&self) -> &Registry {
            &self.0.calls
        }
    }

    impl Repository {
        #[coalesce(registry = self.client.calls(), skip(gate))]
        async fn issues(&self, gate: &Gate) {
            gate.pass().await;
        }
    }

    let client = Client(Arc::new(Sql::named("sql")));
    let [one, other] = [1, 2].map(|id| Repository {
        client: client.clone(),
        id,
    });
    let shared = bodies!(gate => one.issues(gate), one.issues(gate), other.issues(gate));
    assert_eq!(shared, 2);
}

#[test]
fn of_a_group_and_of_an_argument() {
    #[derive(Default)]
    struct App {
        flights: Group<u64, ()>,
    }

    impl App {
        fn flights(&self) -> &Group<u64, ()> {
            &self.flights
        }
    }

    #[coalesce(group = app.flights(), key = id)]
    async fn of_a_reference(app: &App, gate: &Gate, id: u64) {
        let _ = (app, id);
        gate.pass().await;
    }

    #[coalesce(group = app.flights())]
    async fn of_a_pointer(app: Arc<App>, id: u64) {
        drop((app, id));
    }

    let (one, other) = (Arc::<App>::default(), App::default());
    let shared = bodies!(
        gate => of_a_reference(&one, gate, 7), of_a_reference(&one, gate, 7), of_a_reference(&other, gate, 7)
    );
    assert_eq!(shared, 2);
    assert_ready_eq!(task::spawn(of_a_pointer(one, 7)).poll(), ());
}
