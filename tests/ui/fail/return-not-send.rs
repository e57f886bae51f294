// Callers may be on other threads.
use coalesced::coalesce;
use std::rc::Rc;

#[coalesce]
async fn fetch(id: u64) -> Rc<u64> {
    Rc::new(id)
}

fn main() {}
