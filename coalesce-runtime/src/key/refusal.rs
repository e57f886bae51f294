//! Where a type that can't be part of a key is refused.

use crate::{key::Part, nothing::Nothing};

/// Traits that vouch for every [`Part`], as what it is.
///
/// That there are two implementations to choose from, of which one is for no type, has the compiler
/// look whether either holds before it goes on. So a refusal names the type and not what it lacks
/// three traits further down, and the call's type is unknown then, so that nothing else is said.
///
/// There is one for each kind of argument, since what is safe to do instead differs.
macro_rules! refusals {
    ($($(#[$says:meta])* $vouch:ident;)*) => {$(
        /// Vouches for parts of a key.
        $(#[$says])*
        pub trait $vouch<M> {
            /// `F`
            type Vouched<F>;

            /// Returns `form`.
            fn vouch<F>(form: F) -> Self::Vouched<F>;
        }

        #[diagnostic::do_not_recommend]
        impl<B: Part + ?Sized> $vouch<()> for B {
            type Vouched<F> = F;

            fn vouch<F>(form: F) -> F {
                form
            }
        }

        #[diagnostic::do_not_recommend]
        impl<B: NoPart + ?Sized> $vouch<Nothing> for B {
            type Vouched<F> = F;

            fn vouch<F>(form: F) -> F {
                form
            }
        }
    )*};
}

refusals! {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "cannot be part of a key",
        note = "if the type is yours, and holds no float, write `#[derive(Clone, PartialEq, Eq, Hash)]` on it",
        note = "else choose what of it tells calls apart, with its name for `it` and each other argument for `..`: `key = (it.id, ..)`; a float by its bits, `it.price.to_bits()`",
        note = "`skip(..)` only what the result does not depend on, as it does on a transaction, and on who asks"
    )]
    Vouch;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "`self` is part of the key, so that two `{Self}` never share",
        note = "in a trait, which has no fields, write `#[coalesce(registry = self.calls())]`, and ask for `fn calls(&self) -> &coalesced::Registry;`; else give it a field `calls: coalesced::Registry`, and write `#[coalesce(registry = self.calls)]`: the registry keeps its calls apart, and `self` is not in the key",
        note = "its clones share it: one that asks as another, with a token, tenant or transaction of its own, needs a `Registry::new()`",
        note = "or put what tells one `{Self}` from another into the key, with each other argument for `..`: `key = (self.tenant, ..)`",
        note = "`skip(self)` only if every `{Self}` gives the same answers, as no tenant's, no test's and no transaction's does"
    )]
    VouchReceiver;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "part of the key, since it may have more that decides the result than what holds the registry",
        note = "put what that is into the key, with each other argument for `..`: `key = (self.tenant, ..)`",
        note = "`skip(..)` only if nothing of it decides the result but what holds the registry: no tenant, no token, no transaction"
    )]
    VouchHandle;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "part of the key, so that two of them never share",
        note = "give it a field `calls: coalesced::Registry`, and write `#[coalesce(registry = app.calls)]`, with its name for `app`; behind a trait, a method `fn calls(&self) -> &coalesced::Registry;`, and `registry = app.calls()`",
        note = "it is not in the key then; a user, a tenant or a token that it holds must be, with each other argument for `..`: `key = (app.user.id, ..)`",
        note = "`skip(..)` only if every one gives the same answers, as no tenant's, no test's and no transaction's does"
    )]
    VouchOwner;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "may lead elsewhere, ask as another, or be in a transaction",
        note = "in a method that has `registry = self.calls`, take it in the body from what `self` holds; else take a struct that owns it, or its pool, beside a registry: `struct App {{ pool: .., calls: coalesced::Registry }}`, as `app: &App`, and write `#[coalesce(registry = app.calls)]`",
        note = "or, if it is never in a transaction, put what tells its data from others' into the key, with each other argument for `..`: `key = (tenant, ..)`",
        note = "`skip(..)` only what all callers have in common, and never what may be in a transaction, whose view would be given to others"
    )]
    VouchConnection;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "may tell who asks",
        note = "put what it decides into the key, with each other argument for `..`: who asks, `key = (user.id, ..)`, or a header, `key = (headers.get(\"accept-language\").cloned(), ..)`",
        note = "`skip(..)` only if everybody is to see the same, with whatever rights and in whatever transaction"
    )]
    VouchAsker;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not known to be `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "cannot be part of a key",
        note = "add the bounds `std::hash::Hash + Eq + Clone + Send + Sync + 'static` to `{Self}`",
        note = "or choose what of it tells calls apart, with each other argument for `..`: `key = (thing.id(), ..)`",
        note = "`skip(..)` only what the result does not depend on, as it does on a transaction, and on who asks"
    )]
    VouchGeneric;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "cannot be part of a key",
        note = "if a field tells it from all others, as an id does, write that, with each other argument for `..`: `key = (user.id, ..)`; of an `Option`, `key = (user.as_ref().map(|user| user.id), ..)`",
        note = "or, if the type is yours, and holds no float, write `#[derive(Clone, PartialEq, Eq, Hash)]` on it: all of it is in the key then",
        note = "`skip(..)` only what the result does not depend on, as it does on a transaction, and on who asks"
    )]
    VouchRow;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "cannot be part of a key, but what is in it may",
        note = "bind what is in it: `Path(id): Path<u64>`, `Query(page): Query<Page>`",
        note = "if the type of that is yours, and holds no float, write `#[derive(Clone, PartialEq, Eq, Hash)]` on it"
    )]
    VouchExtractor;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
        label = "part of the key, by which servers share",
        note = "write the whole key, with what tells its data from others' in all servers: `key = (self.tenant, ..)`, with its name for `self`, and each other argument for `..`",
        note = "`skip(..)` only if every `{Self}`, in every server, gives the same answers, as no tenant's, no test's and no transaction's does",
        note = "a registry in it, `registry = self.calls`, is this process's alone; servers share one that is made by `Registry::new().across(SHOP.functions())`, which takes the place of `cluster`, and they need such a key as well"
    )]
    VouchInCluster;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be part of a key, because it has no order to be hashed in",
        label = "cannot be part of a key",
        note = "take a `BTreeMap` or a `BTreeSet`, or make one for the key, with its name for `map` and each other argument for `..`: `key = (map.clone().into_iter().collect::<std::collections::BTreeMap<_, _>>(), ..)`",
        note = "`skip(..)` only what the result does not depend on"
    )]
    VouchUnordered;
}

/// Not implemented.
pub trait NoPart {}

/// Vouches for keys of a group: for the type of its keys alone. Two implementations as with [`Vouch`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of this group, whose keys are `{K}`",
    label = "expected a `Group<{Self}, _>`",
    note = "make it a `coalesced::Group<{Self}, _>`, or write `registry = ..`, whose place is a `coalesced::Registry`, one for all types",
    note = "the key is every argument, `self` included, that is neither skipped nor holds the group: or choose a `{K}` by `key = ..`"
)]
pub trait KeyIn<K, M> {
    /// `F`
    type Vouched<F>;

    /// Returns `home`.
    fn vouch<F>(home: F) -> Self::Vouched<F>;
}

#[diagnostic::do_not_recommend]
impl<K, Q: Same<K>> KeyIn<K, ()> for Q {
    type Vouched<F> = F;

    fn vouch<F>(home: F) -> F {
        home
    }
}

#[diagnostic::do_not_recommend]
impl<K, Q: NoPart> KeyIn<K, Nothing> for Q {
    type Vouched<F> = F;

    fn vouch<F>(home: F) -> F {
        home
    }
}

/// The same type.
pub trait Same<T> {}

impl<T> Same<T> for T {}
