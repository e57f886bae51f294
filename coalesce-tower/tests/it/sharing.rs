//! One call for all who ask at the same time, and whose flights they are.

use crate::support::{Gate, Scene, Strict, by_id};
use coalesced::{
    Config, Group, Role, alone, fresh, observe,
    tower::{CoalesceLayer, CoalesceService},
};
use std::{cell::Cell, convert::Infallible, rc::Rc, sync::Arc};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};
use tower::{Layer, Service, ServiceBuilder, service_fn};

#[test]
fn a_hundred_requests_are_one_call() {
    let scene = Scene::squares();
    let mut requests: Vec<_> = (0..100)
        // Each its own clone, as servers make them.
        .map(|_| task::spawn(scene.service.clone().call(7)))
        .collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    scene.gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Ok(49));
    }
    assert_eq!(scene.gate.bodies_started(), 1);
    let stats = scene.service.group().stats();
    assert_eq!((stats.calls, stats.led, stats.followed), (100, 1, 99));
}

#[test]
fn other_keys_are_not_held_up() {
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id);
    let mut service = layer.layer(service_fn(|id: u64| {
        let gate = Arc::clone(&gate);
        async move {
            if id == 7 {
                gate.pass().await;
            }
            Ok::<_, Infallible>(id)
        }
    }));
    let mut slow = task::spawn(service.call(7));
    assert_pending!(slow.poll());
    assert_ready_eq!(task::spawn(service.call(8)).poll(), Ok(8));
}

#[test]
fn a_request_after_the_response_calls_anew() {
    let gate = Gate::opened();
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(Strict::new(&gate));
    for calls in 1..4 {
        assert_ready_eq!(task::spawn(service.call(7)).poll(), Ok(49));
        assert_eq!(gate.bodies_started(), calls);
    }
}

#[test]
fn a_request_starts_when_it_is_first_polled() {
    let mut scene = Scene::squares();
    let mut first = scene.call(7);
    let mut second = scene.call(7);
    assert_eq!(scene.service.group().stats().calls, 0);
    assert_pending!(second.poll());
    assert_pending!(first.poll());
    assert_eq!(scene.service.group().stats().calls, 2);
    scene.gate.open();
    assert!(!first.is_woken(), "it follows");
    assert_ready_eq!(second.poll(), Ok(49));
    assert_ready_eq!(first.poll(), Ok(49));
}

#[test]
fn a_request_without_a_key_is_not_coalesced() {
    let layer = CoalesceLayer::optional(|id: &u64| (*id > 0).then_some(*id));
    let mut scene = Scene::below(layer);
    let mut requests = scene.pending([0, 0, 7, 7]);
    assert_eq!(scene.gate.bodies_active(), 3, "two alone, and one for two");
    scene.gate.open();
    for request in &mut requests {
        assert!(assert_ready!(request.poll()).is_ok());
    }
    assert_eq!(scene.service.group().stats().alone, 2);
}

#[test]
fn each_service_of_a_layer_has_its_own_flights() {
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id);
    let mut one = layer.layer(Strict::new(&gate));
    let mut other = layer.layer(Strict::new(&gate));
    let mut requests = [task::spawn(one.call(7)), task::spawn(other.call(7))];
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    assert_eq!(gate.bodies_active(), 2);
}

#[test]
fn services_share_the_flights_of_a_group_that_they_are_given() {
    let group = Group::<u64, Result<u64, String>>::new().named("squares");
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id).group(&group);
    let mut one = layer.layer(Strict::new(&gate));
    let mut other = CoalesceLayer::new(|id: &u64| *id)
        .group(&group)
        .layer(Strict::new(&gate));
    let mut leader = task::spawn(one.call(7));
    let mut follower = task::spawn(other.call(7));
    let mut by_hand = task::spawn(group.call(7, async { unreachable!("it follows") }));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert_pending!(by_hand.poll());
    assert_eq!((group.in_flight(), group.stats().waiting), (1, 2));

    assert!(group.forget(7));
    let mut newer = task::spawn(one.call(7));
    assert_pending!(newer.poll());
    assert_eq!(
        gate.bodies_active(),
        2,
        "a flight that is forgotten is not joined"
    );
    gate.open();
    for request in [&mut leader, &mut follower, &mut newer] {
        assert_ready_eq!(request.poll(), Ok(49));
    }
    assert_ready_eq!(by_hand.poll(), Ok(49));
    assert_eq!(one.group().name(), "squares");
}

