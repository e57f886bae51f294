// A slip.
use coalesced::coalesce;

#[coalesce(skip(db, db))]
async fn fetch(db: u64, id: u64) -> u64 {
    db + id
}

fn main() {}
