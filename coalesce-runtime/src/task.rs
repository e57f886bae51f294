//! Tasks for bodies of their own: Tokio's. `task_loom.rs` has a model's.

pub(crate) use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinHandle},
};
