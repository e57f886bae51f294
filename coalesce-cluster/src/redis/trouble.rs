//! What an error of the server means: is it away, does it not work now, or is it no use?

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::engine::Event;

/// Why the server can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The connection is lost, or can't be made.
    Down(String),
    /// It works again by itself, perhaps.
    Failed(String),
    /// Somebody has to change something.
    Refused(String),
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        use ServerErrorKind::{Ask, ClusterDown, CrossSlot, Moved, NoPerm};
        let said = error.to_string();
        // Inside a script a missing right has no code of its own.
        let rights = [
            "ACL failure",
            "The user executing the script can't",
            "NOPERM",
        ];
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS" | "NOAUTH")) => {
                Self::Refused(format!("the user or the password is wrong: {said}"))
            }
            (ErrorKind::Server(NoPerm), _) => {
                Self::Refused(format!("the user lacks a right: {said}"))
            }
            _ if rights.iter().any(|sign| said.contains(sign)) => {
                Self::Refused(format!("the user lacks a right: {said}"))
            }
            (ErrorKind::Server(Moved | Ask | ClusterDown | CrossSlot), _) => {
                Self::Refused(format!("a Redis Cluster can't be used: {said}"))
            }
            (ErrorKind::InvalidClientConfig, _) => Self::Refused(said),
            _ if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() => {
                Self::Down(said)
            }
            _ => Self::Failed(said),
        }
    }
}

impl From<Trouble> for Event {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Down(why) => Self::Down(why),
            Trouble::Failed(why) => Self::Failed(why),
            Trouble::Refused(why) => Self::Refused(why),
        }
    }
}
