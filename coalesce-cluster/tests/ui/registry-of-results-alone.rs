// One registry, whose errors stay in their process, and a method that never fails.

use coalesce_cluster::{Cluster, Functions, OnlyOk};
use coalesced::{Registry, coalesce};

static SHOP: Cluster = Cluster::new("shop");
static CALLS: Registry<Functions<'static, OnlyOk>> = Registry::new().across(SHOP.functions().only_ok());

#[coalesce(registry = CALLS, name = "orders.count")]
async fn count(customer: u64) -> u64 {
    customer
}

fn main() {}
