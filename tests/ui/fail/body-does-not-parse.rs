// As seen by an editor in the middle of a line.
use coalesced::coalesce;

#[coalesce]
async fn fetch(id: u64) -> u64 {
    let user = id.
}

fn main() {}
