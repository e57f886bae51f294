// The compiler evaluates it, too.
use coalesced::coalesce;
use std::time::Duration;

#[coalesce(max_wait = Duration::from_millis(10 - 10))]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {
    drop(fetch(1));
}
