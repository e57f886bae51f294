//! One run of the handler for all who ask the same at one time, on connections and streams of their own.

use super::server::{Server, layer};
use crate::support::{
    Gate,
    connection::{Connection, VERSIONS, Version, serve},
};
use axum::{Router, http::header::CACHE_CONTROL, routing::get};
use bytes::Bytes;
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use futures::future::join_all;
use http_body_util::{BodyExt, StreamBody};
use std::{convert::Infallible, sync::Arc};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_connections_are_one_run_of_the_handler() {
    for version in VERSIONS {
        let server = Server::new(layer()).await;
        let clients: Vec<_> = (0..100)
            .map(|_| {
                let address = server.address;
                tokio::spawn(
                    async move { Connection::open(address, version).await.read("/").await },
                )
            })
            .collect();
        server.group.waiting(99).await;
        server.gate.open();
        for client in clients {
            assert_eq!(client.await.unwrap().unwrap(), "hello");
        }
        assert_eq!(server.gate.bodies_started(), 1, "{version:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_streams_of_one_connection_are_one_run_of_the_handler() {
    let server = Server::new(layer()).await;
    let connection = server.connect(Version::Two).await;
    let streams = join_all((0..100).map(|_| connection.streaming("/")));
    let opened = async {
        server.group.waiting(99).await;
        server.gate.open();
    };
    let (texts, ()) = tokio::join!(streams, opened);
    assert!(texts.into_iter().all(|text| text.unwrap() == "hello"));
    assert_eq!(server.gate.bodies_started(), 1);
}

/// Each is answered with what it asked, and those that ask the same at the same time are one run of the handler.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_tells_requests_apart_does_so_on_connections() {
    let gate = Gate::closed();
    let handler = {
        let gate = Arc::clone(&gate);
        move |request: axum::extract::Request| async move {
            gate.pass().await;
            let header = |name: &str| {
                let value = request.headers().get(name);
                value.map_or_else(String::new, |it| it.to_str().unwrap().to_owned())
            };
            let host = request.uri().authority().map(ToString::to_string);
            let host = host.unwrap_or_else(|| header("host"));
            let (method, uri, cookie) = (request.method(), request.uri().path(), header("cookie"));
            (
                [(CACHE_CONTROL, "public")],
                format!("{method} {host}{uri} {cookie}"),
            )
        }
    };
    let group = HttpGroup::new();
    let router = Router::new().fallback(handler);
    let address = serve(router.layer(layer().group(&group))).await;
    for version in VERSIONS {
        gate.close();
        let started = gate.bodies_started();
        let ask = |method: &'static str, host: &'static str, path: &str, cookie: &'static str| {
            let uri = match version {
                Version::One => path.to_owned(),
                Version::Two => format!("http://{host}{path}"),
            };
            let mut asked = http::Request::builder().method(method).uri(uri);
            if version == Version::One {
                asked = asked.header("host", host);
            }
            if !cookie.is_empty() {
                asked = asked.header("cookie", cookie);
            }
            let expected = match method {
                "HEAD" => String::new(),
                _ => format!("{method} {host}{path} {cookie}"),
            };
            tokio::spawn(async move {
                let mut connection = Connection::open(address, version).await;
                let response = connection.send(asked).await.unwrap();
                let text = response.into_body().collect().await.unwrap().to_bytes();
                assert_eq!(text, expected, "{version:?}");
            })
        };
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(ask("GET", "a", "/", ""));
            clients.push(ask("HEAD", "a", "/", ""));
            clients.push(ask("GET", "b", "/", ""));
            clients.push(ask("GET", "a", "/other", ""));
            clients.push(ask("GET", "a", "/", "user=alice"));
            clients.push(ask("POST", "a", "/", ""));
        }
        // Of each of the first four one leads; the others are alone.
        group.waiting(8).await;
        while gate.bodies_started() < started + 10 {
            tokio::task::yield_now().await;
        }
        gate.open();
        for client in clients {
            client.await.unwrap();
        }
        assert_eq!(gate.bodies_started(), started + 10, "{version:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forgotten_is_not_joined_by_those_who_connect_later() {
    for version in VERSIONS {
        let server = Server::new(layer()).await;
        let ask = || {
            let address = server.address;
            tokio::spawn(async move { Connection::open(address, version).await.read("/").await })
        };
        let before = [ask(), ask()];
        server.group.waiting(1).await;
        for flight in server.group.flights() {
            assert!(server.group.forget(&flight.key));
        }
        let after = [ask(), ask()];
        server.group.waiting(2).await;
        server.gate.open();
        for client in before.into_iter().chain(after) {
            assert_eq!(client.await.unwrap().unwrap(), "hello");
        }
        assert_eq!(server.gate.bodies_started(), 2, "{version:?}");
    }
}

/// A handler of 200 ms took the second client 377.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_client_of_a_private_url_is_not_held_up() {
    let gate = Gate::closed();
    let handler = {
        let gate = Arc::clone(&gate);
        move || async move {
            gate.pass().await;
            ([(CACHE_CONTROL, "private")], "mine")
        }
    };
    let group = HttpGroup::new();
    let router = Router::new().route("/", get(handler));
    let address = serve(router.layer(layer().group(&group))).await;
    for version in VERSIONS {
        gate.open();
        let mut before = Connection::open(address, version).await;
        before.read("/").await.unwrap();
        gate.close();
        let started = gate.bodies_started();
        let clients: Vec<_> = (0..10)
            .map(|_| {
                tokio::spawn(
                    async move { Connection::open(address, version).await.read("/").await },
                )
            })
            .collect();
        // All are in the handler at once.
        while gate.bodies_started() < started + 10 {
            tokio::task::yield_now().await;
        }
        gate.open();
        for client in clients {
            assert_eq!(client.await.unwrap().unwrap(), "mine");
        }
    }
}

/// hyper's own server, with its body, and no axum in between; the layer needs no group there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hyper_as_it_is() {
    use hyper::{body::Incoming, server::conn::http1 as server};
    use hyper_util::{rt::TokioIo, service::TowerToHyperService};

    let gate = Gate::closed();
    let handler = {
        let gate = Arc::clone(&gate);
        tower::service_fn(move |_: http::Request<Incoming>| {
            let gate = Arc::clone(&gate);
            async move {
                gate.pass().await;
                let builder = http::Response::builder().header(CACHE_CONTROL, "public");
                let frames = ["hel", "lo"]
                    .map(|it| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(it))));
                builder.body(StreamBody::new(futures::stream::iter(frames)))
            }
        })
    };
    let service = tower::Layer::layer(&HttpCoalesceLayer::new(), handler);
    let group = service.group().clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    let clients: Vec<_> = (0..20)
        .map(|_| {
            tokio::spawn(async move {
                Connection::open(address, Version::One)
                    .await
                    .read("/")
                    .await
            })
        })
        .collect();
    group.waiting(19).await;
    gate.open();
    for client in clients {
        assert_eq!(client.await.unwrap().unwrap(), "hello");
    }
    assert_eq!(gate.bodies_started(), 1);
}
