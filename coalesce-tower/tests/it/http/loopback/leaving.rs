//! Clients that go away, bodies that fail, and handlers that panic.

use super::server::{EVER, Server, layer};
use crate::support::{
    Gate,
    connection::{Connection, VERSIONS, serve},
};
use axum::{Router, http::header::CACHE_CONTROL, routing::get};
use coalesced::tower::http::HttpGroup;
use futures::future::join_all;
use http_body_util::BodyExt;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_client_that_goes_away_takes_nobody_with_it() {
    for version in VERSIONS {
        let mut server = Server::new(layer()).await;
        // Before the head.
        let mut first = server.connect(version).await;
        let first = tokio::spawn(async move { first.read("/").await });
        while server.gate.bodies_active() < 1 {
            tokio::task::yield_now().await;
        }
        let mut other = server.connect(version).await;
        let other = tokio::spawn(async move { other.read("/").await });
        server.group.waiting(1).await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        server.gate.open();
        assert_eq!(other.await.unwrap().unwrap(), "hello");
        assert_eq!(server.gate.bodies_started(), 1, "{version:?}");

        // In the middle of the body.
        let (first, mut first_body) = server.reader(version).await;
        let mut send = server.body().await;
        let (_other, mut other_body) = server.reader(version).await;
        send.send_data("one, ".into()).await.unwrap();
        for body in [&mut first_body, &mut other_body] {
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), "one, ");
        }
        drop((first_body, first));
        for piece in ["two, ", "three"] {
            send.send_data(piece.into()).await.unwrap();
        }
        drop(send);
        let rest = other_body.collect().await.unwrap().to_bytes();
        assert_eq!(rest, "two, three", "{version:?}");
        assert_eq!(server.group.stats().led, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_client_that_goes_away_ends_the_fetch() {
    for version in VERSIONS {
        let mut server = Server::new(layer()).await;
        let clients = join_all((0..3).map(|_| server.reader(version))).await;
        let mut send = server.body().await;
        drop(clients);
        let gone = async { while send.send_data("more".into()).await.is_ok() {} };
        timeout(EVER, gone).await.expect("nobody reads it any more");
        timeout(EVER, server.group.idle()).await.unwrap();
    }
}

/// A part is never taken for the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_fails_breaks_off_for_all() {
    for version in VERSIONS {
        let mut server = Server::new(layer()).await;
        let clients = join_all((0..3).map(|_| server.reader(version))).await;
        let mut send = server.body().await;
        send.send_data("some".into()).await.unwrap();
        send.abort(std::io::Error::other("the disk is gone"));
        for (_, body) in clients {
            assert!(body.collect().await.is_err(), "{version:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_the_handler_breaks_the_first_connection_alone() {
    for version in VERSIONS {
        let armed = Arc::new(AtomicBool::new(true));
        let gate = Gate::closed();
        let handler = {
            let gate = Arc::clone(&gate);
            move || async move {
                gate.pass().await;
                assert!(!armed.swap(false, SeqCst), "the secret of the first");
                ([(CACHE_CONTROL, "public")], "hello")
            }
        };
        let group = HttpGroup::new();
        let router = Router::new().route("/", get(handler));
        let address = serve(router.layer(layer().group(&group))).await;
        let ask = || {
            tokio::spawn(async move { Connection::open(address, version).await.read("/").await })
        };
        let first = ask();
        while gate.bodies_active() < 1 {
            tokio::task::yield_now().await;
        }
        let others = [ask(), ask(), ask()];
        group.waiting(3).await;
        gate.open();
        assert!(first.await.unwrap().is_err(), "{version:?}");
        for other in others {
            assert_eq!(other.await.unwrap().unwrap(), "hello", "{version:?}");
        }
    }
}
