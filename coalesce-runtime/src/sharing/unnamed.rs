//! Where a value that can't be shared is refused whose type has no name, as `impl Stream` has none: it is known by the
//! body alone. What can be shared instead depends on what it is, as with `value`.

use crate::{
    nothing::Nothing,
    sharing::{Value, refusal::Refused},
};

macro_rules! unnamed {
    ($($(#[$says:meta])* $vouch:ident;)*) => {$(
        /// Vouches for bodies that return a [`Value`]. Two implementations as in `refusal`.
        $(#[$says])*
        pub trait $vouch<M> {
            /// `F`
            type Vouched<F>;

            /// Returns `body`.
            fn vouch<F>(body: F) -> Self::Vouched<F>;
        }

        #[diagnostic::do_not_recommend]
        impl<V: Value> $vouch<()> for V {
            type Vouched<F> = F;

            fn vouch<F>(body: F) -> F {
                body
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: Refused> $vouch<Nothing> for V {
            type Vouched<F> = F;

            fn vouch<F>(body: F) -> F {
                body
            }
        }
    )*};
}

unnamed! {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
        label = "not `Clone + Send + Sync + 'static`",
        note = "derive `Clone`, or return an `Arc<_>`"
    )]
    UnnamedValue;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a response can be sent once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what it is made of: put `#[coalesce]` on the function that fetches that, and make each caller's response of it",
        note = "or put a layer in front of the handler, whose callers share whole responses: `coalesced::tower::HttpCoalesceLayer`"
    )]
    UnnamedResponse;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be shared by the callers, because a stream can be read once",
        label = "not `Clone + Send + Sync + 'static`",
        note = "share what is in it: collect it in the body, and return an `Arc<[_]>`"
    )]
    UnnamedStream;
}

/// The body, if what it returns can be shared.
pub fn unnamed_value<F, V, M>(body: F) -> <V as UnnamedValue<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: UnnamedValue<M>,
{
    V::vouch(body)
}

/// The same for what may be a response.
pub fn unnamed_response<F, V, M>(body: F) -> <V as UnnamedResponse<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: UnnamedResponse<M>,
{
    V::vouch(body)
}

/// The same for what may be a stream.
pub fn unnamed_stream<F, V, M>(body: F) -> <V as UnnamedStream<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: UnnamedStream<M>,
{
    V::vouch(body)
}

/// The same for a plain `fn`.
pub fn unnamed_blocking<F, V, M>(body: F) -> <V as UnnamedValue<M>>::Vouched<F>
where
    F: FnOnce() -> V,
    V: UnnamedValue<M>,
{
    V::vouch(body)
}
