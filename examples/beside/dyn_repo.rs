//! Under `#[async_trait]`: services are given a `dyn Repo`, and don't know who coalesces. That is the repository with the
//! database, or one around any other.

use async_trait::async_trait;
use coalesced::{Registry, coalesce};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};
use tokio::{join, task::yield_now};

type Error = Arc<dyn std::error::Error + Send + Sync>;

#[async_trait]
trait Repo: Send + Sync {
    async fn user(&self, tenant: u64, login: &str) -> Result<String, Error>;
}

/// The one with the database.
#[derive(Default)]
struct Sql {
    queries: AtomicU32,
    calls: Registry,
}

#[async_trait]
impl Repo for Sql {
    #[coalesce(registry = self.calls)]
    async fn user(&self, tenant: u64, login: &str) -> Result<String, Error> {
        self.queries.fetch_add(1, Relaxed);
        yield_now().await;
        if login.is_empty() {
            return Err(Arc::from(Box::from("nobody has no login")));
        }
        Ok(format!("{login} of {tenant}"))
    }
}

/// The one for tests, as it always was. It awaits once, or nobody could come meanwhile.
#[derive(Default)]
struct Mock {
    asked: AtomicU32,
}

#[async_trait]
impl Repo for Mock {
    async fn user(&self, _: u64, login: &str) -> Result<String, Error> {
        self.asked.fetch_add(1, Relaxed);
        yield_now().await;
        Ok(login.to_owned())
    }
}

/// The one around any other.
struct Shared {
    inner: Arc<dyn Repo>,
    calls: Registry,
}

#[async_trait]
impl Repo for Shared {
    #[coalesce(registry = self.calls)]
    async fn user(&self, tenant: u64, login: &str) -> Result<String, Error> {
        self.inner.user(tenant, login).await
    }
}

async fn greet(repo: &dyn Repo, login: &str) -> String {
    match repo.user(7, login).await {
        Ok(user) => format!("Hello, {user}"),
        Err(error) => format!("Sorry, {error}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sql = Sql::default();
    let greetings = join!(
        greet(&sql, "ann"),
        greet(&sql, "ann"),
        greet(&sql, "bob"),
        greet(&sql, "")
    );
    assert_eq!(
        (greetings.1.as_str(), greetings.2.as_str()),
        ("Hello, ann of 7", "Hello, bob of 7")
    );
    assert_eq!(greetings.3, "Sorry, nobody has no login");
    assert_eq!(sql.queries.load(Relaxed), 3);
    println!("dyn_repo: 4 callers, {} queries", sql.queries.load(Relaxed));

    let mock = Arc::new(Mock::default());
    let inner = mock.clone();
    let shared = Shared {
        inner,
        calls: Registry::new(),
    };
    let greetings = join!(greet(&shared, "ann"), greet(&shared, "ann"));
    assert_eq!(
        (greetings.0.as_str(), greetings.1.as_str()),
        ("Hello, ann", "Hello, ann")
    );
    assert_eq!(mock.asked.load(Relaxed), 1);
    println!("dyn_repo: 2 callers, the mock was asked once");
}
