//! A Redis of one's own: one that keeps nothing, and ends with its parent.

use std::{
    io,
    net::SocketAddr,
    process::{self, Stdio},
};

use tokio::{net::TcpSocket, process::Command};

use crate::{Result, child};

/// A free port, which is kept for the server: both may bind it, but only the server listens.
///
/// # Errors
///
/// If there is none.
pub fn reserved_port() -> Result<TcpSocket> {
    let port = || {
        let port = TcpSocket::new_v4()?;
        port.set_reuseaddr(true)?;
        port.bind(([127, 0, 0, 1], 0).into())?;
        Ok(port)
    };
    port().map_err(|error: io::Error| format!("there is no free port: {error}"))
}

/// How to start one.
///
/// # Errors
///
/// If neither Redis nor Valkey is installed.
pub fn find() -> Result<&'static str> {
    let found = ["redis-server", "valkey-server"]
        .into_iter()
        .find(|program| {
            let mut version = process::Command::new(program);
            version
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            version.status().is_ok_and(|status| status.success())
        });
    found.ok_or_else(|| {
        "there is no Redis; install the package `redis-server`, or set REDIS_URL".to_owned()
    })
}

/// For the child: runs one, until the parent is gone. Without a port it gets a free one.
///
/// # Errors
///
/// If it does not start, or ends by itself.
pub async fn serve(port: Option<u16>) -> Result<()> {
    let explain = |error: io::Error| error.to_string();
    let free = reserved_port()?;
    let address: SocketAddr = match port {
        Some(port) => ([127, 0, 0, 1], port).into(),
        None => free.local_addr().map_err(explain)?,
    };
    let folder = tempfile::tempdir().map_err(explain)?;
    let mut server = Command::new(find()?);
    server
        .args(["--bind", "127.0.0.1", "--port"])
        .arg(address.port().to_string())
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(folder.path());
    child::host(server, address).await
}
