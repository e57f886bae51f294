//! HTTP requests.

mod axum_router;
mod bodies;
mod counts;
mod leaving;
mod loopback;
mod malice;
mod memory;
mod races;
mod requests;
mod responses;
mod sharing;
