// Nothing of the prelude is there.
#![no_implicit_prelude]
#![deny(warnings)]

use ::coalesced::coalesce;

#[coalesce]
async fn square(id: u64) -> u64 {
    id * id
}

#[coalesce(key = (id, name))]
async fn named(id: u64, name: &str) -> ::core::result::Result<usize, ()> {
    let _ = id;
    ::core::result::Result::Ok(name.len())
}

fn main() {
    ::std::mem::drop(square(7));
    ::std::mem::drop(named(7, "a"));
}
