//! What is kept of bodies: of each up to a size, and of all no more than a budget.

use super::by_hand::{ByHand, data, ended, next, read_all};
use crate::support::origin::{Origin, answer, public, turns};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::HttpCoalesceLayer;
use futures::FutureExt;
use http::Request;
use http_body_util::BodyExt;
use tokio_test::task;
use tower::Service;

#[tokio::test]
async fn a_newcomer_has_it_from_the_beginning_until_that_is_gone() {
    let mut scene = ByHand::keeping(8);
    let [mut first] = scene.ask().await;
    for piece in ["1234", "5678"] {
        scene.send(0, piece).await;
        assert_eq!(data(&mut first), piece);
    }
    let [mut second] = scene.ask().await;
    assert_eq!(
        (data(&mut second), scene.asked_for()),
        ("12345678".into(), 1)
    );
    scene.send(0, "9").await;
    for body in [&mut first, &mut second] {
        assert_eq!(data(body), "9");
    }
    // The beginning is gone: what is kept would be more than eight bytes.
    let [mut third] = scene.ask().await;
    assert_eq!(scene.asked_for(), 2);
    scene.send(1, "anew").await;
    assert_eq!(data(&mut third), "anew");
    scene.send(0, "0").await;
    scene.end(0).await;
    for body in [&mut first, &mut second] {
        assert_eq!(data(body), "0");
        ended(body);
    }
    // And one that is at its end is not joined, even if all of it is still kept.
    scene.end(1).await;
    let [_fourth] = scene.ask().await;
    assert_eq!(scene.asked_for(), 3);
}

#[tokio::test]
async fn a_large_body_is_kept_in_part() {
    let mut scene = ByHand::keeping(1 << 20);
    let bodies = scene.ask::<50>().await;
    let readers = bodies.map(read_all);
    let piece = Bytes::from(vec![7; 64 << 10]);
    let mut most = 0;
    for _ in 0..320 {
        scene.send(0, piece.clone()).await;
        most = most.max(scene.service.memory());
    }
    scene.end(0).await;
    for reader in readers {
        assert_eq!(reader.await.unwrap().unwrap(), 20 << 20);
    }
    assert!(most < 1_200 << 10, "{most} bytes of 20 MiB were kept");
    assert_eq!(scene.service.memory(), 0);
}

/// Four of these held 254 MiB.
#[tokio::test]
async fn a_body_in_pieces_of_one_byte_takes_little_more_than_its_bytes() {
    let mut scene = ByHand::keeping(1 << 20);
    let [mut first, second] = scene.ask().await;
    let mut read = 0;
    for _ in 0..10_000 {
        // No more than Tokio's budget for one poll of a test.
        for _ in 0..100 {
            let mut senders = scene.senders.0.lock().unwrap();
            let sent = senders[0].send_data("a".into()).now_or_never();
            sent.unwrap().unwrap();
        }
        turns().await;
        read += usize::from(next(&mut first).is_some());
    }
    let memory = scene.service.memory();
    assert!((1_000_000..1_100_000).contains(&memory), "{memory}");
    assert!(read > 100);
    scene.end(0).await;
    let second = second.collect().await.unwrap().to_bytes();
    assert_eq!(second.len(), 1_000_000);
    drop(first);
    assert_eq!(scene.service.memory(), 0);
}

/// Of a million connections that wait each holds some memory, too.
#[tokio::test]
async fn fetches_that_have_no_body_yet_spend_the_budget() {
    let layer = HttpCoalesceLayer::new().max_memory(16 << 10);
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let uris: [_; 100] =
        std::array::from_fn(|uri| Request::get(format!("/{uri}")).body(Body::empty()).unwrap());
    let mut clients = scene.pending(uris);
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 100, "nobody is refused");
    let stats = scene.service.group().stats();
    assert!(stats.led > 0 && stats.alone > 80, "{stats}");
    assert!(scene.service.memory() >= 16 << 10);
    scene.gate.open();
    for client in &mut clients {
        assert!(answer(client).await.is_ok());
    }
    drop(clients);
    assert_eq!(scene.service.memory(), 0);
}

/// They held 140 MiB.
#[tokio::test]
async fn clients_that_read_nothing_spend_no_more_than_the_budget_and_then_requests_pass_by() {
    const BUDGET: usize = 4 << 20;
    let layer = HttpCoalesceLayer::new().max_memory(BUDGET);
    let mut scene = ByHand::new(layer);
    let mut unread = Vec::new();
    for stream in 0..150 {
        let uri = format!("/{stream}");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let mut request = task::spawn(scene.service.call(request));
        unread.push(answer(&mut request).await.unwrap().into_body());
        for _ in 0..16 {
            scene.send(stream, vec![7; 64 << 10]).await;
        }
    }
    let memory = scene.service.memory();
    assert!((BUDGET..BUDGET + (2 << 20)).contains(&memory), "{memory}");
    let stats = scene.service.group().stats();
    assert!(stats.led < 10, "{stats}");
    assert_eq!(stats.led + stats.alone, 150);

    // Each gets its own all the same.
    let ends: Vec<_> = (0..150).map(|stream| scene.end(stream)).collect();
    futures::future::join_all(ends).await;
    let readers: Vec<_> = unread.into_iter().map(read_all).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap().unwrap(), 1 << 20);
    }
    assert_eq!(scene.service.memory(), 0);
    let [_one, _other] = scene.ask().await;
    assert_eq!(
        scene.service.group().stats().followed,
        1,
        "and then they share again"
    );
}
