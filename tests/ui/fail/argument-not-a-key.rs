// A pool is no part of what makes two calls the same.
use coalesced::coalesce;

struct Pool;

#[coalesce]
async fn fetch(pool: &Pool, id: u64) -> u64 {
    let _ = pool;
    id
}

fn main() {}
