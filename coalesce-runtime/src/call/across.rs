//! The seam at which a flight goes across to other servers: between a caller that leads and its body. What is on
//! the other side (`coalesce-cluster`) implements [`Across`], [`Lead`] and [`Elsewhere`]; a group that is for its
//! process alone is [`Here`], and pays nothing: no instruction, and no byte of a future.
//!
//! 1. A caller joins its flight as ever. If it comes to lead, it leads *elsewhere*: its body is not polled yet. Its
//!    lead is told the key, and whether the flight must be a new one for the other servers too: it is `fresh`, or an
//!    older flight of its key was displaced here. The lead answers with what the flight is to keep of it, its
//!    [`Elsewhere`], for those who come later.
//! 2. The lead is polled. *Run*: the body runs here, and the caller is a leader like any other. *Given*: another
//!    server's body did; the body is dropped unpolled, and the flight lands with that value.
//!    Under `max_wait` it hurries when it has waited for so long, as a follower looks for a newer flight.
//! 3. The body ends, and the lead is told before the flight lands: what the next flight of the key asks comes after.
//! 4. The caller is dropped. By the order of the fields its body goes first, then the lead, which gives back what it
//!    has, then the flight is handed over.
//! 5. A follower that takes over leads elsewhere as well; its key is gone, but its lead is given the flight's
//!    `Elsewhere`. One that opens a newer flight after `max_wait` gives that one what the old flight's makes for it.
//! 6. A newcomer joins a flight only if its `Elsewhere` says that it may: its value may be old, if it is awaited from
//!    a server that was not heard of. If not, the flight makes room for a newer one.
//! 7. `forget` is told to a lead that was told nothing else.
//!
//! Calls that share with nobody don't ask: their lead is told nothing.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

pub use crate::flight::elsewhere::Elsewhere;

/// What a leader is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<V> {
    /// Run its body.
    Run,
    /// Land with this value, of a body that ran elsewhere.
    Given(V),
}

/// How a body ended that ran here.
#[derive(Debug)]
pub enum Ended<'v, V> {
    /// With a value that is shared.
    Value(&'v V),
    /// With none: it panicked, or failed where errors are not shared.
    Nothing,
}

/// The part that one caller has in a flight across servers. It is told a key or a flight's `Elsewhere` if the caller
/// comes to lead, and nothing else. Where it is dropped before [`end`](Self::end), it gives up what it has.
pub trait Lead<V>: Sized {
    /// Whether there are no other servers.
    const HERE: bool = false;

    /// It leads a flight that another led, or that was opened by one that waited for another.
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>);

    /// Whether to run the body.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>>;

    /// It has waited for long enough (`max_wait`): for a newer flight, if there is one, else it is to open one.
    fn hurry(&mut self);

    /// The body has ended, which ran here.
    fn end(&mut self, ended: Ended<'_, V>);
}

/// A lead that can be told such keys.
pub trait Brief<Q> {
    /// It leads a new flight of this key.
    fn brief(&mut self, key: &Q, fresh: bool) -> Arc<dyn Elsewhere>;

    /// The key is to be forgotten everywhere.
    fn forget(&mut self, key: &Q);
}

/// Where the flights of a group go.
pub trait Across<V> {
    /// The part of one caller.
    type Lead: Lead<V>;

    /// That of a caller of this function (a call by hand has the group's name for it) in the user's group of this name,
    /// or in none, `""`. Functions may have one name, and instantiations have: the type of the body, by its own name,
    /// tells them apart (a call by hand has none, `""`).
    fn lead(&self, group: &'static str, function: &'static str, body: &'static str) -> Self::Lead;
}

/// Nowhere: they are this process's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl<V> Across<V> for Here {
    type Lead = Self;

    #[inline(always)]
    fn lead(&self, _: &'static str, _: &'static str, _: &'static str) -> Self {
        Self
    }
}

impl<V> Lead<V> for Here {
    const HERE: bool = true;

    fn succeed(&mut self, _: &Arc<dyn Elsewhere>) {}

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Verdict<V>> {
        Poll::Ready(Verdict::Run)
    }

    fn hurry(&mut self) {}

    #[inline(always)]
    fn end(&mut self, _: Ended<'_, V>) {}
}

impl<Q> Brief<Q> for Here {
    fn brief(&mut self, _: &Q, _: bool) -> Arc<dyn Elsewhere> {
        unreachable!("there are no other servers")
    }

    fn forget(&mut self, _: &Q) {}
}
