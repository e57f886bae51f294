//! The seam to other servers, which are played here: who leads asks before its body runs.

mod asking;
mod callers;
mod displaced;
mod servers;
mod successors;
#[cfg(feature = "time")]
mod waits;

use self::servers::Servers;
use crate::support::{Call, Gate, begin};
use coalesced::Group;
use std::sync::Arc;
use tokio_test::task::Spawn;

struct Scene {
    servers: Servers,
    group: Group<u64, u64, Servers>,
    gate: Arc<Gate>,
}

impl Scene {
    fn new() -> Self {
        let servers = Servers::default();
        Self {
            group: Group::new().named("served").across(servers.clone()),
            servers,
            gate: Gate::closed(),
        }
    }

    async fn call(&self) -> u64 {
        let body = async {
            self.gate.pass().await;
            self.servers.tell("the body ends");
            49
        };
        self.group.call(7, body).await
    }

    #[track_caller]
    fn begin<const CALLERS: usize>(&self) -> [Spawn<Call<'_, u64>>; CALLERS] {
        begin(|| Box::pin(self.call()) as Call<'_, u64>)
    }

    /// Nobody is left, and the numbers add up.
    #[track_caller]
    fn check(&self) -> u64 {
        let stats = self.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(stats.bodies(), self.gate.bodies_started() as u64, "{stats}");
        stats.elsewhere
    }
}
