//! Stands for the crate `uuid`.

/// As in the crate, `Copy` and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(crate) struct Uuid(pub(crate) u128);
