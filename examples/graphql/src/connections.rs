//! A gateway's attempts to connect to its backend: counted, and held up where a round says so.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::watch, time::sleep};
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

/// How long an attempt to connect takes where packets are dropped.
pub const CONNECT_TIMEOUT: Duration = Duration::from_millis(20);

/// What is to be connected to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Whatever is at this address. If nobody listens, it refuses at once.
    Open(SocketAddr),
    /// A host that drops packets: an attempt ends by its timeout.
    Silent,
}

/// The attempts to connect.
#[derive(Debug)]
pub(crate) struct Connections {
    target: Target,
    attempts: AtomicUsize,
    held: watch::Sender<bool>,
}

impl Connections {
    pub(crate) fn new(target: Target) -> Arc<Self> {
        Arc::new(Self {
            target,
            attempts: AtomicUsize::new(0),
            held: watch::Sender::new(false),
        })
    }

    /// How many there were.
    pub(crate) fn attempts(&self) -> usize {
        self.attempts.load(Relaxed)
    }

    /// From now on attempts wait, or wait no longer.
    pub(crate) fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// A channel that connects when it is first needed, and again after it failed.
    pub(crate) fn channel(self: &Arc<Self>) -> Channel {
        let connections = Arc::clone(self);
        let connect = move |_| {
            let connections = Arc::clone(&connections);
            async move { connections.connect().await.map(TokioIo::new) }
        };
        Endpoint::from_static("http://users").connect_with_connector_lazy(service_fn(connect))
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        self.attempts.fetch_add(1, Relaxed);
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held).await.expect("it is ours");
        match self.target {
            Target::Open(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(stream)
            }
            Target::Silent => {
                sleep(CONNECT_TIMEOUT).await;
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}
