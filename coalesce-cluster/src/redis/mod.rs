//! Redis, or Valkey, as the engine.
//!
//! The keys of one flight share a slot; h is its [`Digest`](crate::engine::Digest), in hexadecimal digits:
//!
//! - `cz:{h}` is the lease: token and inbox of its leader. It expires.
//! - `cz:{h}:w:<token>` is the set of the inboxes that wait for that flight; it expires with its lease, and is the
//!   sign of life of a flight that was displaced.
//! - `cz:{h}:r:<token>` is its frame, for who missed the message.
//! - `cz:{h}:x:<token>` says that it was ended before its `begin` was answered.
//! - `cz:in:<member>` is the channel that is a member's inbox.

mod client;
#[cfg(feature = "redis-tls")]
mod cryptography;
mod open;
mod operation;
mod scripts;
mod trouble;

use std::{error::Error, fmt};

use redis::{ConnectionInfo, IntoConnectionInfo};

pub use self::client::Client;
use crate::engine::{Place, Space};

/// A Redis server, from 6.2, or a Valkey server, as the engine.
///
/// Who can write to it can give values to every member: keep it among servers you trust, or give all members a
/// [`secret`](Self::secret).
///
/// The least rights that a user needs there, for the usual prefix:
///
/// ```text
/// ~cz:* &cz:in:* -@all +evalsha +script|load +get +set +del +exists +sadd +smembers +sismember +pexpire +pttl
/// +publish +subscribe +ping +hello +client|setname
/// ```
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use coalesced::cluster::{Cluster, Redis};
///
/// static SHOP: Cluster = Cluster::new("shop");
///
/// SHOP.connect(Redis::at("redis://10.0.0.5")?.namespace("prod"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Redis {
    info: ConnectionInfo,
    prefix: String,
    space: Space,
}

impl Redis {
    /// The server with this URL: `redis://[user:password@]host[:port][/database][?protocol=resp3]`,
    /// `rediss://..` for TLS (feature `redis-tls`: by rustls, the certificates of the system, and the process's
    /// `CryptoProvider`, or *ring*'s if none is installed), or `redis+unix:///path`. Nothing is sent before
    /// [`Cluster::connect`](crate::Cluster::connect).
    ///
    /// # Errors
    ///
    /// If it is no such URL.
    pub fn at(url: &str) -> Result<Self, UrlError> {
        if cfg!(not(feature = "redis-tls")) && url.starts_with("rediss:") {
            return Err(UrlError("TLS needs the feature `redis-tls`".into()));
        }
        let info = url
            .into_connection_info()
            .map_err(|error| UrlError(error.to_string()))?;
        if !info.addr().is_supported() {
            return Err(UrlError("this system has no such sockets".into()));
        }
        // A call that is held back until the one before is acknowledged waits 40 ms.
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(Self {
            info: info.set_tcp_settings(tcp),
            prefix: "cz:".into(),
            space: Space::default(),
        })
    }

    /// Members of other namespaces are never met: `default`.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.space.namespace = name.into();
        self
    }

    /// Members who don't know it can neither be met, nor give values, nor learn what is asked for: keys are
    /// hashed with it, and values tagged. Values can still be read by who can read the server.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.space.secret = Some(secret.into());
        self
    }

    /// What the keys and channels on the server start with: `cz:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

impl Place for Redis {
    type Engine = Client;

    fn name(&self) -> String {
        let (address, database) = (self.info.addr(), self.info.redis_settings().db());
        format!(
            "redis {address}, database {database}, prefix {}",
            self.prefix
        )
    }

    fn space(&self) -> &Space {
        &self.space
    }

    fn engine(self, member: u64) -> Client {
        Client::new(self.info, &self.prefix, member)
    }
}

impl fmt::Debug for Redis {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.info.addr().to_string())
            .field("prefix", &self.prefix)
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

/// What is wrong with the URL of a [`Redis`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(String);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no URL of a Redis: {}; expected one like `redis://10.0.0.5:6379`",
            self.0
        )
    }
}

impl Error for UrlError {}
