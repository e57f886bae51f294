// What is in it would do, and is not taken out.
use axum::extract::{Path, Query};
use coalesced::coalesce;

#[coalesce]
async fn by_id(id: Path<u64>) -> u64 {
    *id
}

#[coalesce]
async fn paged(page: Query<u64>) -> u64 {
    *page
}

fn main() {}
