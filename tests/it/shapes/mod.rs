//! The shapes of functions that the attribute goes on, under the strictest lints.

#![deny(warnings, clippy::all, clippy::pedantic)]
#![expect(
    clippy::double_must_use,
    clippy::unnecessary_to_owned,
    reason = "shapes, not sense"
)]

mod generics;
mod handlers;
mod macros;
mod names;
mod oddities;
mod receivers;
mod traits;
mod values;

fn run<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}
