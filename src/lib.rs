#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use coalesce_macros::coalesce;
pub use coalesce_runtime::{AnyGroup, Group, Key, Part, Stats, Value, groups};

#[doc(hidden)]
pub use coalesce_runtime::private as __private;
