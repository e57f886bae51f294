//! From a body's end until who waits for it elsewhere has the value.
//!
//! Who leads and who waits are known to do so before the body ends: by the keys that the server has then.

use std::{
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use coalesced::cluster::engine::Engine;
use tokio::{sync::oneshot, time::sleep};

use crate::{by_hand, server::command, waits::Bench};

impl<E: Engine> Bench<E> {
    /// `None`: who waits, or who leads, took the server for away, and the time is none of a wake-up.
    pub(crate) async fn woken(&mut self) -> Option<Duration> {
        let (begins, began) = oneshot::channel();
        let (ends, ended) = oneshot::channel();
        let (one, other, key) = (Arc::clone(&self.one), Arc::clone(&self.other), self.last);
        let leads = tokio::spawn(async move {
            let mut end = None;
            let value = one.calls.call(key, async {
                begins.send(()).expect("somebody who waits for it");
                let () = ended.await.expect("told to end");
                end = Some(Instant::now());
                key
            });
            assert_eq!(value.await, key);
            end.expect("its body ran")
        });
        began.await.expect("a leader");
        let waits = tokio::spawn(async move {
            let mut led = false;
            let value = other.calls.call(key, async {
                led = true;
                key
            });
            assert_eq!(value.await, key);
            (!led).then(Instant::now)
        });
        // Of those of before nothing waits any more.
        let asked = command("KEYS cz:*:w:*");
        while !waits.is_finished() {
            let waiting: Vec<String> = asked.query_async(&mut self.raw).await.expect("an answer");
            if !waiting.is_empty() {
                break;
            }
        }
        ends.send(()).expect("a body");
        let (ended, woken) = (
            leads.await.expect("a leader"),
            waits.await.expect("a waiter"),
        );
        woken.map(|woken| woken - ended)
    }

    /// `None`: who waited did not look in time, and ran its own body.
    pub(crate) async fn woken_by_hand(&mut self) -> Option<Duration> {
        let (mut one, mut other) = (self.raw.clone(), self.raw.clone());
        let (ends, ended) = oneshot::channel();
        let (number, key) = (self.last, self.last.to_string());
        let leads = tokio::spawn({
            let key = key.clone();
            async move {
                let mut end = None;
                let body = async {
                    ended.await.expect("told to end");
                    end = Some(Instant::now());
                    number
                };
                assert_eq!(
                    by_hand::call(&mut one, &key, number, body).await,
                    (number, true)
                );
                end.expect("its body ran")
            }
        });
        let locked = command(&format!("EXISTS lock:{number}"));
        while !locked
            .query_async::<bool>(&mut self.raw)
            .await
            .expect("an answer")
        {}
        let waits = tokio::spawn(async move {
            let (value, led) = by_hand::call(&mut other, &key, 0, ready(number)).await;
            assert_eq!(value, number);
            (!led).then(Instant::now)
        });
        // Bodies end at any time between two looks.
        sleep(Duration::from_micros(20_000 + number * 7_919 % 50_000)).await;
        ends.send(()).expect("a body");
        let (ended, woken) = (
            leads.await.expect("a leader"),
            waits.await.expect("a waiter"),
        );
        woken.map(|woken| woken - ended)
    }
}
