//! Three services whose functions are methods of what owns the pool or the client: an accounting service on SQLx, a
//! client of a registry of packages on reqwest, and a shop's repositories behind traits on SeaORM, with anyhow.
//!
//! They were written as they stand, and then each owner was given a field, each crate's error an impl (anyhow's needs
//! none), and each method `#[coalesce(registry = self.calls)]`, and nothing else.

use crate::{
    network::{bodies, followed},
    stand_ins::{
        reqwest,
        sea_orm::{ConnectionTrait, DatabaseConnection},
        sqlx::{self, Executor, PgPool},
        uuid::Uuid,
    },
};
use anyhow::Context as _;
use async_trait::async_trait;
use coalesced::{CloneError, Registry, coalesce};
use std::{ops::RangeInclusive, path::Path, sync::Arc};

#[derive(Debug, thiserror::Error)]
enum LedgerError {
    #[error("the ledger is away")]
    Database(#[from] sqlx::Error),
}

impl CloneError for LedgerError {
    fn clone_error(&self) -> Self {
        let Self::Database(error) = self;
        Self::Database(sqlx::Error::Protocol(error.to_string()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Currency {
    Eur,
    Usd,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Filter {
    account: Option<Uuid>,
    text: String,
}

struct Ledger {
    pool: PgPool,
    calls: Registry,
}

type LedgerResult<T> = Result<T, LedgerError>;

impl Ledger {
    async fn row(&self, sql: String) -> LedgerResult<String> {
        Ok(self.pool.fetch(sql).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn find(&self, id: Uuid) -> LedgerResult<Option<String>> {
        Ok(Some(self.row(format!("account {id:?}")).await?))
    }

    #[coalesce(registry = self.calls)]
    async fn find_by_number(&self, number: &str) -> LedgerResult<Option<String>> {
        Ok(Some(self.row(format!("account no. {number}")).await?))
    }

    #[coalesce(registry = self.calls)]
    async fn balance(&self, id: Uuid, currency: Currency) -> LedgerResult<String> {
        self.row(format!("balance {id:?} {currency:?}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn page(&self, offset: u32, limit: u32) -> LedgerResult<Vec<String>> {
        Ok(vec![self.row(format!("page {offset} {limit}")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn search(&self, filter: &Filter) -> LedgerResult<Vec<String>> {
        Ok(vec![self.row(format!("{filter:?}")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn count(&self) -> LedgerResult<usize> {
        Ok(self.row("count".to_owned()).await?.len())
    }

    #[coalesce(registry = self.calls)]
    async fn exists(&self, number: String) -> LedgerResult<bool> {
        Ok(!self.row(format!("exists {number}")).await?.is_empty())
    }

    #[coalesce(registry = self.calls)]
    async fn totals(&self, days: RangeInclusive<u32>) -> LedgerResult<Arc<[String]>> {
        Ok(Arc::new([self.row(format!("totals {days:?}")).await?]))
    }
}

#[derive(Debug, thiserror::Error)]
enum ApiError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl CloneError for ApiError {
    fn clone_error(&self) -> Self {
        Self::Http(reqwest::Error)
    }
}

struct Packages {
    http: reqwest::Client,
    calls: Registry,
}

impl Packages {
    async fn get(&self, path: String) -> Result<String, ApiError> {
        Ok(self.http.get(path, "anonymous").await?)
    }

    #[coalesce(registry = self.calls)]
    async fn metadata(&self, name: &str) -> Result<String, ApiError> {
        self.get(format!("/packages/{name}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn version(&self, name: &str, (major, minor): (u64, u64)) -> Result<String, ApiError> {
        self.get(format!("/packages/{name}/{major}.{minor}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn owners(&self, name: &str, page: Option<u32>) -> Result<Vec<String>, ApiError> {
        let page = page.unwrap_or(1);
        Ok(vec![self.get(format!("/packages/{name}/{page}")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn checksums(&self, names: &[String]) -> Result<Vec<String>, ApiError> {
        Ok(vec![self.get(format!("/checksums?{names:?}")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn file(&self, path: &Path) -> Result<Arc<str>, ApiError> {
        Ok(self.get(format!("/{}", path.display())).await?.into())
    }

    #[coalesce(registry = self.calls)]
    async fn status(&self) -> Result<String, ApiError> {
        self.get("/status".to_owned()).await
    }

    #[coalesce(registry = self.calls)]
    async fn search(&self, words: impl AsRef<str> + Send) -> Result<String, ApiError> {
        self.get(format!("/search?{}", words.as_ref())).await
    }
}

#[async_trait]
trait Products: Send + Sync {
    async fn product(&self, sku: &str) -> anyhow::Result<Option<String>>;
    async fn stock(&self, shop: u32, sku: &str) -> anyhow::Result<u64>;
    async fn prices(&self, skus: Vec<String>) -> anyhow::Result<Vec<String>>;
    async fn featured(&self) -> anyhow::Result<Vec<String>>;
    async fn related(&self, sku: String, limit: usize) -> anyhow::Result<Vec<String>>;
}

struct Catalog {
    db: DatabaseConnection,
    calls: Registry,
}

impl Catalog {
    async fn row(&self, sql: String) -> anyhow::Result<String> {
        self.db.query_all(sql).await.context("the catalog is away")
    }
}

#[async_trait]
impl Products for Catalog {
    #[coalesce(registry = self.calls)]
    async fn product(&self, sku: &str) -> anyhow::Result<Option<String>> {
        Ok(Some(self.row(format!("product {sku}")).await?))
    }

    #[coalesce(registry = self.calls)]
    async fn stock(&self, shop: u32, sku: &str) -> anyhow::Result<u64> {
        Ok(self.row(format!("stock {shop} {sku}")).await?.len() as u64)
    }

    #[coalesce(registry = self.calls)]
    async fn prices(&self, skus: Vec<String>) -> anyhow::Result<Vec<String>> {
        Ok(vec![self.row(format!("prices {skus:?}")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn featured(&self) -> anyhow::Result<Vec<String>> {
        Ok(vec![self.row("featured".to_owned()).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn related(&self, sku: String, limit: usize) -> anyhow::Result<Vec<String>> {
        Ok(vec![self.row(format!("{limit} like {sku}")).await?])
    }
}

/// A handler's service on top of that.
struct Checkout {
    products: Arc<dyn Products>,
    calls: Registry,
}

impl Checkout {
    #[coalesce(registry = self.calls)]
    async fn is_available(&self, shop: u32, sku: &str) -> anyhow::Result<bool> {
        Ok(self.products.stock(shop, sku).await? > 0)
    }
}

#[test]
fn a_ledger() {
    let [ours, theirs] = ["ours", "theirs"].map(|name| Ledger {
        pool: PgPool::connect(name),
        calls: Registry::new(),
    });
    let [a, b] = [Uuid(1), Uuid(2)];
    let filter = |account, text: &str| Filter {
        account,
        text: text.to_owned(),
    };
    let [tea, all_tea, coffee] = [
        filter(Some(a), "tea"),
        filter(None, "tea"),
        filter(Some(a), "coffee"),
    ];
    bodies! {
        "find": [ours.find(a), ours.find(a), ours.find(b), theirs.find(a)] => 3,
        "by number": [ours.find_by_number("7"), ours.find_by_number("7"), ours.find_by_number("8"), theirs.find_by_number("7")] => 3,
        "balance": [ours.balance(a, Currency::Eur), ours.balance(a, Currency::Eur), ours.balance(a, Currency::Usd), ours.balance(b, Currency::Eur), theirs.balance(a, Currency::Eur)] => 4,
        "page": [ours.page(0, 9), ours.page(0, 9), ours.page(9, 9), ours.page(0, 7), theirs.page(0, 9)] => 4,
        "search": [ours.search(&tea), ours.search(&tea.clone()), ours.search(&all_tea), ours.search(&coffee), theirs.search(&tea)] => 4,
        "count": [ours.count(), ours.count(), theirs.count()] => 2,
        "exists": [ours.exists("7".to_owned()), ours.exists("7".to_owned()), ours.exists("8".to_owned()), theirs.exists("7".to_owned())] => 3,
        "totals": [ours.totals(1..=7), ours.totals(1..=7), ours.totals(1..=8), theirs.totals(1..=7)] => 3,
        "two functions": [ours.find_by_number("7"), ours.find(a)] => 2,
    }
}

#[test]
fn a_client_of_packages() {
    let [ours, theirs] = ["ours", "theirs"].map(|name| Packages {
        http: reqwest::Client(name),
        calls: Registry::new(),
    });
    let [both, one] = [
        vec!["syn".to_owned(), "quote".to_owned()],
        vec!["syn".to_owned()],
    ];
    let [toml, lock] = [Path::new("Cargo.toml"), Path::new("Cargo.lock")];
    bodies! {
        "metadata": [ours.metadata("syn"), ours.metadata("syn"), ours.metadata("quote"), theirs.metadata("syn")] => 3,
        "version": [ours.version("syn", (2, 0)), ours.version("syn", (2, 0)), ours.version("syn", (2, 1)), theirs.version("syn", (2, 0))] => 3,
        "owners": [ours.owners("syn", None), ours.owners("syn", None), ours.owners("syn", Some(2)), theirs.owners("syn", None)] => 3,
        "checksums": [ours.checksums(&both), ours.checksums(&both.clone()), ours.checksums(&one), theirs.checksums(&both)] => 3,
        "file": [ours.file(toml), ours.file(toml), ours.file(lock), theirs.file(toml)] => 3,
        "status": [ours.status(), ours.status(), theirs.status()] => 2,
        "search": [ours.search("async"), ours.search("async"), ours.search("sync"), theirs.search("async")] => 3,
    }
}

#[test]
fn a_catalog_behind_a_trait() {
    let [ours, theirs] = ["ours", "theirs"].map(|name| -> Arc<dyn Products> {
        Arc::new(Catalog {
            db: DatabaseConnection(name),
            calls: Registry::new(),
        })
    });
    let skus = |skus: &[&str]| skus.iter().map(|&sku| sku.to_owned()).collect::<Vec<_>>();
    let tea = || "tea".to_owned();
    bodies! {
        "product": [ours.product("tea"), ours.product("tea"), ours.product("mug"), theirs.product("tea")] => 3,
        "stock": [ours.stock(1, "tea"), ours.stock(1, "tea"), ours.stock(2, "tea"), theirs.stock(1, "tea")] => 3,
        "prices": [ours.prices(skus(&["tea"])), ours.prices(skus(&["tea"])), ours.prices(skus(&["tea", "mug"])), theirs.prices(skus(&["tea"]))] => 3,
        "featured": [ours.featured(), ours.featured(), theirs.featured()] => 2,
        "related": [ours.related(tea(), 3), ours.related(tea(), 3), ours.related(tea(), 4), theirs.related(tea(), 3)] => 3,
    }
    let [at_ours, at_theirs] = [&ours, &theirs].map(|products| Checkout {
        products: Arc::clone(products),
        calls: Registry::new(),
    });
    bodies! {
        "available": [at_ours.is_available(1, "tea"), at_ours.is_available(1, "tea"), at_ours.is_available(2, "tea"), at_theirs.is_available(1, "tea")] => 3,
    }
    assert!(
        followed(&at_ours.calls, "is_available") > 0,
        "and not only what it calls"
    );
}
