// All that is wrong is said at once.
use coalesced::coalesce;

#[coalesce(skip(dp))]
async fn fetch(db: &mut u64, price: f64) -> &str {
    ""
}

fn main() {}
