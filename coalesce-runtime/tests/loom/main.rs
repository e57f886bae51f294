//! All interleavings of a few callers, by loom, with the real protocol: `.ci/run` has the command.
//!
//! Each model ends with the same questions: was there never more than one body of a flight, is nobody
//! left waiting, is nothing left in the map, and do the numbers add up?
//!
//! What loom can't see is made of what it can: the shards' locks, tasks, timers and spans (`*_loom.rs` in `src/`).

#![cfg(loom)]

mod across;
mod body;
mod caller;
mod errors;
mod forget;
mod fresh;
mod growing;
mod leaving;
mod limits;
mod meeting;
mod panics;
mod scene;
mod spawn;
mod traced;
