// The name of the metric, as other attributes take it.
use coalesced::coalesce;

#[coalesce("users.fetch")]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
