// The feature `spawn` is off.
use coalesced::coalesce;

#[coalesce(spawn)]
async fn spawned(id: u64) -> u64 {
    id
}

#[coalesce(detach)]
async fn detached(id: u64) -> u64 {
    id
}

fn main() {}
