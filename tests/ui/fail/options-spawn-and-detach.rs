// Both of them.
use coalesced::coalesce;

#[coalesce(spawn, detach)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
