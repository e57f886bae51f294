//! Processes, and the callers in them that lead local flights, driven by hand in place of the runtime.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use coalesce_cluster::{Cluster, Codec, Crossing, Lead, Memory, Whole, engine::Place};
use coalesce_runtime::private::across::{Across as _, Brief, Elsewhere, Ended, Lead as _, Verdict};
use tokio::task::yield_now;

/// A process of its own, as far as the cluster can tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) cluster: &'static Cluster,
}

impl Process {
    /// One that is connected.
    pub(crate) async fn at(place: &(impl Place + Clone)) -> Self {
        Self::with(Cluster::new("shop"), place).await
    }

    pub(crate) async fn with(cluster: Cluster, place: &(impl Place + Clone)) -> Self {
        let process = Self::started(cluster, place);
        assert!(
            process.cluster.connected(Duration::from_secs(5)).await,
            "{:?}",
            process.cluster.health()
        );
        process
    }

    /// One that connects.
    pub(crate) fn started(cluster: Cluster, place: &(impl Place + Clone)) -> Self {
        // A static, as users have it.
        let cluster: &'static Cluster = Box::leak(Box::new(cluster));
        cluster.connect(place.clone()).unwrap();
        Self { cluster }
    }

    pub(crate) fn product(self) -> Crossing<'static> {
        self.cluster.across("product")
    }

    /// The first caller of a key.
    pub(crate) fn call(self, key: u64) -> Caller<u64> {
        Caller::of(self.product(), &key, false)
    }

    /// One that leads in the cluster.
    pub(crate) async fn leads(self, key: u64) -> Caller<u64> {
        let mut caller = self.call(key);
        assert_eq!(caller.verdict().await, Verdict::Run);
        caller
    }

    /// One that has asked, and waits.
    pub(crate) async fn waits(self, key: u64) -> Caller<u64> {
        let mut caller = self.call(key);
        caller.asks().await;
        caller
    }

    /// One that opens a new flight.
    pub(crate) fn fresh(self, key: u64) -> Caller<u64> {
        Caller::of(self.product(), &key, true)
    }

    pub(crate) fn forget(self, key: u64) {
        self.product().forget::<u64, _>(&key);
    }
}

/// The leader of a local flight.
pub(crate) struct Caller<V, C: Codec<V> = Whole> {
    crossing: Crossing<'static, C>,
    lead: Lead<'static, V, C>,
    flight: Arc<dyn Elsewhere>,
}

impl<V, C: Codec<V>> Caller<V, C> {
    pub(crate) fn of<Q>(crossing: Crossing<'static, C>, key: Q, fresh: bool) -> Self
    where
        Lead<'static, V, C>: Brief<Q>,
    {
        let mut lead = crossing.lead("", "app::product", "");
        let flight = lead.brief(&key, fresh);
        Self {
            crossing,
            lead,
            flight,
        }
    }

    /// What it is told.
    pub(crate) async fn verdict(&mut self) -> Verdict<V> {
        poll_fn(|cx| self.lead.poll(cx)).await
    }

    /// Polls it, and lets the members do what they can do at once; whether it was told something.
    pub(crate) async fn is_told(&mut self) -> bool {
        let polled = poll_fn(|cx| Poll::Ready(self.lead.poll(cx).is_ready())).await;
        assert!(!polled, "the answer is lost: ask by `verdict`");
        settle().await;
        false
    }

    /// Polls it once, which must be in vain, and lets the members do what they can do at once.
    pub(crate) async fn asks(&mut self) -> &mut Self {
        assert!(!self.is_told().await);
        self
    }

    /// What it is told, or nothing yet.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Verdict<V>> {
        self.lead.poll(&mut Context::from_waker(waker))
    }

    pub(crate) fn end(&mut self, value: V) {
        self.lead.end(Ended::Value(&value));
    }

    pub(crate) fn panics(&mut self) {
        self.lead.end(Ended::Nothing);
    }

    /// It is dropped, and nobody comes after it.
    pub(crate) fn goes(self) {
        drop(self);
    }

    /// It is dropped, and somebody may come after it.
    pub(crate) fn leaves(self) -> Vacant<C> {
        Vacant {
            crossing: self.crossing,
            flight: self.flight,
        }
    }

    /// Whether newcomers open another local flight.
    pub(crate) fn is_displaced(&self) -> bool {
        !self.flight.may_be_joined()
    }
}

/// A local flight that waits for its next leader.
pub(crate) struct Vacant<C> {
    crossing: Crossing<'static, C>,
    flight: Arc<dyn Elsewhere>,
}

impl<C> Vacant<C> {
    pub(crate) fn is_displaced(&self) -> bool {
        !self.flight.may_be_joined()
    }

    pub(crate) fn taken_over<V>(self) -> Caller<V, C>
    where
        C: Codec<V>,
    {
        let mut lead = self.crossing.lead("", "app::product", "");
        lead.succeed(&self.flight);
        Caller {
            crossing: self.crossing,
            lead,
            flight: self.flight,
        }
    }
}

/// Lets members do what they can do at once: nothing here takes time.
pub(crate) async fn settle() {
    for _ in 0..50 {
        yield_now().await;
    }
}

/// Two processes, and where they meet.
pub(crate) async fn two() -> (Memory, Process, Process) {
    let memory = Memory::simulated();
    let one = Process::at(&memory).await;
    let other = Process::at(&memory).await;
    (memory, one, other)
}
