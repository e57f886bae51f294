// A path instead of a string.
use coalesced::coalesce;

#[coalesce(name = users.fetch)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
