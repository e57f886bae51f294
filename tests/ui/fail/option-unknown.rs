// The option of another library.
use coalesced::coalesce;

#[coalesce(ttl = 60)]
async fn fetch(id: u64) -> u64 {
    id
}

#[coalesce(size = 60)]
async fn of_a_cache(id: u64) -> u64 {
    id
}

fn main() {}
