// An option of a transaction, and not whether there is one.
use coalesced::coalesce;

#[coalesce(skip(transaction), bypass = transaction)]
async fn fetch(transaction: Option<u64>, id: u64) -> u64 {
    let _ = transaction;
    id
}

fn main() {}
