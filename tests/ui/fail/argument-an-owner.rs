// A state that holds the pool, as handlers and what they call have it.
use axum::extract::State;
use coalesced::coalesce;
use std::sync::Arc;

struct App;

#[coalesce]
async fn handler(State(app): State<Arc<App>>, id: u64) -> u64 {
    let App = *app;
    id
}

#[coalesce]
async fn called(app: &App, id: u64) -> u64 {
    let App = app;
    id
}

fn main() {}
