// A slip of the finger.
use coalesced::coalesce;

#[coalesce(keys = id, skp(db))]
async fn fetch(db: u64, id: u64) -> u64 {
    db + id
}

fn main() {}
