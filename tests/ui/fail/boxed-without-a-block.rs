// The future is made elsewhere, where the attribute cannot reach it.
use coalesced::coalesce;
use std::{future::Future, pin::Pin};

#[coalesce]
fn fetch(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    make(id)
}

fn make(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move { id })
}

fn main() {}
