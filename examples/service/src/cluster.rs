//! The cluster: the shop's queries run once for all of its processes, if they meet in a Redis.

use coalesced::cluster::{Cluster, Functions, OnlyOk, Redis};

use crate::failure::Failure;

/// Unconnected, each process is for itself, and a call costs nothing more.
pub(crate) static SHOP: Cluster = Cluster::new("shop");

/// Of functions whose errors can't be serialized: these stay in their process.
pub(crate) type Across = Functions<'static, OnlyOk>;

pub(crate) const fn functions() -> Across {
    SHOP.functions().only_ok()
}

/// Returns at once. A Redis that is away is no error: calls are shared in this process until it is there.
pub(crate) fn join(url: &str) -> Result<(), Failure> {
    let place = Redis::at(url).map_err(|error| Failure::new(error.to_string()))?;
    SHOP.connect(place.namespace("service-example"))
        .map_err(|error| Failure::new(format!("can't take part in the cluster: {error}")))
}
