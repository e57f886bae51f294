//! A request that waits holds no permit, no buffer slot and no other readiness; only the instance that
//! was made ready is called.

use crate::support::{Gate, Strict, settle};
use coalesced::tower::CoalesceLayer;
use std::{
    collections::VecDeque,
    future::{Ready, poll_fn},
    sync::{Arc, atomic::Ordering::SeqCst},
    task::{Context, Poll},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, assert_ready_ok, task};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, buffer::Buffer, limit::ConcurrencyLimit,
    load_shed::LoadShed,
};

#[test]
fn it_is_ready_without_asking_the_inner_service() {
    let (ready, call) = (Gate::closed(), Gate::closed());
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(Strict::behind(&ready, &call));
    assert_ready_ok!(task::spawn(poll_fn(|cx| service.poll_ready(cx))).poll());
    assert_eq!(ready.bodies_started(), 0);
}

#[test]
fn only_the_leader_holds_readiness() {
    let (ready, call) = (Gate::closed(), Gate::closed());
    let inner = Strict::behind(&ready, &call);
    let gates = Arc::clone(&inner.gates);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let mut requests: Vec<_> = (0..10).map(|_| task::spawn(service.call(7))).collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    assert_eq!(gates.held.load(SeqCst), 1, "the leader becomes ready");
    ready.open();
    assert_pending!(requests[0].poll());
    assert_eq!(
        (gates.held.load(SeqCst), call.bodies_active()),
        (0, 1),
        "it has called"
    );
    call.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Ok(49));
    }
    assert_eq!(ready.bodies_started(), 1);
}

#[test]
fn a_concurrency_limit_inside_counts_leaders_only() {
    let gate = Gate::closed();
    let limit = ConcurrencyLimit::new(Strict::new(&gate), 2);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(limit);
    let mut seven: Vec<_> = (0..100).map(|_| task::spawn(service.call(7))).collect();
    for request in &mut seven {
        assert_pending!(request.poll());
    }
    // If one of the ninety-nine held a permit, this would not be called.
    let mut eight = task::spawn(service.call(8));
    assert_pending!(eight.poll());
    assert_eq!(gate.bodies_active(), 2);
    // The limit holds.
    let mut nine = task::spawn(service.call(9));
    assert_pending!(nine.poll());
    assert_eq!(gate.bodies_active(), 2);
    gate.open();
    assert_ready_eq!(eight.poll(), Ok(64));
    assert!(nine.is_woken());
    assert_ready_eq!(nine.poll(), Ok(81));
    for request in &mut seven {
        assert_ready_eq!(request.poll(), Ok(49));
    }
}

#[test]
fn a_service_that_is_made_ready_and_kept_holds_nothing() {
    let gate = Gate::closed();
    let limit = ConcurrencyLimit::new(Strict::new(&gate), 1);
    let service = CoalesceLayer::new(|id: &u64| *id).layer(limit);
    // As servers keep one for each connection, some of which are idle.
    let mut connections: Vec<_> = (0..10).map(|_| service.clone()).collect();
    for connection in &mut connections {
        assert_ready_ok!(task::spawn(poll_fn(|cx| connection.poll_ready(cx))).poll());
    }
    let mut request = task::spawn(connections[0].call(7));
    assert_pending!(request.poll());
    assert_eq!(gate.bodies_active(), 1);
}

#[test]
fn a_leader_that_is_dropped_gives_its_permit_back_before_the_next_one_asks() {
    let gate = Gate::closed();
    let limit = ConcurrencyLimit::new(Strict::new(&gate), 1);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(limit);
    let mut requests: VecDeque<_> = (0..10).map(|_| task::spawn(service.call(7))).collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    while let Some(leader) = requests.pop_front() {
        drop(leader);
        assert_eq!(gate.bodies_active(), 0);
        for request in &mut requests {
            assert_pending!(settle(request));
        }
        assert_eq!(gate.bodies_active(), usize::from(!requests.is_empty()));
    }
    assert_eq!(gate.bodies_started(), 10);
    assert_eq!(service.group().in_flight(), 0);
}

#[tokio::test]
async fn a_buffer_inside_gives_one_slot_to_all_who_wait() {
    let (ready, call) = (Gate::closed(), Gate::closed());
    let (buffer, worker) = Buffer::pair(Strict::behind(&ready, &call), 1);
    let mut worker = task::spawn(worker);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(buffer);
    let mut seven: Vec<_> = (0..10).map(|_| task::spawn(service.call(7))).collect();
    for request in &mut seven {
        assert_pending!(request.poll());
    }
    // The only slot is taken until the worker takes what is in it.
    let mut eight = task::spawn(service.call(8));
    assert_pending!(eight.poll());
    assert!(!eight.is_woken());
    assert_pending!(worker.poll());
    assert!(
        eight.is_woken(),
        "one message made room; ten would not have found it"
    );
    assert_pending!(eight.poll());
    ready.open();
    call.open();
    assert_pending!(worker.poll());
    for request in &mut seven {
        assert_eq!(assert_ready!(request.poll()).unwrap(), 49);
    }
    assert_eq!(assert_ready!(eight.poll()).unwrap(), 64);
    assert_eq!(call.bodies_started(), 2);
}

#[test]
fn a_load_shedder_inside_sheds_leaders_and_their_followers_learn_of_it() {
    let gate = Gate::closed();
    let inner = LoadShed::new(ConcurrencyLimit::new(Strict::new(&gate), 1));
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let mut seven = [task::spawn(service.call(7)), task::spawn(service.call(7))];
    for request in &mut seven {
        assert_pending!(request.poll());
    }
    let error = assert_ready!(task::spawn(service.call(8)).poll()).unwrap_err();
    assert!(
        error
            .source()
            .unwrap()
            .is::<tower::load_shed::error::Overloaded>()
    );
    gate.open();
    for request in &mut seven {
        assert_eq!(assert_ready!(request.poll()).unwrap(), 49);
    }
}

/// Fails to become ready.
#[derive(Clone)]
struct Down(Arc<Gate>);

impl Service<u64> for Down {
    type Response = u64;
    type Error = String;
    type Future = Ready<Result<u64, String>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        drop(self.0.body());
        Poll::Ready(Err("down".to_owned()))
    }

    fn call(&mut self, _: u64) -> Self::Future {
        unreachable!("it is never ready")
    }
}

#[test]
fn an_error_of_poll_ready_is_the_outcome_of_the_flight() {
    let (down, gate) = (Gate::closed(), Gate::closed());
    // Behind a gate, so that there is something to wait for.
    let inner = ServiceBuilder::new()
        .map_future(|response| async {
            gate.pass().await;
            response.await
        })
        .service_fn(|id: u64| Down(Arc::clone(&down)).oneshot(id));
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let mut requests = [task::spawn(service.call(7)), task::spawn(service.call(7))];
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Err("down".to_owned()));
    }
    assert_eq!(down.bodies_started(), 1);

    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(Down(Arc::clone(&down)));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Err("down".to_owned()));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Err("down".to_owned()));
    assert_eq!(service.group().in_flight(), 0);
}
