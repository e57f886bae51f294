//! The local flights of a process, in place of the runtime's: a leader, who is polled when it is woken, and followers.

use tokio::time::Instant;

use crate::support::{Caller, Vacant};

/// A call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) began: Instant,
    pub(super) fresh: bool,
    /// When its process had last forgotten the key.
    pub(super) forgotten: Option<Instant>,
}

/// What a local flight comes to.
pub(super) enum Leader {
    /// Asked, not answered.
    Asking(Caller<u64>),
    /// Runs this body.
    Running(Caller<u64>, u64),
    /// Dropped; a follower comes at this time.
    Vacant(Vacant<coalesce_cluster::Whole>, Instant),
    /// Taken out, while it is looked at.
    None,
}

pub(super) struct Local {
    pub(super) key: u64,
    pub(super) leader: Leader,
    /// Those who wait for it, the leader first.
    pub(super) calls: Vec<Call>,
    /// No newcomer joins, since the process has said so.
    pub(super) closed: bool,
}

impl Local {
    pub(super) fn takes_newcomers(&self) -> bool {
        let displaced = match &self.leader {
            Leader::Asking(caller) | Leader::Running(caller, _) => caller.is_displaced(),
            Leader::Vacant(vacant, _) => vacant.is_displaced(),
            Leader::None => true,
        };
        !self.closed && !displaced
    }
}
