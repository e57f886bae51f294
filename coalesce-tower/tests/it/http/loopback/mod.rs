//! Over TCP, as servers and clients have it, in HTTP/1.1 and HTTP/2.

mod leaving;
mod server;
mod sharing;
mod storm;
mod streaming;
mod versions;
