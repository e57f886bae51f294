//! A request that waits holds no permit, no buffer slot and no other readiness; only the instance that
//! was made ready is called.

use crate::support::{Gate, Scene, Strict, by_id, pending, settle};
use std::{
    collections::VecDeque,
    future::{Ready, poll_fn},
    sync::Arc,
    task::{Context, Poll},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, assert_ready_ok, task};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, buffer::Buffer, limit::ConcurrencyLimit,
    load_shed::LoadShed,
};

#[test]
fn it_is_ready_without_asking_the_inner_service() {
    let mut scene = Scene::readying();
    assert_ready_ok!(task::spawn(poll_fn(|cx| scene.service.poll_ready(cx))).poll());
    assert_eq!(scene.gates().ready.bodies_started(), 0);
}

#[test]
fn only_the_leader_holds_readiness() {
    let mut scene = Scene::readying();
    let mut requests = scene.pending([7; 10]);
    assert_eq!(scene.held(), 1, "the leader becomes ready");
    scene.gates().ready.open();
    assert_pending!(requests[0].poll());
    assert_eq!(
        (scene.held(), scene.gate.bodies_active()),
        (0, 1),
        "it has called"
    );
    scene.gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Ok(49));
    }
    assert_eq!(scene.gates().ready.bodies_started(), 1);
}

#[test]
fn a_concurrency_limit_inside_counts_leaders_only() {
    let mut scene = Scene::limited(2);
    let mut seven = scene.pending([7; 100]);
    // If one of the ninety-nine held a permit, this would not be called.
    let [mut eight] = scene.pending([8]);
    assert_eq!(scene.gate.bodies_active(), 2);
    // The limit holds.
    let [mut nine] = scene.pending([9]);
    assert_eq!(scene.gate.bodies_active(), 2);
    scene.gate.open();
    assert_ready_eq!(eight.poll(), Ok(64));
    assert!(nine.is_woken());
    assert_ready_eq!(nine.poll(), Ok(81));
    for request in &mut seven {
        assert_ready_eq!(request.poll(), Ok(49));
    }
}

#[test]
fn a_service_that_is_made_ready_and_kept_holds_nothing() {
    let scene = Scene::limited(1);
    // As servers keep one for each connection, some of which are idle.
    let mut connections: Vec<_> = (0..10).map(|_| scene.service.clone()).collect();
    for connection in &mut connections {
        assert_ready_ok!(task::spawn(poll_fn(|cx| connection.poll_ready(cx))).poll());
    }
    let mut request = task::spawn(connections[0].call(7));
    assert_pending!(request.poll());
    assert_eq!(scene.gate.bodies_active(), 1);
}

#[test]
fn a_leader_that_is_dropped_gives_its_permit_back_before_the_next_one_asks() {
    let mut scene = Scene::limited(1);
    let mut requests = VecDeque::from(scene.pending([7; 10]));
    while let Some(leader) = requests.pop_front() {
        drop(leader);
        assert_eq!(scene.gate.bodies_active(), 0);
        for request in &mut requests {
            assert_pending!(settle(request));
        }
        assert_eq!(
            scene.gate.bodies_active(),
            usize::from(!requests.is_empty())
        );
    }
    assert_eq!(scene.gate.bodies_started(), 10);
    assert_eq!(scene.service.group().in_flight(), 0);
}

#[tokio::test]
async fn a_buffer_inside_gives_one_slot_to_all_who_wait() {
    let (ready, call) = (Gate::closed(), Gate::closed());
    let (buffer, worker) = Buffer::pair(Strict::behind(&ready, &call), 1);
    let mut worker = task::spawn(worker);
    let mut service = by_id().layer(buffer);
    let mut seven = pending(&mut service, [7; 10]);
    // The only slot is taken until the worker takes what is in it.
    let [mut eight] = pending(&mut service, [8]);
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
    let mut scene = Scene::new(|gate| {
        by_id().layer(LoadShed::new(ConcurrencyLimit::new(Strict::new(gate), 1)))
    });
    let mut seven = scene.pending([7, 7]);
    let error = assert_ready!(scene.call(8).poll()).unwrap_err();
    assert!(
        error
            .source()
            .unwrap()
            .is::<tower::load_shed::error::Overloaded>()
    );
    scene.gate.open();
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
    let mut service = by_id().layer(inner);
    let mut requests = pending(&mut service, [7, 7]);
    gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Err("down".to_owned()));
    }
    assert_eq!(down.bodies_started(), 1);

    let mut service = by_id().layer(Down(Arc::clone(&down)));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Err("down".to_owned()));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Err("down".to_owned()));
    assert_eq!(service.group().in_flight(), 0);
}
