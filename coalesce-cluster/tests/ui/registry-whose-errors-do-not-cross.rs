use coalesced::{
    Registry,
    cluster::{Cluster, Functions},
    coalesce,
};

static SHOP: Cluster = Cluster::new("shop");
static CALLS: Registry<Functions<'static>> = Registry::new().across(SHOP.functions());

#[coalesce(registry = CALLS)]
async fn price(id: u64) -> anyhow::Result<u64> {
    Ok(id)
}

fn main() {}
