//! With a cache in front of what is in flight: what it spares, and that a write leaves nothing old in it.

use std::{sync::Arc, time::Duration};

use futures::FutureExt as _;
use graphql_example::{ADMIN, Backend, Breaker, Gateway, Mood, herd};
use tokio::task::yield_now;
use tower_resilience_circuitbreaker::CircuitState;

const CLIENTS: usize = 100;
const USER_1: &str = r#"{ getUser(id: "1") {name} }"#;
const USER_2: &str = r#"{ getUser(id: "2") {name} }"#;
const USER_3: &str = r#"{ getUser(id: "3") {name} }"#;
const RENAME_1: &str = r#"mutation { renameUser(id: "1", name: "Augusta") {name} }"#;

async fn start(failures: usize) -> (Arc<Backend>, Gateway) {
    let (backend, address) = Backend::start(1).await.unwrap();
    let open_for = Duration::MAX;
    (
        backend,
        Gateway::whole(address, Breaker { failures, open_for }),
    )
}

async fn told(gateway: &Gateway, token: Option<&str>, query: &str) -> String {
    let answer = gateway.query(token, query).await;
    assert!(answer.is_ok(), "{answer:?}");
    answer.data.to_string()
}

#[tokio::test]
async fn a_herd_is_one_call_and_later_ones_are_none() {
    let (backend, gateway) = start(1).await;
    for _ in 0..3 {
        let answers = herd(&gateway, &backend, [USER_1; CLIENTS], Mood::Up).await;
        for answer in answers.unwrap() {
            assert!(answer.data.to_string().contains("Ada"), "{answer:?}");
        }
        assert_eq!(backend.calls().len(), 1);
    }
    assert_eq!(
        gateway.resolver().calls,
        CLIENTS as u64,
        "the cache is in front"
    );
}

#[tokio::test]
async fn it_answers_only_whom_the_backend_has_answered() {
    let (backend, gateway) = start(1).await;
    for _ in 0..2 {
        assert!(told(&gateway, Some(ADMIN), USER_3).await.contains("Alan"));
        let refused = gateway.query(Some("visitor"), USER_3).await;
        assert!(
            refused.errors[0].message.contains("not for everybody"),
            "{refused:?}"
        );
    }
    assert_eq!(backend.calls().len(), 3, "what is refused is not kept");
}

/// A call that read the old name is on its way when the new one is written, and is answered at last: with somebody who
/// asked in between, or with nobody.
#[tokio::test]
async fn after_a_write_nobody_is_told_what_was_there_before() {
    for asked_in_between in [false, true] {
        let (backend, gateway) = start(1).await;
        backend.be(Mood::Slow);
        let ask = || {
            let gateway = gateway.clone();
            tokio::spawn(async move { told(&gateway, None, USER_1).await })
        };
        let before = ask();
        backend.called(1).await;
        told(&gateway, Some(ADMIN), RENAME_1).await;
        let between = asked_in_between.then(ask);
        if between.is_some() {
            backend.called(2).await;
        }
        backend.be(Mood::Up);
        assert!(before.await.unwrap().contains("Ada"), "it was asked before");
        if let Some(between) = between {
            assert!(between.await.unwrap().contains("Augusta"));
        }
        for _ in 0..2 {
            assert!(told(&gateway, None, USER_1).await.contains("Augusta"));
        }
        assert_eq!(backend.calls().len(), 2, "the new one is in the cache");
    }
}

#[tokio::test]
async fn a_write_is_for_all_who_may_see_the_user_and_for_no_other_user() {
    let (backend, gateway) = start(1).await;
    let tokens = [None, Some(ADMIN), Some("visitor")];
    for token in tokens {
        assert!(told(&gateway, token, USER_1).await.contains("Ada"));
    }
    told(&gateway, None, USER_2).await;
    assert_eq!(backend.calls().len(), 4);
    told(&gateway, Some(ADMIN), RENAME_1).await;
    for token in tokens {
        assert!(told(&gateway, token, USER_1).await.contains("Augusta"));
    }
    told(&gateway, None, USER_2).await;
    assert_eq!(backend.calls().len(), 7);
}

/// It may have been written all the same, as it is here.
#[tokio::test]
async fn a_write_whose_answer_gets_lost_is_one() {
    let (backend, gateway) = start(2).await;
    assert!(told(&gateway, None, USER_1).await.contains("Ada"));
    backend.be(Mood::Down);
    assert!(gateway.query(Some(ADMIN), RENAME_1).await.is_err());
    backend.be(Mood::Up);
    assert!(told(&gateway, None, USER_1).await.contains("Augusta"));
}

#[tokio::test]
async fn a_write_ends_and_is_forgotten_also_when_its_client_goes_away() {
    let (_backend, gateway) = start(1).await;
    assert!(told(&gateway, None, USER_1).await.contains("Ada"));
    // It has begun, and is dropped.
    let renaming = gateway.query(Some(ADMIN), RENAME_1).now_or_never();
    assert!(renaming.is_none());
    // All is on this thread, and so are the calls.
    for _ in 0..10_000 {
        if told(&gateway, None, USER_1).await.contains("Augusta") {
            return;
        }
        yield_now().await;
    }
    panic!("the old name is still told");
}

#[tokio::test]
async fn while_the_breaker_is_open_the_cache_answers() {
    let (backend, gateway) = start(1).await;
    told(&gateway, None, USER_1).await;
    backend.be(Mood::Down);
    assert!(gateway.query(None, USER_2).await.is_err());
    assert_eq!(gateway.breaker().state(), CircuitState::Open);
    assert!(told(&gateway, None, USER_1).await.contains("Ada"));
    assert!(gateway.query(None, USER_2).await.is_err());
    assert_eq!(
        backend.calls().len(),
        2,
        "one that was answered, and one that failed"
    );
}
