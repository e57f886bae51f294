// A thread blocks for it, so there is no task to put it on.
use coalesced::coalesce;

#[coalesce(spawn)]
fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
