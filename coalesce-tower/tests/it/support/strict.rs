//! A service that insists on what Tower asks of its callers.

use crate::support::Gate;
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, ready},
};
use tower::Service;

/// Squares a number behind a gate. An instance must be made ready before each call, at a gate of its own,
/// and clones are not ready.
pub(crate) struct Strict {
    pub(crate) gates: Arc<Gates>,
    readying: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    ready: bool,
}

pub(crate) struct Gates {
    /// Where instances become ready.
    pub(crate) ready: Arc<Gate>,
    /// Where calls wait.
    pub(crate) call: Arc<Gate>,
    /// Instances that are ready, or are becoming so, and have not been called.
    pub(crate) held: AtomicUsize,
}

impl Strict {
    /// Always ready.
    pub(crate) fn new(call: &Arc<Gate>) -> Self {
        Self::behind(&Gate::opened(), call)
    }

    /// Ready when the first gate is open.
    pub(crate) fn behind(ready: &Arc<Gate>, call: &Arc<Gate>) -> Self {
        Self {
            gates: Arc::new(Gates {
                ready: Arc::clone(ready),
                call: Arc::clone(call),
                held: AtomicUsize::new(0),
            }),
            readying: None,
            ready: false,
        }
    }

    fn let_go(&mut self) {
        let held = self.ready || self.readying.is_some();
        self.gates.held.fetch_sub(usize::from(held), SeqCst);
        self.ready = false;
        self.readying = None;
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self {
            gates: Arc::clone(&self.gates),
            readying: None,
            ready: false,
        }
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Service<u64> for Strict {
    type Response = u64;
    type Error = String;
    type Future = Pin<Box<dyn Future<Output = Result<u64, String>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        if self.ready {
            return Poll::Ready(Ok(()));
        }
        let gates = &self.gates;
        let readying = self.readying.get_or_insert_with(|| {
            gates.held.fetch_add(1, SeqCst);
            let gate = Arc::clone(&gates.ready);
            Box::pin(async move { gate.pass().await })
        });
        ready!(readying.as_mut().poll(cx));
        self.readying = None;
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, number: u64) -> Self::Future {
        assert!(self.ready, "an instance is called that was not made ready");
        self.let_go();
        let gate = Arc::clone(&self.gates.call);
        Box::pin(async move {
            gate.pass().await;
            Ok(number * number)
        })
    }
}
