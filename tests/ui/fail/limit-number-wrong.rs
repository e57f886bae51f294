// Numbers that are none.
use coalesced::coalesce;

#[coalesce(max_followers = 0)]
async fn zero(id: u64) -> u64 {
    id
}

#[coalesce(max_in_flight = "10_000")]
async fn a_text(id: u64) -> u64 {
    id
}

fn main() {}
