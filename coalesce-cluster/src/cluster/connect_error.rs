//! Why a process does not become a member.

use std::{error::Error, fmt, io};

/// Why [`Cluster::connect`](crate::Cluster::connect) failed: something to be put right in the program.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// This name is empty, or has too many bytes, of which 200 are allowed.
    Name(&'static str, usize),
    /// The lease is zero, or longer than a day.
    Lease,
    /// The process is connected to this place already, or with another namespace or secret.
    Elsewhere(String),
    /// There is no thread, or no way to wait for the network, to be had.
    Thread(io::Error),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(what, 0) => write!(f, "{what} has an empty name"),
            Self::Name(what, bytes) => {
                write!(f, "{what} has a name of {bytes} bytes; 200 are allowed")
            }
            Self::Lease => f.write_str("a lease is longer than zero, and no longer than a day"),
            Self::Elsewhere(place) => write!(
                f,
                "the cluster is connected to {place} already, or with another namespace or secret; `close` it first"
            ),
            Self::Thread(_) => f.write_str("the member of the cluster can't be started"),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        Self::Thread(error)
    }
}
