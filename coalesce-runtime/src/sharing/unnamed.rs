//! Where a value that can't be shared is refused whose type has no name, as `impl Stream` has none: it is known by the
//! body alone.

use crate::sharing::value::{VouchResponse, VouchStream, VouchValue};

/// Marks what vouches for a value itself.
#[derive(Debug)]
pub enum Unnamed {}

/// The body, if what it returns can be shared.
pub fn unnamed_value<F, V, M>(body: F) -> <V as VouchValue<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: VouchValue<M>,
{
    V::vouch(body)
}

/// The same for what may be a response.
pub fn unnamed_response<F, V, M>(body: F) -> <V as VouchResponse<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: VouchResponse<M>,
{
    V::vouch(body)
}

/// The same for what may be a stream.
pub fn unnamed_stream<F, V, M>(body: F) -> <V as VouchStream<M>>::Vouched<F>
where
    F: Future<Output = V>,
    V: VouchStream<M>,
{
    V::vouch(body)
}

/// The same for a plain `fn`.
pub fn unnamed_blocking<F, V, M>(body: F) -> <V as VouchValue<M>>::Vouched<F>
where
    F: FnOnce() -> V,
    V: VouchValue<M>,
{
    V::vouch(body)
}
