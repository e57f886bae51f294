// Who starts with a cluster has types that never left the process.

use coalesce_cluster::Cluster;
use coalesced::coalesce;

static SHOP: Cluster = Cluster::new("shop");

#[derive(Clone)]
struct Product;

#[coalesce(cluster = SHOP, name = "product")]
async fn product(id: u64) -> Product {
    let _ = id;
    Product
}

#[coalesce(cluster = SHOP, name = "order")]
async fn order(id: u64) -> Result<Product, String> {
    let _ = id;
    Ok(Product)
}

fn main() {}
