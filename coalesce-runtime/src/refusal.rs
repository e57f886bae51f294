//! Where values are refused that callers cannot share: what can be shared instead depends on what they are, which
//! an expansion reads off the words of the type.

use crate::sharing::Value;

macro_rules! refusals {
    ($($(#[$says:meta])* $value:ident;)*) => {$(
        /// A [`Value`], refused in words of its own.
        $(#[$says])*
        pub trait $value: Clone + Send + Sync + 'static {}

        #[diagnostic::do_not_recommend]
        impl<V: Value> $value for V {}
    )*};
}

refusals! {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a response can be sent once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what it is made of: put `#[coalesce]` on the function that fetches that, and make each caller's response of it",
        note = "or put a layer in front of the handler, whose callers share whole responses: `coalesced::tower::HttpCoalesceLayer`"
    )]
    Response;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a stream can be read once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what is in it: collect it in the body, and return an `Arc<[_]>`",
    )]
    Stream;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not known to be `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "add the bounds `Clone + Send + Sync + 'static` to what is generic in `{Self}`, or return an `Arc<_>` of it, which needs no `Clone`"
    )]
    Generic;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because they may be on other threads",
        label = "not `Clone + Send + Sync + 'static`",
        note = "return an `Arc<_>` in place of an `Rc<_>`, and a `Mutex<_>` in place of a `RefCell<_>`"
    )]
    Local;
}

/// How a value is shared that may be a response.
pub fn cloned_response<V: Response>(value: &V) -> V {
    value.clone()
}

/// How a value is shared that may be a stream.
pub fn cloned_stream<V: Stream>(value: &V) -> V {
    value.clone()
}

/// How a value is shared whose type callers choose.
pub fn cloned_generic<V: Generic>(value: &V) -> V {
    value.clone()
}

/// How a value is shared that may belong to one thread.
pub fn cloned_local<V: Local>(value: &V) -> V {
    value.clone()
}
