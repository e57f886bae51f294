//! A function whose flights cross: its name, how long a body may hold a lease, and how its values cross.

use std::{any::type_name, fmt, marker::PhantomData, time::Duration};

use coalesce_runtime::private::across::Across;

use super::{Away, Cluster, function::Function, lead::Lead};
use crate::{
    engine::Digest,
    frame::{Codec, Keyed, OnlyOk, Whole},
    member::{Asked, Command, Link, Question},
};

/// The longest name of a function, a cluster or a namespace, in bytes.
pub(crate) const LONGEST_NAME: usize = 200;

/// Where the flights of one function of a [`Cluster`] go. Made by [`Cluster::across`].
///
/// ```
/// use std::time::Duration;
///
/// use coalesced::cluster::{Cluster, Crossing};
///
/// static SHOP: Cluster = Cluster::new("shop");
/// static PRODUCT: Crossing<'static> = SHOP.across("product").max_hold(Duration::from_secs(10));
///
/// // After a write: unconnected, there is nobody to tell.
/// PRODUCT.forget::<String, _>(&7_u64);
/// ```
pub struct Crossing<'c, C = Whole> {
    cluster: &'c Cluster,
    name: &'static str,
    max_hold: Duration,
    codec: PhantomData<fn() -> C>,
}

impl<'c> Crossing<'c> {
    pub(crate) const fn new(cluster: &'c Cluster, name: &'static str) -> Self {
        assert!(
            !name.is_empty(),
            "a function needs a name to be found by other members"
        );
        assert!(
            name.len() <= LONGEST_NAME,
            "the name of a function has more than 200 bytes"
        );
        Self::unnamed(cluster).named(name)
    }

    pub(crate) const fn unnamed(cluster: &'c Cluster) -> Self {
        Self {
            cluster,
            name: "",
            max_hold: Duration::from_secs(60),
            codec: PhantomData,
        }
    }

    /// Lets only the `Ok` of a `Result` cross: an `Err` is for its own caller, and those who wait in other members
    /// run their own bodies, all at once.
    #[must_use]
    pub const fn only_ok(self) -> Crossing<'c, OnlyOk> {
        self.by()
    }
}

impl<'c, C> Crossing<'c, C> {
    /// The same, with values that cross by this codec.
    #[must_use]
    pub const fn by<D>(self) -> Crossing<'c, D> {
        Crossing {
            cluster: self.cluster,
            name: self.name,
            max_hold: self.max_hold,
            codec: PhantomData,
        }
    }

    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// How long a body may keep the others from running theirs: one minute. After this its lease is not renewed.
    #[must_use]
    pub const fn max_hold(mut self, time: Duration) -> Self {
        self.max_hold = time;
        self
    }

    /// What to ask the cluster about this key; `None`: nothing, run here.
    pub(crate) fn question<V, Q: Keyed>(&self, function: Function, key: &Q) -> Option<Question>
    where
        C: Codec<V>,
    {
        let link = self.cluster.link()?;
        let tally = self.cluster.tally();
        if !link.shared.pulse.is_here() {
            tally.local(self.name);
            return None;
        }
        let key = self
            .cluster
            .owns(self.name, (function.path, type_name::<V>()))
            .then(|| self.digest(&link, function.instance(), key, C::NAME))
            .flatten()
            .filter(|key| link.shared.may_ask(*key));
        let Some(key) = key else {
            tally.unshared(self.name);
            return None;
        };
        let (function, max_hold) = (self.name, self.max_hold);
        let asked = Asked {
            key,
            function,
            max_hold,
        };
        Some(Question { link, asked })
    }

    fn digest<Q>(&self, link: &Link, instance: &str, key: &Q, codec: &str) -> Option<Digest>
    where
        Q: Keyed + ?Sized,
    {
        let bytes = key.bytes()?;
        let digests = &link.shared.digests;
        Some(digests.key(self.name, instance, codec, &bytes))
    }

    /// Queues that no later call of this key joins its flight, in any member: this one's later calls run
    /// anew, the others' as soon as they are told. Without a connection it is done when there is one.
    pub fn forget<V, Q: Keyed + ?Sized>(&self, key: &Q)
    where
        C: Codec<V>,
    {
        self.forget_of("", key);
    }

    /// The same, of this instantiation.
    pub(crate) fn forget_of<V, Q: Keyed + ?Sized>(&self, instance: &str, key: &Q)
    where
        C: Codec<V>,
    {
        let Some(link) = self.cluster.link() else {
            return;
        };
        if let Some(key) = self.digest(&link, instance, key, C::NAME) {
            link.send(Command::Forget { key });
        }
    }

    /// The same, and waits until the engine has told the others. Dropped early, it is done all the same.
    ///
    /// # Errors
    ///
    /// If the engine is away, or goes before it has answered. It is told when it is back.
    pub async fn forget_everywhere<V, Q: Keyed + ?Sized>(&self, key: &Q) -> Result<(), Away>
    where
        C: Codec<V>,
    {
        self.forget::<V, Q>(key);
        self.cluster.flush().await
    }
}

impl<'c, V, C: Codec<V>> Across<V> for Crossing<'c, C> {
    type Lead = Lead<'c, V, C>;

    fn lead(&self, _: &'static str, function: &'static str, body: &'static str) -> Self::Lead {
        Lead::new(*self, Function::new(function, body))
    }
}

impl<C> Clone for Crossing<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Crossing<'_, C> {}

impl<C> fmt::Debug for Crossing<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crossing")
            .field("cluster", self.cluster)
            .field("name", &self.name)
            .field("max_hold", &self.max_hold)
            .finish_non_exhaustive()
    }
}
