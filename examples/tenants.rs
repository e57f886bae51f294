//! Methods: `self` is an argument like any other, so tenants don't get each other's answers.

use coalesced::{Group, coalesce};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};
use tokio::{join, task::yield_now};

static QUERIES: AtomicU32 = AtomicU32::new(0);

async fn query() {
    QUERIES.fetch_add(1, Relaxed);
    yield_now().await;
}

/// Small, and hashable: it can be in the key as a whole.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Tenant {
    name: String,
}

impl Tenant {
    #[coalesce]
    async fn balance(&self, account: u64) -> String {
        query().await;
        format!("{}'s account {account}", self.name)
    }
}

/// Large: the part that matters is named.
struct Service {
    tenant: Tenant,
    _pool: Vec<u8>,
}

impl Service {
    #[coalesce(key = (self.tenant.name.as_str(), id))]
    async fn order(&self, id: u64) -> String {
        query().await;
        format!("{}'s order {id}", self.tenant.name)
    }
}

/// Or each service has its own flights, in a group that is a field. They can be forgotten there, and
/// are gone with it.
struct Users {
    tenant: Tenant,
    flights: Group<u64, String>,
}

impl Users {
    #[coalesce(group = self.flights)]
    async fn user(self: Arc<Self>, id: u64) -> String {
        query().await;
        format!("{}'s user {id}", self.tenant.name)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let tenant = |name: &str| Tenant {
        name: name.to_owned(),
    };

    let (ann, bob) = (tenant("ann"), tenant("bob"));
    let answers = join!(ann.balance(7), ann.balance(7), bob.balance(7));
    assert_eq!(answers.1, "ann's account 7");
    assert_eq!(answers.2, "bob's account 7");
    assert_eq!(QUERIES.swap(0, Relaxed), 2);

    let service = |name| Service {
        tenant: tenant(name),
        _pool: Vec::new(),
    };
    let (ann, ann_too, bob) = (service("ann"), service("ann"), service("bob"));
    let answers = join!(ann.order(7), ann_too.order(7), bob.order(7));
    assert_eq!(
        (answers.1.as_str(), answers.2.as_str()),
        ("ann's order 7", "bob's order 7")
    );
    assert_eq!(QUERIES.swap(0, Relaxed), 2);

    let users = |name| {
        Arc::new(Users {
            tenant: tenant(name),
            flights: Group::new(),
        })
    };
    let (ann, bob) = (users("ann"), users("bob"));
    let answers = join!(
        ann.clone().user(7),
        ann.clone().user(7),
        bob.clone().user(7)
    );
    assert_eq!(
        (answers.1.as_str(), answers.2.as_str()),
        ("ann's user 7", "bob's user 7")
    );
    assert_eq!(QUERIES.swap(0, Relaxed), 2);
    println!("tenants: {}", ann.flights.stats());
}
