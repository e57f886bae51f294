// An annotated function that nobody calls is as dead as any other.
#![deny(dead_code)]
use coalesced::coalesce;

#[coalesce]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
