//! A server on this machine, and one request over a connection of its own.

use std::{fmt::Display, io, net::SocketAddr};

use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode,
    client::conn::http1,
    header::{HOST, HeaderValue},
};
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
    let request = Request::get(path).body(String::new());
    let explain = |error: &dyn Display| format!("http://{server}{path}: {error}");
    let answer = send(server, request.map_err(|error| explain(&error))?).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer),
        status => Err(explain(&format_args!("{status}: {}", answer.body()))),
    }
}

/// The answer to any request, whatever it is.
///
/// # Errors
///
/// If there is none.
pub async fn send(server: SocketAddr, mut request: Request<String>) -> Result<Response<String>> {
    let url = format!("http://{server}{}", request.uri());
    let explain = |error: &dyn Display| format!("{url}: {error}");
    let host = HeaderValue::try_from(server.to_string()).map_err(|error| explain(&error))?;
    request.headers_mut().insert(HOST, host);
    let stream = TcpStream::connect(server)
        .await
        .map_err(|error| explain(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| explain(&error))?;
    // An error is told to the sender, too.
    tokio::spawn(connection);
    let (head, body) = sender
        .send_request(request)
        .await
        .map_err(|error| explain(&error))?
        .into_parts();
    let body = body.collect().await.map_err(|error| explain(&error))?;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    Ok(Response::from_parts(head, text))
}
