// Both ways to choose the key.
use coalesced::coalesce;

#[coalesce(skip(db), key = id)]
async fn fetch(db: u64, id: u64) -> u64 {
    db + id
}

fn main() {}
