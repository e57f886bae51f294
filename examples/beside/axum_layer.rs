//! A layer on a route of axum: a thousand requests over loopback, and one run of the handler.
//!
//! To put a load of your own on it, say with `wrk`: `-- serve` has the route with the layer, and `-- serve --off`
//! without. `/runs` says how often the handler ran.

use axum::{
    Router, body::Body, extract::Path, http::header::CACHE_CONTROL, response::IntoResponse,
    routing::get,
};
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use std::{
    env,
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};

const CLIENTS: usize = 1_000;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// Connections to a slow database, as many as a pool would have.
const CONNECTIONS: u32 = 10;

static POOL: Semaphore = Semaphore::const_new(CONNECTIONS as usize);

async fn report(Path(year): Path<u32>) -> impl IntoResponse {
    RUNS.fetch_add(1, Relaxed);
    let connection = POOL.acquire().await.unwrap();
    sleep(Duration::from_millis(5)).await;
    drop(connection);
    // That anybody may have it must be said, here or by `.share_unmarked()` below.
    ([(CACHE_CONTROL, "public")], format!("the report of {year}"))
}

fn reports() -> Router {
    Router::new().route("/reports/{year}", get(report))
}

/// What is in flight. That clones of the layer are one and the same layer is for a group to say: axum applies a clone of
/// it for each connection.
static REPORTS: HttpGroup = HttpGroup::new().named("reports");

fn layer() -> HttpCoalesceLayer<Body, (), HttpGroup> {
    HttpCoalesceLayer::new().group(&REPORTS)
}

#[tokio::main]
async fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => herd().await,
        ["serve"] => serve(true).await,
        ["serve", "--off"] => serve(false).await,
        _ => panic!("give `serve`, `serve --off` or nothing"),
    }
}

async fn serve(coalescing: bool) {
    let mut app = reports();
    if coalescing {
        app = app.layer(layer());
    }
    let app = app.route("/runs", get(|| async { RUNS.load(Relaxed).to_string() }));
    let listener = TcpListener::bind("127.0.0.1:8090").await.unwrap();
    println!("axum_layer: http://127.0.0.1:8090/reports/2026");
    axum::serve(listener, app).await.unwrap();
}

async fn herd() {
    let app = reports().layer(layer());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    // The connections are made before: who can't connect is told so, and not waited for.
    let mut connections = Vec::new();
    for _ in 0..CLIENTS {
        connections.push(connect(address).await);
    }
    // The database is busy until all have asked, however long that takes.
    let busy = POOL.acquire_many(CONNECTIONS).await.unwrap();
    let start = Instant::now();
    let clients: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::spawn(ask(connection)))
        .collect();
    REPORTS.waiting(CLIENTS - 1).await;
    drop(busy);
    for client in clients {
        let response = client.await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
        assert!(response.ends_with("the report of 2026"), "{response}");
    }
    let took = start.elapsed();

    assert_eq!(RUNS.load(Relaxed), 1);
    println!("axum_layer: {CLIENTS} requests, 1 run of the handler, {took:.0?}");
    for group in coalesced::groups() {
        println!("axum_layer: {}: {}", group.name(), group.stats());
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    // Both ends are in this process.
    let connected = TcpStream::connect(address).await;
    connected.expect("this takes 2,000 open files; `ulimit -n 4096` allows them")
}

async fn ask(mut connection: TcpStream) -> String {
    let request = "GET /reports/2026 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    response
}
