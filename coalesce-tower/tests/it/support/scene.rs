//! What nearly every test sets up: a layer above a service that waits at a gate.

use crate::support::{Gate, Strict, strict::Gates};
use coalesced::tower::{
    CoalesceLayer, CoalesceService,
    coalesce::{All, Cloned},
};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering::SeqCst},
    task::{Context, Poll},
};
use tokio_test::task::{self, Spawn};
use tower::{Layer, Service, limit::ConcurrencyLimit};

#[derive(Clone)]
pub(crate) struct Scene<S> {
    pub(crate) service: S,
    /// Where calls wait.
    pub(crate) gate: Arc<Gate>,
}

impl<S> Scene<S> {
    /// What is made with a gate that is closed.
    pub(crate) fn new(service: impl FnOnce(&Arc<Gate>) -> S) -> Self {
        let gate = Gate::closed();
        Self {
            service: service(&gate),
            gate,
        }
    }

    /// Squares below this layer.
    pub(crate) fn below(layer: impl Layer<Strict, Service = S>) -> Self {
        Self::new(|gate| layer.layer(Strict::new(gate)))
    }

    /// A service below this layer that answers as a function says.
    pub(crate) fn answering<F>(layer: impl Layer<Answers<F>, Service = S>, answer: F) -> Self {
        Self::new(|gate| {
            layer.layer(Answers {
                gate: Arc::clone(gate),
                answer,
            })
        })
    }

    pub(crate) fn call<Q>(&mut self, request: Q) -> Spawn<S::Future>
    where
        S: Service<Q>,
    {
        task::spawn(self.service.call(request))
    }

    /// Requests that have joined, in this order, and wait.
    #[track_caller]
    pub(crate) fn pending<Q, const N: usize>(&mut self, requests: [Q; N]) -> [Spawn<S::Future>; N]
    where
        S: Service<Q>,
    {
        pending(&mut self.service, requests)
    }
}

/// Squares, shared by their number.
type Squares<S> = CoalesceService<S, u64, u64, Result<u64, String>, All<Cloned>>;

impl Scene<Squares<ConcurrencyLimit<Strict>>> {
    /// No more calls than this at once.
    pub(crate) fn limited(calls: usize) -> Self {
        Self::new(|gate| by_id().layer(ConcurrencyLimit::new(Strict::new(gate), calls)))
    }
}

impl Scene<Squares<Strict>> {
    pub(crate) fn squares() -> Self {
        Self::below(by_id())
    }

    /// Instances become ready at a gate of their own, which is closed.
    pub(crate) fn readying() -> Self {
        Self::new(|gate| by_id().layer(Strict::behind(&Gate::closed(), gate)))
    }

    pub(crate) fn gates(&self) -> &Gates {
        &self.service.get_ref().gates
    }

    /// Instances that are ready, or are becoming so, and have not been called.
    pub(crate) fn held(&self) -> usize {
        self.gates().held.load(SeqCst)
    }
}

/// The layer by which numbers are the same if they are equal.
pub(crate) fn by_id<M>() -> CoalesceLayer<u64, u64, All<M>> {
    CoalesceLayer::new(|id: &u64| *id)
}

/// Requests that have joined, in this order, and wait.
#[track_caller]
pub(crate) fn pending<S: Service<Q>, Q, const N: usize>(
    service: &mut S,
    requests: [Q; N],
) -> [Spawn<S::Future>; N] {
    let mut requests = requests.map(|request| task::spawn(service.call(request)));
    for request in &mut requests {
        assert!(request.poll().is_pending(), "it waits");
    }
    requests
}

/// Answers as a function says, when the gate is open.
#[derive(Clone)]
pub(crate) struct Answers<F> {
    gate: Arc<Gate>,
    answer: F,
}

impl<Q, T, E, F> Service<Q> for Answers<F>
where
    Q: Send + 'static,
    F: Fn(Q) -> Result<T, E> + Clone + Send + 'static,
{
    type Response = T;
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Q) -> Self::Future {
        let Self { gate, answer } = self.clone();
        Box::pin(async move {
            gate.pass().await;
            answer(request)
        })
    }
}
