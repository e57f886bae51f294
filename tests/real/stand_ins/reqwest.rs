//! Stands for the crate.

use crate::network::{self, TimedOut};
use serde::de::DeserializeOwned;

/// A key, as in the crate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Url(pub(crate) String);

/// With headers of its own, as those that say who asks. No key.
#[derive(Clone, Debug)]
pub(crate) struct Client(pub(crate) &'static str);

/// Not `Clone`.
#[derive(Debug, thiserror::Error)]
#[error("error sending request")]
pub(crate) struct Error;

impl From<TimedOut> for Error {
    fn from(_: TimedOut) -> Self {
        Self
    }
}

impl Client {
    pub(crate) async fn get<R: DeserializeOwned>(
        &self,
        url: String,
        token: &str,
    ) -> Result<R, Error> {
        let text = network::send(format!("{}: GET {url} {token}", self.0)).await?;
        serde_json::from_value(serde_json::Value::String(text)).map_err(|_| Error)
    }
}
