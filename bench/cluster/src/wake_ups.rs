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
    pub(crate) async fn woken(&mut self) -> Duration {
        let (ends, ended) = oneshot::channel();
        let (one, other, key) = (Arc::clone(&self.one), Arc::clone(&self.other), self.last);
        let leads = tokio::spawn(async move {
            let body = async { ended.await.map(|()| (key, Instant::now())) };
            let mut end = None;
            let value = one.call(key, async {
                let (value, at) = body.await.expect("told to end");
                end = Some(at);
                value
            });
            assert_eq!(value.await, key);
            end.expect("its body ran")
        });
        self.keys("cz:*", 1).await;
        let waits = tokio::spawn(async move {
            let value = other.call(key, async { unreachable!("the other's body runs") });
            assert_eq!(value.await, key);
            Instant::now()
        });
        self.keys("cz:*:w:*", 1).await;
        ends.send(()).expect("a body");
        let (ended, woken) = (
            leads.await.expect("a leader"),
            waits.await.expect("a waiter"),
        );
        let took = woken - ended;
        // The value is kept for a while, and would be counted.
        let () = command("FLUSHALL")
            .query_async(&mut self.raw)
            .await
            .expect("an answer");
        took
    }

    /// Waits until the server has so many keys of this form.
    async fn keys(&mut self, form: &str, count: usize) {
        let ask = command(&format!("KEYS {form}"));
        loop {
            let keys: Vec<String> = ask.query_async(&mut self.raw).await.expect("an answer");
            if keys.len() == count {
                return;
            }
        }
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
        self.keys("lock:*", 1).await;
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
        let () = command("FLUSHALL")
            .query_async(&mut self.raw)
            .await
            .expect("an answer");
        woken.map(|woken| woken - ended)
    }
}
