// A handler's usual return type, whose body is not `Sync`.
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use coalesced::coalesce;

#[coalesce]
async fn handler(id: u64) -> impl IntoResponse {
    let _ = id;
    Response::new(Body::empty())
}

#[coalesce]
async fn fallible(id: u64) -> Result<impl IntoResponse, String> {
    if id == 0 {
        return Err(String::new());
    }
    Ok(Response::new(Body::empty()))
}

#[coalesce]
fn plain(id: u64) -> impl IntoResponse {
    let _ = id;
    Response::new(Body::empty())
}

fn main() {}
