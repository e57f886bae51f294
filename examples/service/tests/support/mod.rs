//! The service, as a process of its own on a port of its own.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

pub(crate) struct Service {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::announced(command("0").spawn().unwrap())
    }

    /// Waits until it listens.
    pub(crate) fn announced(mut process: Child) -> Self {
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://");
        let address = address
            .parse()
            .unwrap_or_else(|_| panic!("no address: {line:?}"));
        Self { process, address }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Full::from(body.to_owned())).unwrap())
            .await
    }

    pub(crate) async fn send(&self, mut request: Request<Full<Bytes>>) -> (StatusCode, String) {
        let host = self.address.to_string().parse().unwrap();
        request.headers_mut().insert(header::HOST, host);
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.into()).unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.ask(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> StatusCode {
        self.ask(Method::POST, path, body).await.0
    }

    /// Tells it to stop.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let pid = self.process.id().to_string();
        let signal = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(signal.unwrap().success());
    }

    /// What the page knows.
    pub(crate) async fn live(&self) -> Value {
        serde_json::from_str(&self.get("/live").await.1).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The service on this port, with a database that the tests share.
pub(crate) fn command(port: &str) -> Command {
    command_on(&file("service.db"), port)
}

pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

pub(crate) fn command_on(database: &Path, port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_service"));
    command
        .args(["--port", port, "--database"])
        .arg(database)
        .env("RUST_LOG", "warn")
        .env_remove("REDIS_URL")
        .stdout(Stdio::piped());
    command
}
