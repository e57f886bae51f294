pub use coalesce_runtime::{AnyGroup, Group, Key, Part, Stats, Value, groups};
pub use coalesce_macros::coalesce;
#[doc(hidden)]
pub use coalesce_runtime::private as __private;
