//! What a call returns, as far as it is of the value's own type.

use std::{
    mem,
    panic::resume_unwind,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    call::across::{Elsewhere, Ended, Lead, Verdict},
    flight::{
        landing::collect,
        lazy::LazyFlight,
        outcome::{Outcome, Shared},
        pair::LandingShare,
    },
    panic::caught,
    sharing::{Kept, Share, Sharing, fallible::is_err},
};

/// How a poll of a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Pending,
    /// With a value that is shared, which may be an error.
    Value {
        is_err: bool,
    },
    /// With an error that is its caller's alone.
    Apart,
}

/// What a call of any type returns.
pub(crate) trait Return {
    /// How the body ended.
    fn ran(&self) -> Ran;

    /// What the flight keeps of what is shared, which is taken out.
    fn kept(&mut self) -> Kept;

    /// What the flight keeps in place of an error that is the caller's own, if that can be.
    fn copy(&self) -> Option<Kept>;

    /// Takes a share of what a flight has landed with.
    fn collect(&mut self, landing: LandingShare);

    /// Nobody will have it.
    fn discard(&mut self);

    /// Tells the lead that the body has ended.
    fn tell(&mut self);

    /// Tells the lead that it leads the flight that has this elsewhere.
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>);

    /// Asks the lead whether to run the body, in a hurry or not; whether there is a value already, of another's.
    fn ask(&mut self, is_hasty: bool, cx: &mut Context<'_>) -> Poll<bool>;
}

/// The place for what a call returns.
pub(super) struct Returned<'c, S: Sharing<V>, V, L> {
    pub(super) output: &'c mut Poll<S::Output>,
    pub(super) share: Share<V>,
    pub(super) lead: &'c mut L,
}

impl<S: Sharing<V>, V, L: Lead<V>> Returned<'_, S, V, L> {
    /// The body has ended, and has been dropped.
    #[inline]
    pub(super) fn end(&mut self) -> Ran {
        self.tell();
        self.ran()
    }

    /// The value that is shared, which is taken out.
    fn take(&mut self) -> Option<V> {
        match mem::replace(self.output, Poll::Pending) {
            Poll::Ready(output) => match S::split(output) {
                Ok(value) => Some(value),
                Err(output) => {
                    *self.output = Poll::Ready(output);
                    None
                }
            },
            Poll::Pending => None,
        }
    }

    fn put(&mut self, value: V) {
        self.keep(Poll::Ready(S::join(value)));
    }

    /// Keeps this, where nothing is kept; whether it is something.
    #[inline]
    pub(super) fn keep(&mut self, output: Poll<S::Output>) -> bool {
        // Nothing is to be dropped, and nothing is said to be.
        mem::forget(mem::replace(self.output, output));
        self.output.is_ready()
    }
}

impl<S: Sharing<V>, V, L: Lead<V>> Return for Returned<'_, S, V, L> {
    #[inline]
    fn ran(&self) -> Ran {
        match &*self.output {
            Poll::Pending => Ran::Pending,
            Poll::Ready(output) if S::is_shared(output) => Ran::Value {
                is_err: is_err(output),
            },
            Poll::Ready(_) => Ran::Apart,
        }
    }

    fn kept(&mut self) -> Kept {
        match mem::replace(self.output, Poll::Pending) {
            Poll::Ready(output) => S::keep(output),
            Poll::Pending => unreachable!("what is shared is there"),
        }
    }

    fn copy(&self) -> Option<Kept> {
        match &*self.output {
            Poll::Ready(output) => S::copy(output, self.share),
            Poll::Pending => None,
        }
    }

    fn collect(&mut self, landing: LandingShare) {
        self.put(collect::<S, V>(landing, self.share));
    }

    fn discard(&mut self) {
        drop(mem::replace(self.output, Poll::Pending));
    }

    #[inline]
    fn tell(&mut self) {
        if L::HERE {
            return;
        }
        match self.take() {
            Some(value) => {
                self.lead.end(Ended::Value(&value));
                self.put(value);
            }
            None => self.lead.end(Ended::Nothing),
        }
    }

    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        self.lead.succeed(of);
    }

    fn ask(&mut self, is_hasty: bool, cx: &mut Context<'_>) -> Poll<bool> {
        if L::HERE {
            unreachable!("there are no other servers");
        }
        if is_hasty {
            self.lead.hurry();
        }
        match ready!(self.lead.poll(cx)) {
            Verdict::Run => Poll::Ready(false),
            Verdict::Given(value) => {
                self.put(value);
                Poll::Ready(true)
            }
        }
    }
}

/// Gives what the body returned to the followers of its flight, and takes a share of it. An error is the caller's own,
/// where it can be, and not a copy of it, which may lose something (`clone_err`).
pub(super) fn publish(returned: &mut dyn Return, flight: LazyFlight) {
    if let Ran::Value { is_err: true } = returned.ran() {
        let mut copy = None;
        if let Err(panic) = caught(&mut || copy = returned.copy()) {
            // The others have the error itself.
            land(flight, returned.kept());
            resume_unwind(panic);
        }
        if let Some(copy) = copy {
            land(flight, copy);
            return;
        }
    }
    let landing = land(flight, returned.kept());
    returned.collect(landing);
}

fn land(flight: LazyFlight, value: Kept) -> LandingShare {
    flight.publish(Outcome::Value(Shared::new(value)))
}
