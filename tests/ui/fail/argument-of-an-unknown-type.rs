// The compiler's own error, and nothing beside it.
use coalesced::coalesce;

#[coalesce]
async fn fetch(user: Usr) -> u64 {
    0
}

#[coalesce(key = (id, idd))]
async fn misspelled(id: u64) -> u64 {
    id
}

fn main() {}
