//! Where a group of other values than a function shares is refused.

use std::{marker::PhantomData, ops::Deref};

use crate::group::{
    Group,
    home::{Owned, Static},
};

/// A group of such values, or what derefs to one: an `Arc`, a `LazyLock`.
///
/// `M` is the way there. It is for the compiler to find, so that it knows no type of what is refused, and says
/// nothing else of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of what this function shares, `{V}`",
    label = "expected a `Group<_, {V}>`",
    note = "make it a `coalesced::Group<K, {V}>`, or write `registry = ..`, whose place is a `coalesced::Registry`, one for all types",
    note = "a function that returns `Result<T, E>` shares the whole of it, and with `share = ok` the `T`"
)]
pub trait GroupOf<V, M> {
    /// Its keys.
    type Key;

    /// Where its flights go.
    type Across;

    /// Itself.
    fn group(&self) -> &Group<Self::Key, V, Self::Across>;
}

#[diagnostic::do_not_recommend]
impl<K, V, A> GroupOf<V, ()> for Group<K, V, A> {
    type Key = K;
    type Across = A;

    fn group(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V, N, P: Deref<Target: GroupOf<V, N>>> GroupOf<V, Behind<N>> for P {
    type Key = <P::Target as GroupOf<V, N>>::Key;
    type Across = <P::Target as GroupOf<V, N>>::Across;

    fn group(&self) -> &Group<Self::Key, V, Self::Across> {
        (**self).group()
    }
}

/// The way through a pointer.
#[derive(Debug)]
pub struct Behind<M>(PhantomData<M>);

/// A group that lives for ever.
pub fn static_group<V, M, G: GroupOf<V, M>>(group: &'static G) -> Static<G::Key, V, G::Across> {
    Static(group.group())
}

/// A group that an argument owns.
pub fn owned_group<V, M, G: GroupOf<V, M>>(group: &G) -> Owned<'_, G::Key, V, G::Across> {
    Owned(group.group())
}
