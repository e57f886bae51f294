//! What the runtime and a cluster say to each other.

use std::{
    any::Any,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

/// What a leader is told by the cluster.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<V> {
    /// Run the body.
    Run,
    /// Another member ran it.
    Given(V),
}

/// How a body ended.
#[derive(Debug)]
pub enum Ended<'v, V> {
    /// With this.
    Value(&'v V),
    /// With nothing that can be shared.
    Nothing,
}

/// What a leader that waits elsewhere leaves to its successor.
pub struct Note(Box<dyn Any + Send>);

impl Note {
    /// A note that says this.
    pub fn new(what: impl Any + Send) -> Self {
        Self(Box::new(what))
    }

    /// What it says, if it is of this type.
    #[must_use]
    pub fn into<T: Any>(self) -> Option<T> {
        self.0.downcast().ok().map(|what| *what)
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Note")
    }
}

/// Lets no newcomer join the local flight.
pub type Displace = Arc<dyn Fn() + Send + Sync>;

/// One caller's part in a cluster flight. Dropped without `end` or `abandon`: as `abandon` with nobody left.
pub trait Lead<V> {
    /// Whether to run the body, or what it gave elsewhere.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>>;

    /// The body has ended; called before the local flight lands.
    fn end(&mut self, ended: Ended<'_, V>);

    /// The caller goes, its body dropped already, and leaves this to the next leader of the local flight.
    fn abandon(&mut self) -> Option<Note>;

    /// The caller leads now, after another who left this.
    fn succeed(&mut self, note: Option<Note>);

    /// The local flight that this caller leads.
    fn local(&mut self, displace: Displace);
}

/// The leader's borrowed key, told at the join.
pub trait Brief<Q> {
    /// `fresh`: the local flight was opened by `fresh`, or because another was displaced.
    fn brief(&mut self, key: &Q, fresh: bool);
}

/// Where the flights of a group go.
pub trait Across<V> {
    /// A caller's part in one.
    type Lead: Lead<V>;

    /// The part of a call of this function.
    fn lead(&self, function: &'static str) -> Self::Lead;
}
