//! Where a type that can't be part of a key is refused.

use crate::{key::Part, nothing::Nothing};

/// Where a type that can't be part of a key is refused: every [`Part`] is vouched for, as what it
/// is.
///
/// That there are two implementations to choose from, of which one is for no type, has the compiler
/// look whether either holds before it goes on. So a refusal names the type and not what it lacks
/// three traits further down, and the call's type is unknown then, so that nothing else is said.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
    label = "cannot be part of a key",
    note = "derive these for `{Self}`, leave it out with `skip(..)`, or choose the key with `key = ..`"
)]
pub trait Vouch<M> {
    /// `F`
    type Vouched<F>;

    /// Returns `form`.
    fn vouch<F>(form: F) -> Self::Vouched<F>;
}

#[diagnostic::do_not_recommend]
impl<B: Part + ?Sized> Vouch<()> for B {
    type Vouched<F> = F;

    fn vouch<F>(form: F) -> F {
        form
    }
}

#[diagnostic::do_not_recommend]
impl<B: NoPart + ?Sized> Vouch<Nothing> for B {
    type Vouched<F> = F;

    fn vouch<F>(form: F) -> F {
        form
    }
}

/// Not implemented.
pub trait NoPart {}
