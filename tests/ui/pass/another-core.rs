// The crate calls itself `core`, as the one of a large program does.
#![deny(warnings)]

extern crate self as core;

use coalesced::coalesce;

#[coalesce(max_age = "50ms")]
async fn fetch(id: u64, name: impl AsRef<str>) -> Result<u64, String> {
    let _ = name.as_ref();
    Ok(id)
}

fn main() {
    drop(fetch(7, "a"));
}
