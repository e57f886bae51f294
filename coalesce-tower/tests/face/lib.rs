//! What `coalesced` has with its feature `axum`. The packages of one command have their features together: were it asked
//! for here, then `cargo run --example quickstart` would build a web server first.

pub use coalesce_runtime::*;
pub use coalesce_tower as tower;
