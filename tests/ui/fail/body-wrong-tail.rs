// The body's mistake is the body's.
use coalesced::coalesce;

#[coalesce]
async fn fetch(id: u64) -> String {
    id + 1
}

fn main() {}
