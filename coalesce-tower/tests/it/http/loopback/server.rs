//! What clients connect to.

use crate::support::{
    Gate,
    connection::{Connection, Version, serve},
};
use axum::{Router, body::Body, http::header::CACHE_CONTROL, response::Response, routing::get};
use bytes::Bytes;
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use http_body_util::channel::Channel;
use hyper::body::Incoming;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::mpsc;

pub(super) type Sender = http_body_util::channel::Sender<Bytes, std::io::Error>;

/// Long enough for anything on a busy machine: who waits so long waits for ever.
pub(super) const EVER: Duration = Duration::from_secs(60);

/// A server below a layer, whose handler waits at a gate; the path `/body` is sent by hand.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) group: HttpGroup,
    pub(super) gate: Arc<Gate>,
    pub(super) bodies: mpsc::UnboundedReceiver<Sender>,
}

impl Server {
    pub(super) async fn new(layer: HttpCoalesceLayer<Body>) -> Self {
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

    pub(super) async fn connect(&self, version: Version) -> Connection {
        Connection::open(self.address, version).await
    }

    /// A client that has the head of `/body`, and what is still to come to it.
    pub(super) async fn reader(&self, version: Version) -> (Connection, Incoming) {
        let mut client = self.connect(version).await;
        let body = client.get("/body").await.unwrap().into_body();
        (client, body)
    }

    /// The sending end of the next body that is asked for.
    pub(super) async fn body(&mut self) -> Sender {
        self.bodies.recv().await.unwrap()
    }
}

pub(super) fn layer() -> HttpCoalesceLayer<Body> {
    HttpCoalesceLayer::new()
}
