//! Servers and clients on TCP, of HTTP/1.1 and of HTTP/2.

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

/// Both versions are to be tried.
pub(crate) const VERSIONS: [Version; 2] = [Version::One, Version::Two];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// A client's connection; dropped, it is closed.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: Sender,
    driver: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
enum Sender {
    One(http1::SendRequest<Empty<Bytes>>),
    Two(http2::SendRequest<Empty<Bytes>>),
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, version: Version) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        if version == Version::One {
            let (sender, connection) = http1::handshake(stream).await.unwrap();
            let driver = tokio::spawn(async { drop(connection.await) });
            let sender = Sender::One(sender);
            return Self { sender, driver };
        }
        let handshake = http2::handshake(TokioExecutor::new(), stream);
        let (sender, connection) = handshake.await.unwrap();
        let driver = tokio::spawn(async { drop(connection.await) });
        let sender = Sender::Two(sender);
        Self { sender, driver }
    }

    pub(crate) async fn send(
        &mut self,
        request: http::request::Builder,
    ) -> hyper::Result<Response<Incoming>> {
        let has_host = request
            .headers_ref()
            .is_none_or(|it| it.contains_key("host"));
        let request = match self.sender {
            Sender::One(_) if !has_host => request.header("host", "a"),
            _ => request,
        };
        let request = request.body(Empty::new()).unwrap();
        match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Sender::Two(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> hyper::Result<Response<Incoming>> {
        self.send(Request::get(format!("http://a{path}"))).await
    }

    /// The same, on a stream of its own.
    pub(crate) async fn streaming(&self, path: &str) -> hyper::Result<Bytes> {
        let Sender::Two(sender) = &self.sender else {
            panic!("only HTTP/2 has streams")
        };
        let mut sender = sender.clone();
        sender.ready().await?;
        let request = Request::get(format!("http://a{path}")).body(Empty::new());
        let response = sender.send_request(request.unwrap()).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }

    /// The whole body, or how it broke off.
    pub(crate) async fn read(&mut self, path: &str) -> hyper::Result<Bytes> {
        let response = self.get(path).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
