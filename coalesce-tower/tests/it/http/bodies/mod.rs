//! Bodies that stream to all: in each client's pace, kept up to a size, failing, with trailers.

mod budget;
mod by_hand;
mod frames;
mod heads;
mod slow_clients;
