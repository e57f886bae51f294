// A slip, a reference where a place is meant, and a receiver that is not there.
use coalesced::{Registry, coalesce};

struct App {
    calls: Registry,
}

#[coalesce(registry = ap.calls)]
async fn misspelled(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

#[coalesce(registry = &app.calls)]
async fn referred(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

impl App {
    #[coalesce(registry = self.calls)]
    async fn fetch(id: u64) -> u64 {
        id
    }
}

fn main() {}
