// A placeholder that was never filled in.
use coalesced::coalesce;

#[coalesce(name = "")]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
