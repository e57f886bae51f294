//! With a circuit breaker behind what is in flight: how many calls an outage and its end take, and who is told what.

use std::{sync::Arc, time::Duration};

use async_graphql::Response;
use graphql_example::{
    ADMIN, Backend, Breaker, FAILURES, Gateway, HERDS, Mood, Recovery, Sharing, herd, recovery,
};
use tokio::task::yield_now;
use tower_resilience_circuitbreaker::CircuitState;

const CLIENTS: usize = 100;
const SHARED: [Sharing; 2] = [Sharing::Resolver, Sharing::Channel];
const USER_1: &str = r#"{ getUser(id: "1") {name} }"#;
const USER_2: &str = r#"{ getUser(id: "2") {name} }"#;

async fn start(sharing: Sharing, failures: usize, open_for: Duration) -> (Arc<Backend>, Gateway) {
    let (backend, address) = Backend::start(1).await.unwrap();
    let breaker = Breaker { failures, open_for };
    (backend, Gateway::guarded(address, sharing, breaker))
}

/// One whose breaker has opened, and is half open as soon as somebody asks.
async fn half_open(sharing: Sharing) -> (Arc<Backend>, Gateway) {
    let (backend, gateway) = start(sharing, 1, Duration::ZERO).await;
    backend.be(Mood::Down);
    assert!(gateway.query(None, USER_1).await.is_err());
    assert_eq!(gateway.breaker().state(), CircuitState::Open);
    assert_eq!(backend.calls().len(), 1);
    (backend, gateway)
}

fn failed(answer: &Response, told: &str) {
    assert!(answer.errors[0].message.contains(told), "{answer:?}");
}

#[tokio::test]
async fn a_herd_is_one_failure_and_one_probe() {
    for sharing in SHARED {
        let expected = Recovery {
            calls: FAILURES,
            turned_away: CLIENTS * (HERDS - FAILURES),
            probes: 1,
            answered: CLIENTS,
        };
        let told = recovery(sharing, CLIENTS).await.unwrap();
        assert_eq!(told, expected, "{sharing:?}");
    }
    // All are on their way before one has failed; half open, all but one are turned away.
    let expected = Recovery {
        calls: CLIENTS,
        turned_away: CLIENTS * (HERDS - 1),
        probes: 1,
        answered: 1,
    };
    let told = recovery(Sharing::Nowhere, CLIENTS).await.unwrap();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_herd_fails_together_and_opens_the_breaker_together() {
    for sharing in SHARED {
        let (backend, gateway) = start(sharing, 2, Duration::MAX).await;
        for (failures, state) in [(1, CircuitState::Closed), (2, CircuitState::Open)] {
            let answers = herd(&gateway, &backend, [USER_1; CLIENTS], Mood::Down).await;
            for answer in answers.unwrap() {
                failed(&answer, "the users are away");
            }
            assert_eq!(backend.calls().len(), failures, "{sharing:?}");
            assert_eq!(gateway.breaker().state(), state, "{sharing:?}");
        }
        // While it is open nobody waits for anything, whomever they ask for, and the backend is left alone.
        let queries = [USER_1, USER_2].repeat(CLIENTS / 2);
        let answers = herd(&gateway, &backend, queries, Mood::Slow).await;
        for answer in answers.unwrap() {
            failed(&answer, "circuit is open");
        }
        assert_eq!(backend.calls().len(), 2, "{sharing:?}");
    }
}

#[tokio::test]
async fn a_probe_that_fails_fails_for_all_and_opens_the_breaker_again() {
    for sharing in SHARED {
        let (backend, gateway) = half_open(sharing).await;
        let answers = herd(&gateway, &backend, [USER_1; CLIENTS], Mood::Down).await;
        for answer in answers.unwrap() {
            failed(&answer, "the users are away");
        }
        assert_eq!(backend.calls().len(), 2, "{sharing:?}");
        assert_eq!(gateway.breaker().state(), CircuitState::Open);
    }
}

/// Those who ask for somebody else are turned away, at once, and not held up by the probe.
#[tokio::test]
async fn there_is_one_probe_whomever_a_herd_asks_for() {
    for sharing in SHARED {
        let (backend, gateway) = half_open(sharing).await;
        let queries = [USER_1, USER_2].repeat(CLIENTS / 2);
        let answers = herd(&gateway, &backend, queries, Mood::Up).await.unwrap();
        assert_eq!(backend.calls().len(), 2, "{sharing:?}");
        let [probe, others] = [0, 1].map(|first| answers.iter().skip(first).step_by(2));
        for answer in probe {
            assert!(answer.data.to_string().contains("Ada"), "{answer:?}");
        }
        for answer in others {
            failed(answer, "circuit is open");
        }
        assert_eq!(gateway.breaker().state(), CircuitState::Closed);
    }
}

/// The abandoned probe is gone before its successor asks the breaker.
#[tokio::test]
async fn a_follower_takes_over_the_probe_of_a_client_that_goes_away() {
    for sharing in SHARED {
        let (backend, gateway) = half_open(sharing).await;
        backend.be(Mood::Slow);
        let client = || {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.query(None, USER_1).await })
        };
        let leader = client();
        backend.called(2).await;
        let followers = [(); 9].map(|()| client());
        while gateway.resolver().waiting + gateway.channel().waiting < 9 {
            yield_now().await;
        }
        leader.abort();
        backend.called(3).await;
        assert_eq!(gateway.breaker().state(), CircuitState::HalfOpen);
        backend.be(Mood::Up);
        for follower in followers {
            let answer = follower.await.unwrap();
            assert!(answer.is_ok(), "{sharing:?}: {answer:?}");
        }
        assert_eq!(backend.calls().len(), 3, "{sharing:?}");
        assert_eq!(gateway.breaker().state(), CircuitState::Closed);
    }
}

#[tokio::test]
async fn what_the_backend_refuses_opens_no_breaker() {
    let (backend, gateway) = start(Sharing::Resolver, 1, Duration::MAX).await;
    for (token, id, told) in [
        (None, 9, "there is no user 9"),
        (None, 3, "user 3 is not for everybody"),
    ] {
        let query = format!(r#"{{ getUser(id: "{id}") {{name}} }}"#);
        let answer = gateway.query(token, &query).await;
        failed(&answer, told);
    }
    assert_eq!(gateway.breaker().state(), CircuitState::Closed);
    assert!(gateway.query(Some(ADMIN), USER_1).await.is_ok());
    assert_eq!(backend.calls().len(), 3);
}

#[tokio::test]
async fn a_connection_that_fails_is_a_failure() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let breaker = Breaker {
        failures: 1,
        open_for: Duration::MAX,
    };
    let gateway = Gateway::guarded(socket.local_addr().unwrap(), Sharing::Resolver, breaker);
    assert!(gateway.query(None, USER_1).await.is_err());
    assert_eq!(gateway.breaker().state(), CircuitState::Open);
}
