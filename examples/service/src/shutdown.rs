//! The signal to stop, Ctrl-C or what service managers send, or the end of the parent, and what happens then.
//!
//! 1. No connection is accepted any more, and the load ends.
//! 2. Requests end, and their connections are closed.
//! 3. What has not ended after a while is left.

use std::{io, time::Duration};

use axum::{Router, serve::ListenerExt};
use servers::child;
use tokio::{net::TcpListener, select, sync::watch, time::sleep};
use tracing::{info, warn};

use crate::failure::Failure;

/// How long a request may take to end.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// A child's parent sends no signal.
    pub(crate) fn on_signal(is_child: bool) -> Result<Self, Failure> {
        let signal =
            signal().map_err(|error| Failure::new(format!("can't listen for signals: {error}")))?;
        let (begin, begun) = watch::channel(false);
        tokio::spawn(async move {
            select! {
                () = signal => {}
                () = child::dismissed(), if is_child => {}
            }
            let _ = begin.send(true);
        });
        Ok(Self(begun))
    }

    /// Serves until then.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        app: Router,
        stop: impl FnOnce() + Send + 'static,
    ) -> Result<(), Failure> {
        let listener = listener.tap_io(|connection| {
            // Answers are one small write each.
            let _ = connection.set_nodelay(true);
        });
        let begun = self.clone().begun();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
            begun.await;
            info!("stopping; requests may end");
            stop();
        });
        let too_late = async {
            self.begun().await;
            sleep(GRACE).await;
        };
        select! {
            served = serving => {
                served.map_err(|error| Failure::new(format!("can't serve: {error}")))
            }
            () = too_late => {
                warn!("some requests have not ended in {GRACE:?}; stopping without them");
                Ok(())
            }
        }
    }

    async fn begun(mut self) {
        // The sender is dropped only after the signal.
        let _ = self.0.wait_for(|&begun| begun).await;
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
