//! Many requests at once, on two threads.

use crate::support::Gate;
use coalesced::tower::CoalesceLayer;
use std::sync::Arc;
use tokio::{sync::Barrier, task::yield_now};
use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit, service_fn};

/// Answers after a few turns of its thread's tasks, and is counted by the gate meanwhile.
fn yields<T: Copy + Send + 'static>(
    gate: &Arc<Gate>,
) -> impl Service<T, Response = T, Error = String, Future: Send> + Clone + Send + 'static + use<T> {
    let gate = Arc::clone(gate);
    service_fn(move |id: T| {
        let gate = Arc::clone(&gate);
        async move {
            let _body = gate.body();
            for _ in 0..3 {
                yield_now().await;
            }
            Ok::<_, String>(id)
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_at_once() {
    let gate = Gate::opened();
    let service =
        CoalesceLayer::new(|id: &usize| *id).layer(ConcurrencyLimit::new(yields(&gate), 3));
    for _ in 0..100 {
        let requests: Vec<_> = (0..1_000)
            .map(|request| tokio::spawn(service.clone().oneshot(request % 5)))
            .collect();
        for (index, request) in requests.into_iter().enumerate() {
            if index % 7 == 0 {
                request.abort();
                let _ = request.await;
            } else {
                assert_eq!(request.await.unwrap(), Ok(index % 5));
            }
        }
    }
    assert!(gate.most_at_once() <= 3, "the limit holds");
    let stats = service.group().stats();
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
    assert!(stats.followed > stats.led, "{stats}");
    assert!(gate.bodies_started() as u64 <= stats.bodies());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_of_one_key_never_overlap() {
    let gate = Gate::opened();
    let service = CoalesceLayer::new(|id: &u64| *id).layer(yields(&gate));
    let start = Arc::new(Barrier::new(8));
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let mut service = service.clone();
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                for round in 0..20_000 {
                    let request = service.call(7);
                    if (round + task) % 5 == 0 {
                        // Dropped in the middle.
                        tokio::select! {
                            biased;
                            value = request => assert_eq!(value, Ok(7)),
                            () = yield_now() => {}
                        }
                        // Else this one leads again, before those who wait.
                        yield_now().await;
                    } else {
                        assert_eq!(request.await, Ok(7));
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(gate.most_at_once(), 1);
    let stats = service.group().stats();
    assert_eq!(stats.calls, 160_000);
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
    assert!(stats.takeovers > 0, "{stats}");
}
