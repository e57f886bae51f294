//! One request over a connection of its own.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Result;

/// The answer.
///
/// # Errors
///
/// Anything but a 200 is one.
pub async fn get(server: SocketAddr, path: &str) -> Result<Response<String>> {
    let explain = |error: &dyn std::fmt::Display| format!("http://{server}{path}: {error}");
    let stream = TcpStream::connect(server)
        .await
        .map_err(|error| explain(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| explain(&error))?;
    // An error is told to the sender, too.
    tokio::spawn(connection);
    let request = Request::get(path)
        .header(HOST, server.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|error| explain(&error))?;
    let (head, body) = sender
        .send_request(request)
        .await
        .map_err(|error| explain(&error))?
        .into_parts();
    let body = body.collect().await.map_err(|error| explain(&error))?;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    match head.status {
        StatusCode::OK => Ok(Response::from_parts(head, text)),
        status => Err(explain(&format_args!("{status}: {text}"))),
    }
}
