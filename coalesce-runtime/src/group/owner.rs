//! What `registry = ..` and `group = ..` name, and where it is refused: what is no registry, and a group of other
//! values or keys than the function's.

use std::{marker::PhantomData, ops::Deref};

use crate::{
    group::{
        Group,
        function::Function,
        home::{Owned, OwnedRegistry, Static, StaticRegistry},
        registry::Registry,
    },
    key::{Owning, refusal::KeyIn},
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

/// A registry, or what derefs to one; `M` is as with [`GroupOf`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no registry",
    label = "expected a `coalesced::Registry`",
    note = "make it a `coalesced::Registry`, one for all functions of its owner; a `coalesced::Group` is named by `group = ..`"
)]
pub trait RegistryOf<M> {
    /// Where its flights go.
    type Across;

    /// Itself.
    fn registry(&self) -> &Registry<Self::Across>;
}

#[diagnostic::do_not_recommend]
impl<A> RegistryOf<()> for Registry<A> {
    type Across = A;

    fn registry(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<N, P: Deref<Target: RegistryOf<N>>> RegistryOf<Behind<N>> for P {
    type Across = <P::Target as RegistryOf<N>>::Across;

    fn registry(&self) -> &Registry<Self::Across> {
        (**self).registry()
    }
}

/// A cluster of servers, which lives for ever. What it is, its own crate says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no cluster",
    label = "expected a `coalesced::cluster::Cluster`",
    note = "make it a `static SHOP: Cluster = Cluster::new(\"shop\")`, or a field that is a `&'static Cluster`"
)]
pub trait ClusterOf {
    /// Its type.
    type Cluster: 'static;

    /// Itself.
    fn cluster(self) -> &'static Self::Cluster;
}

/// The cluster that `cluster = ..` names.
pub fn cluster<C: ClusterOf>(place: C) -> &'static C::Cluster {
    place.cluster()
}

/// The way through a pointer.
#[derive(Debug)]
pub struct Behind<M>(PhantomData<M>);

/// A group that lives for ever. The compiler shows the bound where it refuses a constant.
pub fn static_group<'a_static_not_a_const, V, M, G: GroupOf<V, M>>(
    group: &'a_static_not_a_const G,
) -> Static<G::Key, V, G::Across>
where
    'a_static_not_a_const: 'static,
{
    Static(group.group())
}

/// A group that an argument owns.
pub fn owned_group<V, M, G: GroupOf<V, M>>(group: &G) -> Owned<'_, G::Key, V, G::Across> {
    Owned(group.group())
}

/// A registry that lives for ever, and what the attribute says of the function. The compiler shows the bound where it
/// refuses a constant.
pub fn static_registry<'a_static_not_a_const, M, R: RegistryOf<M>>(
    registry: &'a_static_not_a_const R,
    function: &'static Function,
) -> StaticRegistry<R::Across>
where
    'a_static_not_a_const: 'static,
{
    StaticRegistry(registry.registry(), function)
}

/// A registry that an argument owns, and what the attribute says of the function.
pub fn owned_registry<'r, M, R: RegistryOf<M>>(
    registry: &'r R,
    function: &'static Function,
) -> OwnedRegistry<'r, R::Across> {
    OwnedRegistry(registry.registry(), function)
}

/// A home of keys of one type.
pub trait HasKey {
    /// Their type.
    type Key;
}

impl<K, V, A> HasKey for Static<K, V, A> {
    type Key = K;
}

impl<K, V, A> HasKey for Owned<'_, K, V, A> {
    type Key = K;
}

/// The group, if this is a key of it.
pub fn keyed<H, Q, M>(home: H, _: &Q) -> <Q::Owned as KeyIn<H::Key, M>>::Vouched<H>
where
    H: HasKey,
    Q: Owning,
    Q::Owned: KeyIn<H::Key, M>,
{
    Q::Owned::vouch(home)
}
