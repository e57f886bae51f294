#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use coalesce_macros::coalesce;
pub use coalesce_runtime::{
    AnyGroup, CloneError, Config, Group, InFlight, Key, Part, Registry, Report, Role, SharedError,
    Stats, Value, alone, forget, fresh, groups, idle, is_enabled, is_forgotten, observe,
    set_enabled,
};

/// Tower layers.
#[cfg(feature = "tower")]
#[doc(inline)]
pub use coalesce_tower as tower;

/// One body for several servers.
#[cfg(feature = "cluster")]
#[doc(inline)]
pub use coalesce_cluster as cluster;

/// Has the code in it compiled and run.
#[cfg(all(doctest, feature = "redis"))]
#[doc = include_str!("../docs/several-servers.md")]
struct SeveralServers;

#[doc(hidden)]
pub use coalesce_runtime::private as __private;
