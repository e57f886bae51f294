// `async` was forgotten.
use coalesced::coalesce;

#[coalesce]
fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
