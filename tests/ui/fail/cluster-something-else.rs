// The name of the shop is taken for its cluster.

use coalesced::coalesce;

static SHOP: u64 = 7;

#[coalesce(cluster = SHOP, name = "price")]
async fn price(id: u64) -> u64 {
    id
}

fn main() {}
