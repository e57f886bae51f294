//! What a caller runs, as far as it is of the body's own type: little, since there is one of it for each function.

use std::{future::Future, pin::Pin, task::Context};

use crate::{
    call::across::Lead,
    call::returned::{Ran, Return, Returned},
    flight::pair::LandingShare,
    sharing::Sharing,
};

/// A body of any type.
pub(crate) trait Work {
    /// Polls the body. If that was its end, it is dropped, and what it returned is kept, first of all: what it holds is
    /// free before the next flight can open.
    fn run(&mut self, cx: &mut Context<'_>) -> Ran;

    /// Drops the body.
    fn stop(&mut self);

    /// Takes a share of what the flight that it followed has landed with.
    fn collect(&mut self, landing: LandingShare);

    /// What it returned.
    fn returned(&mut self) -> &mut dyn Return;
}

/// A body, which is pinned, and the place for what it returns.
pub(super) struct Running<'c, S: Sharing<V>, V, F, L> {
    pub(super) body: &'c mut Option<F>,
    pub(super) returned: Returned<'c, S, V, L>,
}

impl<S, V, F, L> Work for Running<'_, S, V, F, L>
where
    S: Sharing<V>,
    F: Future<Output = S::Output>,
    L: Lead<V>,
{
    fn run(&mut self, cx: &mut Context<'_>) -> Ran {
        let Some(body) = self.body else {
            no_body();
        };
        // SAFETY: it is pinned, and nobody here moves it: it stays where it is until it is dropped.
        let polled = unsafe { Pin::new_unchecked(body) }.poll(cx);
        if self.returned.keep(polled) {
            self.stop();
            self.returned.end()
        } else {
            Ran::Pending
        }
    }

    fn stop(&mut self) {
        *self.body = None;
    }

    fn collect(&mut self, landing: LandingShare) {
        self.returned.collect(landing);
    }

    fn returned(&mut self) -> &mut dyn Return {
        &mut self.returned
    }
}

#[cold]
fn no_body() -> ! {
    unreachable!("a leader has a body until it lands")
}
