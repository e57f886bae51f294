//! Annotated functions and groups of two processes that go across.

mod forgetting;
mod names;
mod sharing;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use coalesce_cluster::{Functions, OnlyOk, Whole};
use coalesced::{CloneError, Registry, coalesce};
use tokio::sync::Notify;

use crate::support::{Process, two};

#[derive(Default)]
struct Database {
    queries: AtomicUsize,
    answers: Notify,
}

impl Database {
    async fn query(&self) -> usize {
        let number = self.queries.fetch_add(1, SeqCst) + 1;
        self.answers.notified().await;
        number
    }

    fn queries(&self) -> usize {
        self.queries.load(SeqCst)
    }
}

#[derive(Debug, PartialEq)]
struct Down(usize);

impl CloneError for Down {
    fn clone_error(&self) -> Self {
        Self(self.0)
    }
}

/// A service of one process.
#[derive(Clone)]
struct Shop {
    database: Arc<Database>,
    calls: Registry<Functions<'static>>,
    failing: Registry<Functions<'static, OnlyOk<Whole>>>,
}

impl Shop {
    fn of(process: Process, database: &Arc<Database>) -> Self {
        Self {
            database: Arc::clone(database),
            calls: Registry::new().across(process.cluster.functions()),
            failing: Registry::new().across(process.cluster.functions().only_ok()),
        }
    }

    #[coalesce(registry = self.calls, name = "price")]
    async fn price(&self, name: &str, page: Option<u32>) -> usize {
        let _ = (name, page);
        self.database.query().await
    }

    #[coalesce(registry = self.failing, name = "order")]
    async fn order(&self, id: u64) -> Result<usize, Down> {
        let number = self.database.query().await;
        if id == 0 {
            return Err(Down(number));
        }
        Ok(number)
    }
}

async fn shops() -> (Arc<Database>, Shop, Shop) {
    let (_, one, other) = two().await;
    let database = Arc::default();
    let shops = [one, other].map(|process| Shop::of(process, &database));
    let [one, other] = shops;
    (database, one, other)
}
