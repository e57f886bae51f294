// In the middle of a line.
use coalesced::coalesce;

#[coalesce(key = id +)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
