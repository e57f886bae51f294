//! Stands for the crate, as a client generated for a service sees it.

use crate::network::{self, TimedOut};
use std::fmt::Debug;

/// To which server, here.
#[derive(Clone, Debug)]
pub(crate) struct Channel(pub(crate) &'static str);

#[derive(Clone, Debug, thiserror::Error)]
#[error("status: Unavailable")]
pub(crate) struct Status;

impl From<TimedOut> for Status {
    fn from(_: TimedOut) -> Self {
        Self
    }
}

impl Channel {
    pub(crate) async fn unary(&self, request: &(impl Debug + Sync)) -> Result<String, Status> {
        Ok(network::send(format!("{}: {request:?}", self.0)).await?)
    }
}
