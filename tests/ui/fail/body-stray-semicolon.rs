// The compiler knows this one, and must still see it.
use coalesced::coalesce;

#[coalesce]
async fn fetch(id: u64) -> u64 {
    id + 1;
}

fn main() {}
