// Two parts of a key, written as two keys.
use coalesced::coalesce;

#[coalesce(key = region, key = id)]
async fn fetch(region: u64, id: u64) -> u64 {
    region + id
}

fn main() {}
