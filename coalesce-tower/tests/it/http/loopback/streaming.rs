//! Bodies that stream to a hundred clients, fast and slow.

use super::server::{EVER, Server, layer};
use crate::support::connection::{Connection, VERSIONS};
use bytes::Bytes;
use http_body_util::BodyExt;
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, time::timeout};

/// Each frame is sent when all have had the one before: who waited for the end would wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_clients_have_each_frame_before_the_next_one_is_sent() {
    for version in VERSIONS {
        let mut server = Server::new(layer()).await;
        let (had, mut all_had) = mpsc::unbounded_channel();
        let clients: Vec<_> = (0..100)
            .map(|_| {
                let (address, had) = (server.address, had.clone());
                tokio::spawn(async move {
                    let mut connection = Connection::open(address, version).await;
                    let mut body = connection.get("/body").await.unwrap().into_body();
                    let mut length = 0;
                    while let Some(frame) = body.frame().await {
                        length += frame.unwrap().into_data().unwrap().len();
                        had.send(length).unwrap();
                    }
                    length
                })
            })
            .collect();
        let mut send = server.body().await;
        while server.group.stats().calls < 100 {
            tokio::task::yield_now().await;
        }
        for sent in 1..=30 {
            send.send_data("0123456789".into()).await.unwrap();
            for _ in 0..100 {
                let had = timeout(EVER, all_had.recv()).await.unwrap();
                assert_eq!(had, Some(sent * 10), "{version:?}");
            }
        }
        drop(send);
        for client in clients {
            assert_eq!(client.await.unwrap(), 300);
        }
        assert_eq!(server.group.stats().led, 1, "{version:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_beside_fifty_fast_ones_delays_them_for_a_while_and_is_broken_off() {
    const FRAMES: usize = 200;
    for version in VERSIONS {
        // The fast ones are never so slow, on a busy machine either.
        let lag = Duration::from_secs(3);
        let mut server = Server::new(layer().max_lag(lag)).await;
        // It reads nothing, not even into its window: a socket of its own, and little in its buffer.
        let (_slow, slow_body) = server.reader(version).await;
        let mut send = server.body().await;
        let mut fast = Vec::new();
        for _ in 0..50 {
            let (client, body) = server.reader(version).await;
            fast.push(tokio::spawn(async move {
                let length = body.collect().await.map(|it| it.to_bytes().len());
                drop(client);
                length
            }));
        }
        let start = Instant::now();
        let frame = Bytes::from(vec![7; 64 << 10]);
        for _ in 0..FRAMES {
            timeout(EVER, send.send_data(frame.clone()))
                .await
                .unwrap()
                .unwrap();
        }
        drop(send);
        for client in fast {
            assert_eq!(client.await.unwrap().unwrap(), FRAMES << 16, "{version:?}");
        }
        let took = start.elapsed();
        assert!(took > lag, "{version:?}: it was waited for, {took:?}");
        assert!(
            slow_body.collect().await.is_err(),
            "{version:?}: it is not the whole"
        );
        assert_eq!(server.group.stats().led, 1);
    }
}
