//! What is promised about the engine, on real servers: each test starts its own, on a free port, and stops it. Here
//! time is real.

mod calls;
mod server;
