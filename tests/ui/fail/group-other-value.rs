// The group's value is not what the function shares, or it is no group.
use coalesced::{Group, Registry, coalesce};

static USERS: Group<u64, String> = Group::new();

#[coalesce(group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

static RESULTS: Group<u64, Result<u64, std::io::Error>> = Group::new();

#[coalesce(group = RESULTS, share = ok)]
async fn only_ok(id: u64) -> Result<u64, std::io::Error> {
    Ok(id)
}

struct App {
    users: Option<Group<u64, u64>>,
    calls: Registry,
}

#[coalesce(group = app.users)]
async fn optional(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

#[coalesce(group = app.calls)]
async fn registry(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

fn main() {}
