// The compiler's own error, and nothing beside it.
use coalesced::coalesce;

#[coalesce]
async fn fetch(user: Usr) -> u64 {
    0
}

#[coalesce(key = idd)]
async fn misspelled(id: u64) -> u64 {
    id
}

#[coalesce(key = id.into())]
async fn ambiguous(id: u32) -> u32 {
    id
}

fn main() {}
