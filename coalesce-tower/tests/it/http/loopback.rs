//! Over TCP, as servers and clients have it, in HTTP/1.1 and HTTP/2.

use crate::support::{
    Gate,
    connection::{Connection, VERSIONS, Version, serve},
};
use axum::{Router, body::Body, http::header::CACHE_CONTROL, response::Response, routing::get};
use bytes::Bytes;
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use http_body_util::{BodyExt, StreamBody, channel::Channel};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

type Sender = http_body_util::channel::Sender<Bytes, std::io::Error>;

/// Long enough for anything on a busy machine: who waits so long waits for ever.
const EVER: Duration = Duration::from_secs(60);

/// A server below a layer, whose handler waits at a gate; the path `/body` is sent by hand.
struct Server {
    address: SocketAddr,
    group: HttpGroup,
    gate: Arc<Gate>,
    bodies: mpsc::UnboundedReceiver<Sender>,
}

impl Server {
    async fn new(layer: HttpCoalesceLayer<Body>) -> Self {
        let (group, gate) = (HttpGroup::new(), Gate::closed());
        let hello = {
            let gate = Arc::clone(&gate);
            move || async move {
                gate.pass().await;
                ([(CACHE_CONTROL, "public")], "hello")
            }
        };
        let (sender, bodies) = mpsc::unbounded_channel();
        let body = move || async move {
            let (send, body) = Channel::new(1);
            sender.send(send).unwrap();
            let response = Response::builder().header(CACHE_CONTROL, "public");
            response.body(Body::new(body)).unwrap()
        };
        let router = Router::new()
            .route("/", get(hello))
            .route("/body", get(body))
            .layer(layer.group(&group));
        Self {
            address: serve(router).await,
            group,
            gate,
            bodies,
        }
    }

    async fn connect(&self, version: Version) -> Connection {
        Connection::open(self.address, version).await
    }

    /// The sending end of the next body that is asked for.
    async fn body(&mut self) -> Sender {
        self.bodies.recv().await.unwrap()
    }
}

fn layer() -> HttpCoalesceLayer<Body> {
    HttpCoalesceLayer::new()
}

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

/// What comes back for this, as it is, until the connection is closed.
async fn talk(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_says_the_length_of_what_is_there_and_frames_what_comes() {
    let mut server = Server::new(layer()).await;
    server.gate.open();
    let request = |line: &str| format!("{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let response = talk(server.address, &request("GET /")).await;
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("content-length: 5"), "{head}");
    assert_eq!(body, "hello");

    let response = talk(server.address, &request("HEAD /")).await;
    assert!(response.contains("content-length: 5"), "{response}");
    assert!(response.ends_with("\r\n\r\n"), "no body: {response}");

    let asked = request("GET /body").replace("host: a", "host: a\r\nte: trailers");
    let address = server.address;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(asked.as_bytes()).await.unwrap();
    let mut send = server.body().await;
    let mut response = vec![0; 4096];
    let length = client.read(&mut response).await.unwrap();
    response.truncate(length);
    send.send_data("hello".into()).await.unwrap();
    drop(send);
    client.read_to_end(&mut response).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    assert!(
        response.contains("transfer-encoding: chunked\r\n"),
        "{response}"
    );
    assert!(response.ends_with("5\r\nhello\r\n0\r\n\r\n"), "{response}");
}

/// HTTP/1.0 has no chunks: the end of the connection is the end of the body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_0_and_1_1_share() {
    let server = Server::new(layer()).await;
    let address = server.address;
    let ask = |version: &str| {
        let request = format!("GET / HTTP/{version}\r\nhost: a\r\nconnection: close\r\n\r\n");
        tokio::spawn(async move { talk(address, &request).await })
    };
    let clients = [ask("1.0"), ask("1.1")];
    server.group.waiting(1).await;
    server.gate.open();
    for (client, version) in clients.into_iter().zip(["1.0", "1.1"]) {
        let response = client.await.unwrap();
        assert!(
            response.starts_with(&format!("HTTP/{version} 200 OK")),
            "{response}"
        );
        assert!(response.ends_with("\r\n\r\nhello"), "{response}");
    }
    assert_eq!(server.gate.bodies_started(), 1);
}

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
        let mut first = server.connect(version).await;
        let mut first_body = first.get("/body").await.unwrap().into_body();
        let mut send = server.body().await;
        let mut other = server.connect(version).await;
        let mut other_body = other.get("/body").await.unwrap().into_body();
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
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut client = server.connect(version).await;
            let body = client.get("/body").await.unwrap().into_body();
            clients.push((client, body));
        }
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
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut client = server.connect(version).await;
            let body = client.get("/body").await.unwrap().into_body();
            clients.push((client, body));
        }
        let mut send = server.body().await;
        send.send_data("some".into()).await.unwrap();
        send.abort(std::io::Error::other("the disk is gone"));
        for (_, body) in clients {
            assert!(body.collect().await.is_err(), "{version:?}");
        }
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
        let mut slow = server.connect(version).await;
        let slow_body = slow.get("/body").await.unwrap().into_body();
        let mut send = server.body().await;
        let mut fast = Vec::new();
        for _ in 0..50 {
            let mut client = server.connect(version).await;
            let body = client.get("/body").await.unwrap().into_body();
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

/// How many answers 20 clients have in a while, of a handler that takes so long, while another one opens and resets 50
/// streams in a loop.
async fn answers_in_a_storm(takes: Duration, coalescing: bool, version: Version) -> usize {
    let handler = move || async move {
        tokio::time::sleep(takes).await;
        ([(CACHE_CONTROL, "public")], "hello")
    };
    let mut router = Router::new().route("/", get(handler));
    if coalescing {
        router = router.layer(layer().group(&HttpGroup::new()));
    }
    let address = serve(router).await;
    let over = Arc::new(AtomicBool::new(false));
    let attacker = tokio::spawn({
        let over = Arc::clone(&over);
        async move {
            while !over.load(SeqCst) {
                // The server closes a connection that does so for too long.
                let connection = Connection::open(address, Version::Two).await;
                for _ in 0..100 {
                    let streams: FuturesUnordered<_> =
                        (0..50).map(|_| connection.streaming("/")).collect();
                    let _ = timeout(Duration::from_millis(1), streams.count()).await;
                }
            }
        }
    });
    let answers = Arc::<AtomicUsize>::default();
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let (answers, over) = (Arc::clone(&answers), Arc::clone(&over));
            tokio::spawn(async move {
                let mut connection = Connection::open(address, version).await;
                while !over.load(SeqCst) {
                    let answer = timeout(EVER, connection.read("/")).await;
                    assert_eq!(answer.expect("nobody is given up").unwrap(), "hello");
                    answers.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    over.store(true, SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    attacker.await.unwrap();
    answers.load(SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_opens_and_resets_streams_in_a_loop_starves_nobody() {
    for (takes, version) in [20, 5]
        .into_iter()
        .flat_map(|takes| VERSIONS.map(|it| (takes, it)))
    {
        let takes = Duration::from_millis(takes);
        // By turns: what else the machine does is felt by both.
        let (mut without, mut with) = (0, 0);
        for _ in 0..3 {
            without += answers_in_a_storm(takes, false, version).await;
            with += answers_in_a_storm(takes, true, version).await;
        }
        println!("{version:?}, {takes:?}: {without} answers without the layer, {with} with it");
        // In a debug build the layer's own work is felt, and so are other tests; who is starved has next to nothing.
        let tenths = if cfg!(debug_assertions) { 3 } else { 9 };
        assert!(
            with * 10 >= without * tenths,
            "{version:?}, {takes:?}: {with} of {without}"
        );
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
