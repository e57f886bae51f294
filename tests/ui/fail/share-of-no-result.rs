// There is nothing that is not shared.
use coalesced::coalesce;

#[coalesce(share = ok)]
async fn fetch(id: u64) -> u64 {
    id
}

type Answer = u64;

#[coalesce(share = ok)]
async fn by_an_alias(id: u64) -> Answer {
    id
}

fn main() {}