#[test]
fn limits_hold() {
    let layer = by_id().with_config(Config::new().max_followers(2));
    let mut scene = Scene::below(layer);
    let mut requests = scene.pending([7; 9]);
    assert_eq!(scene.gate.bodies_active(), 3);
    scene.gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Ok(49));
    }
    scene.gate.close();
    scene.service.group().set_config(Config::disabled());
    let _requests = scene.pending([7; 2]);
    assert_eq!(scene.gate.bodies_active(), 2, "a kill switch");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_has_waited_long_enough_opens_a_newer_flight() {
    let config = Config::new().max_wait(std::time::Duration::from_secs(1));
    let layer = by_id().with_config(config);
    let mut scene = Scene::below(layer);
    let [mut leader, mut followers @ ..] = scene.pending([7; 3]);
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    for follower in &mut followers {
        assert_pending!(follower.poll());
    }
    assert_eq!(
        scene.gate.bodies_active(),
        2,
        "one of the two leads, the other follows it"
    );
    scene.gate.open();
    for request in followers.iter_mut().chain([&mut leader]) {
        assert_ready_eq!(request.poll(), Ok(49));
    }
}

#[test]
fn groups_are_named_and_listed() {
    let layer = CoalesceLayer::new(|id: &u64| *id);
    let unnamed = layer.layer(Strict::new(&Gate::opened()));
    assert_eq!(
        unnamed.group().name(),
        "it::sharing::groups_are_named_and_listed"
    );
    let named = layer
        .named("squares.listed")
        .layer(Strict::new(&Gate::opened()));
    assert_eq!(named.group().name(), "squares.listed");
    let is_listed = || {
        coalesced::groups()
            .iter()
            .any(|group| group.name() == "squares.listed")
    };
    assert!(is_listed());
    drop(named);
    assert!(!is_listed(), "a group goes with its service");
}

#[test]
fn single_requests_can_be_fresh_alone_and_observed() {
    let mut scene = Scene::squares();
    let mut leader = task::spawn(observe(scene.service.call(7)));
    let mut follower = task::spawn(observe(scene.service.call(7)));
    let mut alone = task::spawn(alone(scene.service.call(7)));
    let mut fresh = task::spawn(fresh(scene.service.call(7)));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert_pending!(alone.poll());
    assert_pending!(fresh.poll());
    assert_eq!(scene.gate.bodies_active(), 3);
    scene.gate.open();
    let role = |(_, report): (_, Option<coalesced::Report>)| report.unwrap().role;
    assert_eq!(role(assert_ready!(leader.poll())), Role::Leader);
    assert_eq!(role(assert_ready!(follower.poll())), Role::Follower);
    assert_ready_eq!(alone.poll(), Ok(49));
    assert_ready_eq!(fresh.poll(), Ok(49));
}

#[test]
fn futures_that_are_not_send_work_on_one_thread() {
    let calls = Rc::new(Cell::new(0));
    let gate = Gate::closed();
    let inner = {
        let (calls, gate) = (Rc::clone(&calls), Arc::clone(&gate));
        service_fn(move |id: u64| {
            let (calls, gate) = (Rc::clone(&calls), Arc::clone(&gate));
            async move {
                gate.pass().await;
                calls.set(calls.get() + 1);
                Ok::<_, Infallible>(id)
            }
        })
    };
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let mut requests = [task::spawn(service.call(7)), task::spawn(service.call(7))];
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Ok(7));
    }
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_service_can_be_named_sent_and_boxed() {
    fn is_service<S>(service: S) -> S
    where
        S: Service<u64, Response = u64, Error = String, Future: Send + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        service
    }
    struct App {
        squares: CoalesceService<
            Strict,
            u64,
            u64,
            Result<u64, String>,
            coalesced::tower::coalesce::All<coalesced::tower::coalesce::Cloned>,
        >,
    }
    #[derive(Clone)]
    struct Inner;
    impl Service<u64> for Inner {
        type Response = u64;
        type Error = String;
        type Future = std::future::Ready<Result<u64, String>>;
        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), String>> {
            std::task::Poll::Ready(Ok(()))
        }
        fn call(&mut self, id: u64) -> Self::Future {
            std::future::ready(Ok(id))
        }
    }
    let mut boxed = ServiceBuilder::new()
        .boxed_clone_sync()
        .layer(CoalesceLayer::new(|id: &u64| *id))
        .service(is_service(Inner));
    assert_ready_eq!(task::spawn(boxed.call(7)).poll(), Ok(7));
    let layer: CoalesceLayer<u64, u64> = CoalesceLayer::new(|id: &u64| *id);
    let app = App {
        squares: layer.layer(Strict::new(&Gate::opened())),
    };
    assert!(format!("{:?}", app.squares.group()).contains("Group"));
}
