// Nor can it be on another thread if its body cannot.
use coalesced::coalesce;
use std::rc::Rc;

#[coalesce(spawn)]
async fn fetch(id: u64) -> u64 {
    let rc = Rc::new(id);
    std::future::ready(()).await;
    *rc
}

fn main() {}
