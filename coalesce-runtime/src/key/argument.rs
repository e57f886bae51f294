//! How an automatic key is made of an argument: what the argument borrows, else a copy of it, else
//! itself.

use std::{borrow::Cow, ops::Deref};

use crate::key::Copied;

/// Looks at a variable that is part of a key, and finds the best way to take it: what it borrows,
/// else a copy, else itself.
///
/// The first method that look-up finds wins, and each dereference leads to one that takes more. They are
/// on types of their own, so that for a type that is not known, by another mistake, the first is taken
/// without a word.
#[derive(Debug)]
pub struct Probe<'a, T>(ProbeOption<'a, T>);

/// The second look of [`Probe`].
#[derive(Debug)]
pub struct ProbeOption<'a, T>(ProbeCow<'a, T>);

/// The third look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCow<'a, T>(ProbeCopy<'a, T>);

/// The fourth look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCopy<'a, T>(ProbeAny<'a, T>);

/// The last look of [`Probe`].
#[derive(Debug)]
pub struct ProbeAny<'a, T>(&'a T);

impl<'a, T> Probe<'a, T> {
    /// Looks at this variable.
    pub fn new(variable: &'a T) -> Self {
        Self(ProbeOption(ProbeCow(ProbeCopy(ProbeAny(variable)))))
    }
}

impl<'a, T> ProbeCopy<'a, T> {
    /// Looks at this variable.
    pub fn new(variable: &'a T) -> Self {
        Self(ProbeAny(variable))
    }
}

macro_rules! next_look {
    ($($look:ident => $next:ident,)*) => {$(
        impl<'a, T> Deref for $look<'a, T> {
            type Target = $next<'a, T>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

next_look! {
    Probe => ProbeOption,
    ProbeOption => ProbeCow,
    ProbeCow => ProbeCopy,
    ProbeCopy => ProbeAny,
}

impl<'b, B: ?Sized> Probe<'_, &'b B> {
    /// A reference: what it refers to.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'b, B> {
        Borrowed(self.0.0.0.0.0)
    }
}

impl<'b, B: ?Sized> ProbeOption<'_, Option<&'b B>> {
    /// An optional reference: the same.
    #[must_use]
    pub fn coalesced_probe(&self) -> Optional<'b, B> {
        Optional(*self.0.0.0.0)
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

impl<T> Found for Copied<T> {
    type Part = T;
    type Key = Self;

    fn key(self) -> Self {
        self
    }
}
