// There is nothing that is not shared.
use coalesced::coalesce;

#[coalesce(share = ok)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
