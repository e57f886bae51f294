// The argument was renamed, the attribute was not.
use coalesced::coalesce;

#[coalesce(skip(dp, connection))]
async fn fetch(db: u64, id: u64) -> u64 {
    db + id
}

fn main() {}
