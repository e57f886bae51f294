// The bounds are the function's to state.
use coalesced::coalesce;

trait Named {
    fn name(&self) -> String;
}

#[coalesce]
async fn describe<T>(thing: T) -> u64 {
    let _ = thing;
    0
}

#[coalesce]
async fn call(thing: &impl Named) -> String {
    thing.name()
}

fn main() {}
