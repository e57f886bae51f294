// Called from C.
use coalesced::coalesce;

#[coalesce]
extern "C" fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
