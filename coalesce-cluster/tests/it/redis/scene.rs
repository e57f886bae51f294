//! What most of these tests begin with.

use coalesce_cluster::Cluster;

use super::{server::Server, waits};
use crate::support::{Caller, Process};

/// Two members: in one a caller leads, in the other one waits for it.
pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) one: Process,
    pub(super) other: Process,
    pub(super) leader: Caller<u64>,
    pub(super) waiter: Caller<u64>,
}

impl Scene {
    pub(super) async fn new() -> Self {
        Self::of([(); 2].map(|()| Cluster::new("shop"))).await
    }

    /// Members of these clusters.
    pub(super) async fn of([one, other]: [Cluster; 2]) -> Self {
        let server = Server::start();
        let one = Process::with(one, &server.place()).await;
        let other = Process::with(other, &server.place()).await;
        let leader = one.leads(7).await;
        let mut waiter = other.call(7);
        waits(&server, &mut waiter, 1).await;
        Self {
            server,
            one,
            other,
            leader,
            waiter,
        }
    }
}
