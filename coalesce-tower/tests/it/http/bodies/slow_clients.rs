//! Clients that read slowly, or nothing.

use super::by_hand::{ByHand, data, ended, next, read_all, waits};
use crate::support::origin::turns;
use bytes::Bytes;
use coalesced::tower::HttpCoalesceLayer;
use std::time::Duration;
use tokio::time::advance;

/// So much is kept of a body, and then its slowest client is waited for, for five seconds.
fn keeping(max_body: usize) -> ByHand {
    let layer = HttpCoalesceLayer::new().max_body(max_body);
    ByHand::new(layer.max_lag(Duration::from_secs(5)))
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_holds_the_others_up_for_a_while_and_then_its_body_fails() {
    let mut scene = keeping(8);
    let mut bodies = scene.ask::<51>().await;
    let [slow, fast @ ..] = &mut bodies;
    for piece in ["1234", "5678", "9abc", "defg"] {
        scene.send(0, piece).await;
    }
    for body in fast.iter_mut() {
        assert_eq!(data(body), "123456789abc");
        waits(body);
    }
    advance(Duration::from_millis(4_990)).await;
    turns().await;
    fast.iter_mut().for_each(waits);
    advance(Duration::from_millis(20)).await;
    turns().await;
    for body in fast.iter_mut() {
        assert_eq!(data(body), "defg");
    }
    scene.end(0).await;
    fast.iter_mut().for_each(ended);
    let error = next(slow).unwrap().unwrap().unwrap_err();
    assert!(error.is_too_slow(), "{error}");
    ended(slow);
    assert_eq!(scene.asked_for(), 1);
}

/// It reads, but always just before its time is up.
#[tokio::test(start_paused = true)]
async fn a_client_that_trickles_does_not_hold_the_others_up_for_ever() {
    let mut scene = keeping(64 << 10);
    let [mut slow, fast] = scene.ask().await;
    let fast = read_all(fast);
    let piece = Bytes::from(vec![7; 8 << 10]);
    for _ in 0..64 {
        scene.send(0, piece.clone()).await;
    }
    scene.end(0).await;
    let start = tokio::time::Instant::now();
    let mut trickled = 0;
    while !fast.is_finished() {
        if let Some(Some(Ok(_))) = next(&mut slow) {
            trickled += 1;
        }
        advance(Duration::from_secs(4)).await;
        turns().await;
    }
    assert_eq!(fast.await.unwrap().unwrap(), 512 << 10);
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    assert!(trickled < 5);
    assert!(next(&mut slow).unwrap().unwrap().unwrap_err().is_too_slow());
}

/// All are as slow as each other: nobody is held up.
#[tokio::test(start_paused = true)]
async fn clients_that_are_slow_together_are_waited_for() {
    let mut scene = keeping(8);
    let mut bodies = scene.ask::<3>().await;
    for _ in 0..20 {
        scene.send(0, "1234").await;
    }
    scene.end(0).await;
    let mut read = 0;
    while read < 80 {
        advance(Duration::from_secs(4)).await;
        turns().await;
        let lengths = bodies.each_mut().map(|body| data(body).len());
        assert_eq!(lengths, [lengths[0]; 3]);
        read += lengths[0];
    }
    bodies.iter_mut().for_each(ended);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_lets_its_fetch_go() {
    let mut scene = keeping(8);
    let [mut body] = scene.ask().await;
    for _ in 0..20 {
        scene.send(0, "12345678").await;
    }
    scene.end(0).await;
    advance(Duration::from_secs(6)).await;
    turns().await;
    assert_eq!(scene.service.group().in_flight(), 0);
    assert!(next(&mut body).unwrap().unwrap().unwrap_err().is_too_slow());
}
