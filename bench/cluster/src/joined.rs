//! A member in this process: by a thread and connections of its own, as every member has them.

use std::{sync::Arc, time::Duration};

use coalesced::{
    Group,
    cluster::{Cluster, Crossing, Redis},
};

/// The calls of a member.
pub(crate) type Calls = Arc<Group<u64, u64, Crossing<'static>>>;

pub(crate) struct Joined {
    pub(crate) cluster: &'static Cluster,
    pub(crate) calls: Calls,
}

impl Joined {
    /// One that is connected.
    pub(crate) async fn start(url: &str) -> Self {
        // A static, as users have it.
        let cluster: &'static Cluster = Box::leak(Box::new(Cluster::new("bench")));
        let place = Redis::at(url).expect("a URL");
        cluster.connect(place).expect("a member");
        let is_connected = cluster.connected(Duration::from_secs(5)).await;
        assert!(is_connected, "{:?}", cluster.health());
        let calls = Group::new().named("product");
        Self {
            cluster,
            calls: Arc::new(calls.across(cluster.across("product"))),
        }
    }
}
