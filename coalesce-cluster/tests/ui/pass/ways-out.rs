// What the refusals offer, word for word, each by its first way out.
#![deny(warnings)]

use coalesce_cluster::{Cluster, Functions, OnlyOk};
use coalesced::{Registry, coalesce};

static SHOP: Cluster = Cluster::new("shop");

struct Pool;

// owner-in-a-cluster
struct Orders {
    pool: Pool,
    tenant: u64,
    shop: &'static Cluster,
}

impl Orders {
    #[coalesce(cluster = self.shop, name = "orders.count", key = (self.tenant, customer))]
    async fn count(&self, customer: u64) -> u64 {
        let Pool = self.pool;
        customer
    }

    #[coalesce(cluster = self.shop, name = "orders.all", skip(self))]
    async fn all(&self, customer: u64) -> u64 {
        customer
    }

    #[coalesce(cluster = self.shop(), name = "orders.first", skip(self))]
    async fn first(&self, customer: u64) -> u64 {
        customer
    }

    fn shop(&self) -> &'static Cluster {
        self.shop
    }
}

// registry-of-results-alone, registry-whose-errors-do-not-cross
struct Two {
    calls: Registry<Functions<'static>>,
    failing: Registry<Functions<'static, OnlyOk>>,
}

impl Two {
    #[coalesce(registry = self.calls, name = "two.count")]
    async fn count(&self, customer: u64) -> u64 {
        customer
    }

    #[coalesce(registry = self.failing, name = "two.total")]
    async fn total(&self, customer: u64) -> anyhow::Result<u64> {
        Ok(customer)
    }
}

// key-that-does-not-cross
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
struct Id(u64);

#[coalesce(cluster = SHOP, name = "by_id")]
async fn by_id(id: Id) -> u64 {
    id.0
}

// value-that-does-not-cross
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Product;

#[coalesce(cluster = SHOP, name = "product")]
async fn product(id: u64) -> Result<Product, String> {
    let _ = id;
    Ok(Product)
}

fn main() {
    let orders = Orders { pool: Pool, tenant: 7, shop: &SHOP };
    drop((orders.count(7), orders.all(7), orders.first(7)));
    let two = Two {
        calls: Registry::new().across(SHOP.functions()),
        failing: Registry::new().across(SHOP.functions().only_ok()),
    };
    drop((two.count(7), two.total(7), by_id(Id(7)), product(7)));
}
