// A handler, whose response has a body that can be read once.
use axum::response::{IntoResponse, Response};
use coalesced::coalesce;

#[coalesce]
async fn response(id: u64) -> Response {
    id.to_string().into_response()
}

#[coalesce]
async fn fallible(id: u64) -> Result<Response, String> {
    Ok(id.to_string().into_response())
}

/// As actix has it: not even `Send`.
struct HttpResponse(std::rc::Rc<u64>);

#[coalesce]
async fn of_one_thread(id: u64) -> HttpResponse {
    HttpResponse(id.into())
}

fn main() {}
