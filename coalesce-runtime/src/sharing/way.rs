//! How what a function returns is shared, found by its type: as a clone; else, of a `Result`, the error by a
//! copy or by a [`SharedError`](super::shared_error::SharedError); else not at all.

use std::{fmt, marker::PhantomData, ops::Deref};

use crate::sharing::{
    Share, Value, Whole, cannot_be,
    clone_error::CloneError,
    fallible::cloned_but_err,
    lend::{ByShared, Holder, Itself, Lend},
    refusal::{NoError, NoErrorAcross, NoValue},
};

/// How a function shares what it returns.
pub struct Way<S, V> {
    pub(crate) share: Share<V>,
    sharing: PhantomData<fn() -> S>,
}

impl<S, V> Way<S, V> {
    /// Values are given to one more caller by this function.
    pub fn new(share: Share<V>) -> Self {
        Self {
            share,
            sharing: PhantomData,
        }
    }
}

impl<S, V> fmt::Debug for Way<S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Way")
    }
}

/// Looks, each of which dereferences to the next.
macro_rules! looks {
    ($($(#[$doc:meta])* $look:ident => $next:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $look<V>($next<V>);

        impl<V> $look<V> {
            /// Looks at this type.
            pub const NEW: Self = Self($next::NEW);
        }

        impl<V> Deref for $look<V> {
            type Target = $next<V>;

            fn deref(&self) -> &$next<V> {
                &self.0
            }
        }
    )*};
}

pub(super) use looks;

looks! {
    /// Looks at what a function returns, and finds the best way to share it. The first method that look-up finds
    /// wins, as with [`Probe`](crate::key::argument::Probe).
    ByClone => ByCloneError,
    /// The second look of [`ByClone`].
    ByCloneError => ByHolder,
    /// The third look of [`ByClone`].
    ByHolder => ByItself,
    /// The fourth look of [`ByClone`].
    ByItself => OfNoError,
    /// The fifth look of [`ByClone`]: it is the error that can't be shared.
    OfNoError => OfNoErrorAcross,
    /// The sixth look of [`ByClone`]: it can't even be sent.
    OfNoErrorAcross => OfNoOk,
    /// The seventh look of [`ByClone`]: it is the value.
    OfNoOk => OfNoValue,
}

/// The last look of [`ByClone`].
#[derive(Debug)]
pub struct OfNoValue<V>(PhantomData<fn() -> V>);

impl<V> OfNoValue<V> {
    const NEW: Self = Self(PhantomData);
}

impl<V: Value> ByClone<V> {
    /// A clone.
    pub fn coalesced_way(&self) -> Way<Whole, V> {
        Way::new(V::clone)
    }
}

fn clone_ok<T: Value, E>(result: &Result<T, E>) -> Result<T, E> {
    cloned_but_err(result, |_| cannot_be())
}

impl<T: Value, E: CloneError + Send + Sync + 'static> ByCloneError<Result<T, E>> {
    /// A clone, or a copy of the error.
    pub fn coalesced_way(&self) -> Way<Whole, Result<T, E>> {
        Way::new(|result| cloned_but_err(result, E::clone_error))
    }
}

impl<T: Value, E: Lend<Holder>> ByHolder<Result<T, E>> {
    /// A clone, or what holds the error.
    pub fn coalesced_way(&self) -> Way<ByShared<Holder>, Result<T, E>> {
        Way::new(clone_ok)
    }
}

impl<T: Value, E: Lend<Itself>> ByItself<Result<T, E>> {
    /// A clone, or what is made of the error.
    pub fn coalesced_way(&self) -> Way<ByShared<Itself>, Result<T, E>> {
        Way::new(clone_ok)
    }
}

impl<T: Value, E: Send + Sync + 'static> OfNoError<Result<T, E>> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoError<E> {
        NoError::NEW
    }
}

impl<T: Value, E> OfNoErrorAcross<Result<T, E>> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoErrorAcross<E> {
        NoErrorAcross::NEW
    }
}

impl<T, E> OfNoOk<Result<T, E>> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoValue<T> {
        NoValue::NEW
    }
}

impl<V> OfNoValue<V> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoValue<V> {
        NoValue::NEW
    }
}
