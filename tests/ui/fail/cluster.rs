// Flights that go across are new to everybody, and the options are tried as those of a registry.

use coalesced::{Registry, coalesce};

static SHOP: u64 = 7;
static CALLS: Registry = Registry::new();

#[coalesce(cluster = SHOP)]
async fn without_a_name(id: u64) -> u64 {
    id
}

#[coalesce(cluster = SHOP, name = "price")]
fn a_plain_function(id: u64) -> u64 {
    id
}

#[coalesce(cluster = SHOP, registry = CALLS, name = "price")]
async fn with_a_registry(id: u64) -> u64 {
    id
}

#[coalesce(cluster = SHOP, group = CALLS, max_followers = 7)]
async fn with_a_group(id: u64) -> u64 {
    id
}

#[coalesce(cluster = &SHOP, name = "price")]
async fn borrowed(id: u64) -> u64 {
    id
}

#[coalesce(cluster, name = "price")]
async fn without_a_place(id: u64) -> u64 {
    id
}

fn main() {}
