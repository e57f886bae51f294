//! HTTP requests.

mod bodies;
mod leaving;
mod loopback;
mod malice;
mod races;
mod requests;
mod responses;
mod sharing;
