//! Where the body of a request that leads runs: in its caller, or on a task of its own.

use std::future::Future;

use coalesce_runtime::private::{self, OwnedPlace, Sharing};

/// Where bodies run: [`InPlace`], or spawned.
pub trait Run<S: Sharing<V>, K, V, F>: Clone {
    #[doc(hidden)]
    type Call: Future<Output = S::Output>;
    #[doc(hidden)]
    fn run(&self, place: OwnedPlace<S, K, V, F>, body: F) -> Self::Call;
}

/// Bodies run in the future of the request that leads, as a [`CoalesceLayer`](crate::CoalesceLayer) has it by default.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

impl<S, K, V, F> Run<S, K, V, F> for InPlace
where
    S: Sharing<V>,
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    F: Future<Output = S::Output>,
{
    type Call = private::OwnedCall<S, K, V, F>;

    fn run(&self, place: OwnedPlace<S, K, V, F>, body: F) -> Self::Call {
        private::run(place, body)
    }
}

/// Bodies run on Tokio tasks of their own: [`spawn`](crate::CoalesceLayer::spawn) and
/// [`detach`](crate::CoalesceLayer::detach).
#[cfg(feature = "spawn")]
#[derive(Debug, Clone, Copy)]
pub struct Spawned {
    pub(crate) detach: bool,
}

#[cfg(feature = "spawn")]
impl<S, K, V, F> Run<S, K, V, F> for Spawned
where
    S: Sharing<V> + 'static,
    S::Output: Send + 'static,
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    F: Future<Output = S::Output> + Send + 'static,
{
    type Call = private::OwnedSpawnedCall<S, K, V, F>;

    fn run(&self, place: OwnedPlace<S, K, V, F>, body: F) -> Self::Call {
        private::spawn(place, body, self.detach)
    }
}
