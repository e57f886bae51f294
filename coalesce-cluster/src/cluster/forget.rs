//! What is forgotten in all members, and when they have been told.

use std::{future::Future, sync::Arc};

use coalesce_runtime::forget;
use tokio::sync::oneshot;

use super::{Away, Cluster};
use crate::member::{Command, Link};

impl Cluster {
    /// [`forget`] for the call of an annotated function, which is not made, in all members: ends when the engine has told
    /// them. Says whether the key was in flight here. To be called after a write, and its commit.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use coalesce_cluster::{Cluster, Memory};
    /// use coalesced::coalesce;
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
    /// If the engine is away, or goes before it has answered. The key is forgotten here all the same, and the others are told
    /// when the engine is back: until then they don't share with this member anyway.
    ///
    /// # Cancel safety
    ///
    /// Once polled, all is forgotten as it would be: who drops it does not learn when.
    pub async fn forget_everywhere<F: Future>(&self, call: F) -> Result<bool, Away> {
        let was_in_flight = forget(call).await;
        self.flush().await?;
        Ok(was_in_flight)
    }

    /// Waits until the engine has told the other members of all that this one has forgotten so far, as by
    /// `forget` of a group that goes across.
    ///
    /// # Errors
    ///
    /// If the engine is away, or goes before it has answered. They are told when it is back.
    pub async fn flush(&self) -> Result<(), Away> {
        let here = |link: &Arc<Link>| link.shared.pulse.is_here();
        let link = self.link().filter(here).ok_or(Away)?;
        let (told, flushed) = oneshot::channel();
        link.send(Command::Flush { told });
        flushed.await.map_err(|_| Away)
    }
}
