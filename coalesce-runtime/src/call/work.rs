//! What a caller runs, as far as it is of the body's own type: little, since there is one of it for each function.

use std::{future::Future, pin::Pin, task::Context};

use crate::{
    call::across::Lead,
    call::returned::{Ran, Return, Returned},
    sharing::Sharing,
};

/// A body of any type.
pub(crate) trait Work {
    /// Polls the body. If that was its end, it is dropped, and what it returned is kept, first of all: what it holds is
    /// free before the next flight can open.
    fn run(&mut self, cx: &mut Context<'_>) -> Ran;

    /// Drops the body.
    fn stop(&mut self);

    /// What it returned.
    fn returned(&mut self) -> &mut dyn Return;
}

/// A body, and the place for what it returns.
pub(super) struct Running<'c, S: Sharing<V>, V, F, L> {
    pub(super) body: Pin<&'c mut Option<F>>,
    pub(super) returned: Returned<'c, S, V, L>,
}

impl<S, V, F, L> Work for Running<'_, S, V, F, L>
where
    S: Sharing<V>,
    F: Future<Output = S::Output>,
    L: Lead<V>,
{
    fn run(&mut self, cx: &mut Context<'_>) -> Ran {
        let Some(body) = self.body.as_mut().as_pin_mut() else {
            unreachable!("a leader has a body until it lands")
        };
        self.returned.keep(body.poll(cx));
        if self.returned.output.is_pending() {
            return Ran::Pending;
        }
        self.body.set(None);
        self.returned.end()
    }

    fn stop(&mut self) {
        self.body.set(None);
    }

    fn returned(&mut self) -> &mut dyn Return {
        &mut self.returned
    }
}
