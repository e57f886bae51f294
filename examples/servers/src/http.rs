//! A server on this machine, and one request over a connection of its own.

use std::{io, net::SocketAddr};

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::Result;

/// As many may connect at once. Who is one too many of the usual 128 tries again after a second.
const BACKLOG: u32 = 4_096;

/// Listens on a free port of this machine.
///
/// # Errors
///
/// If there is none.
pub fn listen() -> Result<(TcpListener, SocketAddr)> {
    let listen = || {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listen().map_err(|error: io::Error| format!("can't listen: {error}"))
}

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
