// Methods of what holds a pool: a registry in it would keep its calls in this process.

use coalesce_cluster::Cluster;
use coalesced::coalesce;

struct Pool;

struct Orders {
    pool: Pool,
    shop: &'static Cluster,
}

impl Orders {
    #[coalesce(cluster = self.shop, name = "orders.count")]
    async fn count(&self, customer: u64) -> u64 {
        let Pool = self.pool;
        customer
    }
}

static SHOP: Cluster = Cluster::new("shop");

#[coalesce(cluster = SHOP, name = "orders.total")]
async fn total(pool: &Pool, customer: u64) -> u64 {
    let Pool = pool;
    customer
}

fn main() {}
