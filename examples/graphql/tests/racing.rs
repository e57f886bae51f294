//! The cache on threads that race.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use graphql_example::{ADMIN, Backend, Breaker, Gateway};
use tokio::{
    sync::Barrier,
    task::{JoinSet, yield_now},
};

const READERS: usize = 4;

async fn start() -> (Arc<Backend>, Gateway) {
    let (backend, address) = Backend::start(1).await.unwrap();
    let breaker = Breaker {
        failures: 1,
        open_for: Duration::MAX,
    };
    (backend, Gateway::whole(address, breaker))
}

async fn rename(gateway: &Gateway, name: u64) {
    let query = format!(r#"mutation {{ renameUser(id: "1", name: "{name}") {{name}} }}"#);
    let answer = gateway.query(Some(ADMIN), &query).await;
    assert!(answer.is_ok(), "{answer:?}");
}

async fn name(gateway: &Gateway) -> u64 {
    let answer = gateway.query(None, r#"{ getUser(id: "1") {name} }"#).await;
    let data = answer.data.into_json().unwrap();
    data["getUser"]["name"].as_str().unwrap().parse().unwrap()
}

/// Who missed the cache, and comes when the flight has just landed, finds the value at a second look.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_is_one_call_however_those_who_ask_race() {
    const ROUNDS: u64 = 200;
    let (backend, gateway) = start().await;
    let barrier = Arc::new(Barrier::new(READERS + 1));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (gateway, barrier) = (gateway.clone(), Arc::clone(&barrier));
        readers.spawn(async move {
            let mut told = Vec::new();
            for _ in 0..ROUNDS {
                barrier.wait().await;
                told.push(name(&gateway).await);
                barrier.wait().await;
            }
            told
        });
    }
    for round in 0..ROUNDS {
        rename(&gateway, round).await;
        barrier.wait().await;
        barrier.wait().await;
    }
    for told in readers.join_all().await {
        assert!(told.into_iter().eq(0..ROUNDS));
    }
    assert_eq!(backend.calls().len() as u64, ROUNDS);
}

/// A flight looks whether it was forgotten, and fills, in one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_after_a_write_is_told_that_or_a_later_one() {
    const LAST: u64 = 1_000;
    let (_backend, gateway) = start().await;
    rename(&gateway, 0).await;
    let written = Arc::new(AtomicU64::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (gateway, written) = (gateway.clone(), Arc::clone(&written));
        readers.spawn(async move {
            loop {
                let before = written.load(SeqCst);
                let told = name(&gateway).await;
                assert!(told >= before, "{told} after {before}");
                if before == LAST {
                    return;
                }
                yield_now().await;
            }
        });
    }
    for number in 1..=LAST {
        rename(&gateway, number).await;
        written.store(number, SeqCst);
    }
    readers.join_all().await;
}
