//! Over TCP, as servers and clients have it.

use axum::{
    Router, body::Body, extract::Request, handler::Handler, http::header::CACHE_CONTROL,
    response::Response, routing::get,
};
use coalesced::tower::HttpCoalesceLayer;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tower::ServiceExt;

/// Counts those who come, and lets them go on when it is told to.
#[derive(Clone)]
struct Door {
    came: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Door {
    fn closed() -> Self {
        Self {
            came: Arc::default(),
            open: Arc::new(Semaphore::new(0)),
        }
    }

    async fn pass(&self) {
        self.came.fetch_add(1, SeqCst);
        let _ = self.open.acquire().await.unwrap();
    }

    fn open(&self) {
        self.open.add_permits(1);
    }

    /// Says hello to those who have passed.
    fn hello(&self) -> impl Handler<((),), ()> {
        let door = self.clone();
        move || async move {
            door.pass().await;
            ([(CACHE_CONTROL, "public")], "hello")
        }
    }

    /// The address of a server that says so, below a layer with this name.
    async fn serve(&self, name: &'static str) -> std::net::SocketAddr {
        let layer = HttpCoalesceLayer::new(|_: &Request| ()).named(name);
        let router = Router::new().route("/", get(self.hello()));
        serve(router.layer(layer)).await
    }
}

async fn serve(router: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// What comes back for this, until the connection is closed.
async fn talk(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

/// Waits until so many calls of this group have started.
async fn joined(name: &str, calls: u64) {
    let started = || {
        let mut groups = coalesced::groups().into_iter();
        let group = groups.find(|group| group.name() == name);
        group.map_or(0, |group| group.stats().calls)
    };
    while started() < calls {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_connections_are_one_run_of_the_handler() {
    let door = Door::closed();
    let address = door.serve("loopback.hundred").await;
    let clients: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn(talk(
                address,
                "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            ))
        })
        .collect();
    joined("loopback.hundred", 100).await;
    door.open();
    for client in clients {
        let response = client.await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.contains("content-length: 5\r\n"), "{response}");
        assert!(response.ends_with("\r\n\r\nhello"), "{response}");
    }
    assert_eq!(door.came.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_and_get_on_one_connection() {
    let layer = HttpCoalesceLayer::new(|_: &Request| ());
    let handler = || async { ([(CACHE_CONTROL, "public")], "hello") };
    let address = serve(Router::new().route("/", get(handler)).layer(layer)).await;
    let response = talk(
        address,
        "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    let (head, rest) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("content-length: 5"), "{head}");
    assert!(
        rest.starts_with("HTTP/1.1 200 OK"),
        "no body in between: {rest}"
    );
    assert!(rest.ends_with("\r\n\r\nhello"), "{rest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_streams_and_trailers_are_sent() {
    let layer = HttpCoalesceLayer::new(|_: &Request| ()).max_body(1_000);
    let large = || async { ([(CACHE_CONTROL, "public")], "0123456789".repeat(1_000_000)) };
    let trailers = || async {
        use http_body_util::BodyExt;
        let sum = [("x-sum".parse().unwrap(), "5".parse().unwrap())];
        let body = http_body_util::Full::from("hello")
            .with_trailers(async move { Some(Ok(sum.into_iter().collect())) });
        let mut response = Response::new(Body::new(body));
        response
            .headers_mut()
            .insert(CACHE_CONTROL, "public".parse().unwrap());
        response
            .headers_mut()
            .insert("trailer", "x-sum".parse().unwrap());
        response
    };
    let router = Router::new()
        .route("/large", get(large))
        .route("/trailers", get(trailers))
        .layer(layer);
    let address = serve(router).await;
    let request = "GET /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let clients: Vec<_> = (0..4)
        .map(|_| tokio::spawn(talk(address, request)))
        .collect();
    for client in clients {
        let response = client.await.unwrap();
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 10_000_000);
    }
    let request =
        "GET /trailers HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: close, te\r\n\r\n";
    let response = talk(address, request).await;
    assert!(
        response.contains("transfer-encoding: chunked\r\n"),
        "{response}"
    );
    assert!(response.ends_with("0\r\nx-sum: 5\r\n\r\n"), "{response}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_takes_nobody_with_it() {
    let door = Door::closed();
    let address = door.serve("loopback.gone").await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let mut leader = TcpStream::connect(address).await.unwrap();
    leader.write_all(request.as_bytes()).await.unwrap();
    joined("loopback.gone", 1).await;
    let follower = tokio::spawn(talk(address, request));
    joined("loopback.gone", 2).await;
    drop(leader);
    // The server notices when it reads; the other one takes over then.
    while door.came.load(SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    door.open();
    assert!(follower.await.unwrap().ends_with("hello"));
}

/// Both see `GET /7`; each has a layer of its own, as the docs say.
#[tokio::test]
async fn nested_routers_with_a_layer_each_do_not_share() {
    let nested = |what: &'static str| {
        let handler = move || async move {
            tokio::task::yield_now().await;
            ([(CACHE_CONTROL, "public")], what)
        };
        Router::new()
            .route("/{id}", get(handler))
            .layer(HttpCoalesceLayer::new(|_: &Request| ()))
    };
    let router = Router::new()
        .nest("/users", nested("a user"))
        .nest("/orders", nested("an order"));
    let ask = async |uri: &str| {
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        axum::body::to_bytes(response.into_body(), 100)
            .await
            .unwrap()
    };
    let (user, order) = tokio::join!(ask("/users/7"), ask("/orders/7"));
    assert_eq!((user, order), ("a user".into(), "an order".into()));
}

/// hyper's own server and client, with their bodies, and no axum in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hyper_as_it_is() {
    use http_body_util::{BodyExt, Empty, Full};
    use hyper::{body::Incoming, client::conn::http1 as client, server::conn::http1 as server};
    use hyper_util::{rt::TokioIo, service::TowerToHyperService};
    type Request = http::Request<Incoming>;

    let door = Door::closed();
    let handler = {
        let door = door.clone();
        tower::service_fn(move |_: Request| {
            let door = door.clone();
            async move {
                door.pass().await;
                let builder = http::Response::builder().header(CACHE_CONTROL, "public");
                builder.body(Full::<bytes::Bytes>::from("hello"))
            }
        })
    };
    let layer = HttpCoalesceLayer::new(|_: &Request| ()).named("loopback.hyper");
    let service = tower::Layer::layer(&layer, handler);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
                let stream = TcpStream::connect(address).await.unwrap();
                let (mut sender, connection) =
                    client::handshake(TokioIo::new(stream)).await.unwrap();
                tokio::spawn(connection);
                let request = http::Request::get("/").header("host", "a");
                let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
                let response = sender.send_request(request).await.unwrap();
                response.into_body().collect().await.unwrap().to_bytes()
            })
        })
        .collect();
    joined("loopback.hyper", 20).await;
    door.open();
    for client in clients {
        assert_eq!(client.await.unwrap(), "hello");
    }
    assert_eq!(door.came.load(SeqCst), 1);
}

#[tokio::test]
async fn an_axum_router_that_has_not_got_its_state_and_a_layer_on_a_handler() {
    let layer = HttpCoalesceLayer::new(|_: &Request| ());
    for (name, on_handler) in [("loopback.router", false), ("loopback.handler", true)] {
        let door = Door::closed();
        let layer = layer.clone().named(name);
        let router = if on_handler {
            Router::new().route("/", get(door.hello().layer(layer)))
        } else {
            Router::new().route("/", get(door.hello())).layer(layer)
        };
        let requests: Vec<_> = (0..10)
            .map(|_| {
                let request = Request::get("/").body(Body::empty()).unwrap();
                tokio::spawn(router.clone().oneshot(request))
            })
            .collect();
        joined(name, 10).await;
        door.open();
        for request in requests {
            assert_eq!(request.await.unwrap().unwrap().status(), 200);
        }
        assert_eq!(door.came.load(SeqCst), 1, "{name}");
    }
}
