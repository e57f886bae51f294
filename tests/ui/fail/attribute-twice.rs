// One attribute for the key, another for the limits.
use coalesced::coalesce;

#[coalesce(key = id)]
#[coalesce(max_followers = 100)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
