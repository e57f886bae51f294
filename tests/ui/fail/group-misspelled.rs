// A slip, and a reference where a place is meant.
use coalesced::{Group, coalesce};

struct App {
    users: Group<u64, u64>,
}

#[coalesce(group = ap.users)]
async fn misspelled(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

#[coalesce(group = &app.users)]
async fn referred(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

fn main() {}
