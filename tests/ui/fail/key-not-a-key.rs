// An expression that yields a float.
use coalesced::coalesce;

#[coalesce(key = (id, price * 2.0))]
async fn quote(id: u64, price: f64) -> u64 {
    id + price as u64
}

fn main() {}
