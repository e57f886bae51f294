// A type without a name is held to the same.
use coalesced::coalesce;

struct Response;

trait IntoResponse {}

impl IntoResponse for Response {}

#[coalesce]
async fn handler(id: u64) -> impl IntoResponse {
    let _ = id;
    Response
}

fn main() {}
