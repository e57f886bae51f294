// Who asks decides what may be seen.
use axum::{extract::Extension, http::HeaderMap};
use coalesced::coalesce;

#[derive(Clone)]
struct User;

#[coalesce]
async fn headers(headers: HeaderMap, id: u64) -> u64 {
    let _ = headers;
    id
}

#[coalesce]
async fn extension(Extension(user): Extension<User>, id: u64) -> u64 {
    let _ = user;
    id
}

fn main() {}
