//! What a test has go wrong.

use std::time::Duration;

/// What becomes of a message or an operation, as [`Memory::on_operation`](crate::Memory::on_operation) says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong.
    #[default]
    None,
    /// It does not arrive, and neither does an answer.
    Lose,
    /// A message arrives twice. An operation does so once.
    Twice,
    /// It takes this long, and so does what comes behind it.
    Delay(Duration),
    /// It takes this long, and what comes behind it arrives before it.
    Overtaken(Duration),
    /// An operation arrives at once, and its answer takes this long. A message arrives at once.
    Answer(Duration),
    /// An operation is answered by an error, and has no effect. A message is lost.
    Fail,
}

/// What a member asks of [`Memory`](super::Memory).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// To connect.
    Connect,
    /// For the lease, or to wait.
    Begin,
    /// To end a flight.
    End,
    /// For a value that is kept.
    Fetch,
    /// To prolong a lease.
    Renew,
    /// To let no newcomer join a flight.
    Forget,
    /// To send a heartbeat.
    Beat,
}

/// What comes to an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Message {
    /// A value.
    Value,
    /// That a flight has nothing to share.
    Nothing,
    /// That a flight was abandoned.
    Abandoned,
    /// That a flight was displaced.
    Displaced,
    /// A heartbeat.
    Beat,
}
