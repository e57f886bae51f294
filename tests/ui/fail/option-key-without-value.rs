// The name of the option, and nothing else.
use coalesced::coalesce;

#[coalesce(key)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
