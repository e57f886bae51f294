//! The port, or why it can't be had.

use std::{io::ErrorKind, net::SocketAddr};

use tokio::net::TcpListener;

use crate::failure::Failure;

pub(crate) async fn on(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let port = address.port();
        Failure::new(match error.kind() {
            ErrorKind::AddrInUse => {
                format!("port {port} is in use; name another one with --port or PORT, or 0 for any")
            }
            ErrorKind::PermissionDenied => {
                format!("port {port} may not be used; name one from 1024 on with --port or PORT")
            }
            _ => format!(
                "can't listen on {address}: {error}; name an address of this machine with --host"
            ),
        })
    })
}
