//! How an automatic key is made of an argument: what the argument borrows, else a copy of it, else
//! itself.

use std::{borrow::Cow, marker::PhantomData, ops::Deref};

use crate::key::{Copied, carry::Lent};

/// Looks at a variable that is part of a key, and finds the best way to take it: what it borrows,
/// else a copy, else itself.
///
/// The first method that look-up finds wins, and each dereference leads to one that takes more. They are
/// on types of their own, so that for a type that is not known, by another mistake, the first is taken
/// without a word.
#[derive(Debug)]
pub struct Probe<'a, T, S>(ProbeOption<'a, T, S>);

/// The second look of [`Probe`].
#[derive(Debug)]
pub struct ProbeOption<'a, T, S>(ProbeCow<'a, T>, PhantomData<S>);

/// The third look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCow<'a, T>(ProbeCopy<'a, T>);

/// The fourth look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCopy<'a, T>(ProbeAny<'a, T>);

/// The last look of [`Probe`].
#[derive(Debug)]
pub struct ProbeAny<'a, T>(&'a T);

/// How long lasts what a reference refers to.
pub trait Span {
    /// How such a part is taken.
    type Of<F: Found>: Found;

    /// The part.
    fn of<F: Found>(found: F) -> Self::Of<F>;
}

/// As long as the function's own arguments.
#[derive(Debug)]
pub struct Own;

impl Span for Own {
    type Of<F: Found> = F;

    fn of<F: Found>(found: F) -> F {
        found
    }
}

/// Longer, since an argument refers to it.
#[derive(Debug)]
pub struct Theirs;

impl Span for Theirs {
    type Of<F: Found> = Lent<F>;

    fn of<F: Found>(found: F) -> Lent<F> {
        Lent(found)
    }
}

impl<'a, T> Probe<'a, T, Theirs> {
    /// Looks at this argument.
    pub fn new(argument: &'a T) -> Self {
        Self(ProbeOption::new(argument))
    }
}

impl<'a, T> Probe<'a, T, Own> {
    /// Looks at what an expression makes of the arguments.
    pub fn made(of: &'a T) -> Self {
        Self(ProbeOption::new(of))
    }
}

impl<'a, T, S> ProbeOption<'a, T, S> {
    fn new(variable: &'a T) -> Self {
        Self(ProbeCow(ProbeCopy(ProbeAny(variable))), PhantomData)
    }
}

impl<'a, T> ProbeCopy<'a, T> {
    /// Looks at this variable.
    pub fn new(variable: &'a T) -> Self {
        Self(ProbeAny(variable))
    }
}

macro_rules! next_look {
    ($($look:ident $(<$span:ident>)? => $next:ident $(<$next_span:ident>)?,)*) => {$(
        impl<'a, T, $($span)?> Deref for $look<'a, T, $($span)?> {
            type Target = $next<'a, T, $($next_span)?>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

next_look! {
    Probe<S> => ProbeOption<S>,
    ProbeOption<S> => ProbeCow,
    ProbeCow => ProbeCopy,
    ProbeCopy => ProbeAny,
}

impl<'b, B: ?Sized, S: Span> Probe<'_, &'b B, S> {
    /// A reference: what it refers to.
    #[must_use]
    pub fn coalesced_probe(&self) -> S::Of<Borrowed<'b, B>> {
        S::of(Borrowed(self.0.0.0.0.0))
    }
}

impl<'b, B: ?Sized, S: Span> ProbeOption<'_, Option<&'b B>, S> {
    /// An optional reference: the same.
    #[must_use]
    pub fn coalesced_probe(&self) -> S::Of<Optional<'b, B>> {
        S::of(Optional(*self.0.0.0.0))
    }
}

impl<'a, B: ToOwned + ?Sized> ProbeCow<'a, Cow<'_, B>> {
    /// What the `Cow` has or borrows.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'a, B> {
        Borrowed(&**self.0.0.0)
    }
}

impl<T: Copy> ProbeCopy<'_, T> {
    /// A copy.
    #[must_use]
    pub fn coalesced_probe(&self) -> Copied<T> {
        Copied(*self.0.0)
    }
}

impl<'a, T> ProbeAny<'a, T> {
    /// The variable itself.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'a, T> {
        Borrowed(self.0)
    }
}

/// A part that is borrowed.
#[derive(Debug)]
pub struct Borrowed<'a, B: ?Sized>(&'a B);

/// A part that may be borrowed.
#[derive(Debug)]
pub struct Optional<'a, B: ?Sized>(Option<&'a B>);

/// What [`Probe`] finds.
pub trait Found {
    /// The type that is part of the key.
    type Part: ?Sized;

    /// How it is taken.
    type Key;

    /// The part as a key.
    fn key(self) -> Self::Key;
}

impl<'a, B: ?Sized> Found for Borrowed<'a, B> {
    type Part = B;
    type Key = &'a B;

    fn key(self) -> &'a B {
        self.0
    }
}

impl<'a, B: ?Sized> Found for Optional<'a, B> {
    type Part = B;
    type Key = Option<&'a B>;

    fn key(self) -> Option<&'a B> {
        self.0
    }
}

impl<F: Found> Found for Lent<F> {
    type Part = F::Part;
    type Key = Lent<F::Key>;

    fn key(self) -> Lent<F::Key> {
        Lent(self.0.key())
    }
}

impl<T> Found for Copied<T> {
    type Part = T;
    type Key = Self;

    fn key(self) -> Self {
        self
    }
}
