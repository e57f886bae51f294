// What it is is known when it is consumed, which is the body's to do.
use coalesced::coalesce;
use std::{fmt::Display, path::PathBuf};

struct Id;

#[coalesce]
async fn name(name: impl Into<String>) -> String {
    name.into()
}

#[coalesce]
async fn path<P: Into<PathBuf> + Send>(path: P) -> PathBuf {
    path.into()
}

#[coalesce]
async fn id<I>(id: I) -> u64
where
    I: Into<Id>,
{
    let Id = id.into();
    7
}

#[coalesce]
async fn shown(name: impl Display) -> String {
    name.to_string()
}

#[coalesce]
async fn computed(compute: impl Fn(u64) -> u64, id: u64) -> u64 {
    compute(id)
}

fn main() {}
