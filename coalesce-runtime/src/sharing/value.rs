//! Where a value that can't be shared is refused: what can be shared instead depends on what it is, which an
//! expansion reads off the words of its type. What can be shared is [`Fine`](super::refusal::Fine), or, of a type
//! without a name (`unnamed`), a [`Value`] itself.

use crate::{
    nothing::Nothing,
    sharing::{
        Value,
        refusal::{Found, NotRefused, Refused, refused},
        unnamed::Unnamed,
    },
};

macro_rules! vouches {
    ($($(#[$says:meta])* $vouch:ident;)*) => {$(
        $(#[$says])*
        pub trait $vouch<M> {
            /// `F`
            type Vouched<F>;

            /// Returns `found`.
            fn vouch<F>(found: F) -> Self::Vouched<F>;
        }

        refused!($vouch);

        #[diagnostic::do_not_recommend]
        impl<V: Value> $vouch<Unnamed> for V {
            type Vouched<F> = F;

            fn vouch<F>(found: F) -> F {
                found
            }
        }
    )*};
}

vouches! {
    /// Where a value is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "derive `Clone`, or return an `Arc<_>`"
    )]
    VouchValue;

    /// Where a value of a plain `fn` is refused, which may be a future by another name.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "derive `Clone`, or return an `Arc<_>`",
        note = "if it is a future, write an `async fn`"
    )]
    VouchPlain;

    /// Where a response is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a response can be sent, or read, once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what it is made of, or what is read from it: put `#[coalesce]` on the function that fetches that, and make each caller's response of it",
        note = "or put a layer in front of the handler, whose callers share whole responses: `coalesced::tower::HttpCoalesceLayer`"
    )]
    VouchResponse;

    /// Where what makes a response of a value is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "derive `Clone` on what is in it",
        note = "or, if that is `Clone` and this is not, as actix's `Json`, put `#[coalesce]` on the function that fetches what is in it"
    )]
    VouchWrapped;

    /// Where a stream is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a stream can be read once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what is in it: collect it in the body, and return an `Arc<[_]>`"
    )]
    VouchStream;

    /// Where a value of a type that callers choose is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not known to be `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "add the bounds `Clone + Send + Sync + 'static` to what is generic in `{Self}`"
    )]
    VouchBounded;

    /// Where a value of one thread is refused.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because they may be on other threads",
        label = "not `Clone + Send + Sync + 'static`",
        note = "return an `Arc<_>` in place of an `Rc<_>`, and a `Mutex<_>` in place of a `RefCell<_>`"
    )]
    VouchLocal;
}

/// What was found, if no value stands against it.
pub fn value<W, M>(found: W) -> <W::Value as VouchValue<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchValue<M>,
{
    <W::Value as VouchValue<M>>::vouch(found)
}

/// The same for a plain `fn`.
pub fn plain<W, M>(found: W) -> <W::Value as VouchPlain<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchPlain<M>,
{
    <W::Value as VouchPlain<M>>::vouch(found)
}

/// The same for what may be a response.
pub fn response<W, M>(found: W) -> <W::Value as VouchResponse<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchResponse<M>,
{
    <W::Value as VouchResponse<M>>::vouch(found)
}

/// The same for what makes a response of a value.
pub fn wrapped<W, M>(found: W) -> <W::Value as VouchWrapped<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchWrapped<M>,
{
    <W::Value as VouchWrapped<M>>::vouch(found)
}

/// The same for what may be a stream.
pub fn stream<W, M>(found: W) -> <W::Value as VouchStream<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchStream<M>,
{
    <W::Value as VouchStream<M>>::vouch(found)
}

/// The same for a type that callers choose.
pub fn bounded<W, M>(found: W) -> <W::Value as VouchBounded<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchBounded<M>,
{
    <W::Value as VouchBounded<M>>::vouch(found)
}

/// The same for what belongs to one thread.
pub fn local<W, M>(found: W) -> <W::Value as VouchLocal<M>>::Vouched<W>
where
    W: Found,
    W::Value: VouchLocal<M>,
{
    <W::Value as VouchLocal<M>>::vouch(found)
}
