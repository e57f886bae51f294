// The feature `time` is off.
use coalesced::coalesce;

#[coalesce(max_wait = "100ms")]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
