//! What is forgotten in all members, and when they have been told.

use std::{future::Future, sync::Arc};

use coalesce_runtime::forget;
use tokio::sync::oneshot;

use super::{Away, Cluster};
use crate::{
    health::Health,
    member::{Command, Link},
};

impl Cluster {
    /// [`forget`] for the call of an annotated function, which is not made, in all members: ends when the engine has sent
    /// it on to them. Another member learns it a message's way later. Says whether the key was in flight here. To be called
    /// after a write, and its commit.
    ///
    /// Unconnected, there is nobody to tell, and it is `Ok`, as in tests without an engine. It forgets the first coalesced
    /// call that `call` makes, as [`forget`] does; where that does not go across this cluster, it is forgotten here alone.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use coalesced::{cluster::{Cluster, Memory}, coalesce};
    ///
    /// static SHOP: Cluster = Cluster::new("shop");
    ///
    /// #[coalesce(cluster = SHOP, name = "price")]
    /// async fn price(id: u64) -> u64 {
    ///     100 * id // a query, say
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// SHOP.connect(Memory::new())?;
    /// # assert!(SHOP.connected(Duration::from_secs(1)).await);
    /// // Write, commit, and then:
    /// SHOP.forget_everywhere(price(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the engine is away, or goes before it has answered: no reason to fail after a write. The key is forgotten here all
    /// the same, and the others are told when the engine is back: until then they don't share with this member anyway. After
    /// [`close`](Self::close) the others are not told any more.
    ///
    /// # Cancel safety
    ///
    /// Once polled, all is forgotten as it would be: who drops it does not learn when.
    pub async fn forget_everywhere<F: Future>(&self, call: F) -> Result<bool, Away> {
        let was_in_flight = forget(call).await;
        self.flush().await?;
        Ok(was_in_flight)
    }

    /// Waits until the engine has sent on to the other members all that this one has forgotten so far, as by
    /// `forget` of a group that goes across. Unconnected it is `Ok`.
    ///
    /// # Errors
    ///
    /// As of [`forget_everywhere`](Self::forget_everywhere).
    pub async fn flush(&self) -> Result<(), Away> {
        if self.health() == Health::Unconnected {
            return Ok(());
        }
        let here = |link: &Arc<Link>| link.shared.pulse.is_here();
        let link = self.link().filter(here).ok_or(Away)?;
        let (told, flushed) = oneshot::channel();
        link.send(Command::Flush { told });
        flushed.await.map_err(|_| Away)
    }
}
