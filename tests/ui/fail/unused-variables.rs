// An argument that the body forgot is one that its author forgot.
#![deny(unused_variables)]
use coalesced::coalesce;

#[coalesce]
async fn forgotten(id: u64, name: &str) -> u64 {
    id
}

#[coalesce(skip(db))]
async fn skipped(db: &u64, id: u64) -> u64 {
    id
}

#[coalesce]
fn plain((id, page): (u64, u64)) -> u64 {
    id
}

// These have a use: in the key, in a text, and by their name.
#[coalesce(key = (tenant, id))]
async fn in_the_key(tenant: &str, id: u64) -> String {
    format!("{id}")
}

#[coalesce]
async fn held(_permit: u64, id: u64) -> String {
    format!("{id:?}")
}

fn main() {
    drop(forgotten(7, "a"));
    drop(skipped(&7, 7));
    plain((7, 7));
    drop(in_the_key("a", 7));
    drop(held(7, 7));
}
