// The same of a key.

use coalesce_cluster::Cluster;
use coalesced::coalesce;

static SHOP: Cluster = Cluster::new("shop");

#[derive(Clone, PartialEq, Eq, Hash)]
struct Id(u64);

#[coalesce(cluster = SHOP, name = "product")]
async fn product(id: Id) -> u64 {
    id.0
}

fn main() {}
