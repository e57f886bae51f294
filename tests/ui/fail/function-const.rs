// A constant has nothing to wait for.
use coalesced::coalesce;

#[coalesce]
const fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
