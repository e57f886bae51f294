//! What a method returns that `registry = self.calls()` or `group = self.flights()` asks for the place, and where it is
//! refused: what is made, and what is no registry or no such group.
//!
//! As in `key/refusal.rs`, two implementations to choose from have the compiler not take all for references.

use crate::{
    group::{
        Group,
        function::Function,
        home::{Owned, OwnedRegistry},
        owner::{GroupOf, RegistryOf},
        registry::Registry,
    },
    nothing::Nothing,
};

/// Takes references alone: what is returned by value may be a new one with each call, which nobody would share. It
/// stands for what was returned, which the compiler would offer to borrow were it a `Self` here.
#[derive(Debug)]
pub struct Returned;

/// Whether a reference to a registry was returned; `M` is the way there.
#[diagnostic::on_unimplemented(
    message = "`{R}` is no reference to a registry",
    label = "expected a `&coalesced::Registry`",
    note = "have the method return a reference to a field, and not what it makes: `fn calls(&self) -> &coalesced::Registry`"
)]
pub trait IsRegistry<R, M> {
    /// Where its flights go.
    type Across;

    /// Itself.
    fn registry<'r>(returned: R) -> &'r Registry<Self::Across>
    where
        R: 'r;
}

#[diagnostic::do_not_recommend]
impl<'o, M, R: RegistryOf<M>> IsRegistry<&'o R, M> for Returned {
    type Across = R::Across;

    fn registry<'r>(returned: &'o R) -> &'r Registry<R::Across>
    where
        &'o R: 'r,
    {
        RegistryOf::registry(returned)
    }
}

#[diagnostic::do_not_recommend]
impl IsRegistry<Nothing, Nothing> for Returned {
    type Across = Nothing;

    fn registry<'r>(nothing: Nothing) -> &'r Registry<Nothing> {
        match nothing {}
    }
}

/// A registry that a method of an argument returns a reference to.
pub fn accessed_registry<'r, M, R: 'r>(
    returned: R,
    function: &'static Function,
) -> OwnedRegistry<'r, <Returned as IsRegistry<R, M>>::Across>
where
    Returned: IsRegistry<R, M>,
{
    OwnedRegistry(Returned::registry(returned), function)
}

/// The same for a group.
#[diagnostic::on_unimplemented(
    message = "`{G}` is no reference to a group of what this function shares, `{V}`",
    label = "expected a `&coalesced::Group<_, {V}>`",
    note = "have the method return a reference to a field, and not what it makes: `fn flights(&self) -> &coalesced::Group<K, {V}>`",
    note = "a function that returns `Result<T, E>` shares the whole of it, and with `share = ok` the `T`"
)]
pub trait IsGroup<G, V, M> {
    /// Its keys.
    type Key;

    /// Where its flights go.
    type Across;

    /// Itself.
    fn group<'g>(returned: G) -> &'g Group<Self::Key, V, Self::Across>
    where
        G: 'g;
}

#[diagnostic::do_not_recommend]
impl<'o, V, M, G: GroupOf<V, M>> IsGroup<&'o G, V, M> for Returned {
    type Key = G::Key;
    type Across = G::Across;

    fn group<'g>(returned: &'o G) -> &'g Group<G::Key, V, G::Across>
    where
        &'o G: 'g,
    {
        GroupOf::group(returned)
    }
}

#[diagnostic::do_not_recommend]
impl<V> IsGroup<Nothing, V, Nothing> for Returned {
    type Key = Nothing;
    type Across = Nothing;

    fn group<'g>(nothing: Nothing) -> &'g Group<Nothing, V, Nothing> {
        match nothing {}
    }
}

/// A group that was returned: its home.
pub type OwnedBy<'g, G, V, M> =
    Owned<'g, <Returned as IsGroup<G, V, M>>::Key, V, <Returned as IsGroup<G, V, M>>::Across>;

/// A group that a method of an argument returns a reference to.
pub fn accessed_group<'g, V, M, G: 'g>(returned: G) -> OwnedBy<'g, G, V, M>
where
    Returned: IsGroup<G, V, M>,
{
    Owned(Returned::group(returned))
}
