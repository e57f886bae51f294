// `format!` was forgotten.
use coalesced::coalesce;

#[coalesce(key = "user:{id}")]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
