//! Whether a call can carry its key to its first poll, where it joins with its waker at hand: so a follower is counted
//! and has its waker in the list under one lock.
//!
//! A key that borrows from the function's own arguments can't be carried, since the body takes them; the call joins
//! with it at once. What an argument refers to can be: it was there before the call.

use std::hash::Hasher;

use crate::key::{Copied, Key, Owning, no_key::NoKey};

/// A key of an annotated function, or a part of one: what it borrows, or a copy, so that nothing is to be dropped.
pub trait Carry: Copy {
    /// Whether it can be carried.
    const CARRIES: bool;

    /// The key as the call carries it, and [`NoKey`] where it can't.
    type Carried;

    /// `T` if this can be carried, and [`NoKey`] if not.
    type With<T>;

    /// The key as the call carries it.
    fn carry(self) -> Result<Self::Carried, Self>;

    /// `it`, if this can be carried.
    fn with<T>(it: T) -> Option<Self::With<T>>;
}

macro_rules! carried {
    ($([$($generic:tt)*] $part:ty,)*) => {$(
        impl<$($generic)*> Carry for $part {
            const CARRIES: bool = true;

            type Carried = Self;
            type With<It> = It;

            fn carry(self) -> Result<Self, Self> {
                Ok(self)
            }

            fn with<It>(it: It) -> Option<It> {
                Some(it)
            }
        }
    )*};
}

macro_rules! borrowed {
    ($([$($generic:tt)*] $part:ty,)*) => {$(
        impl<$($generic)*> Carry for $part {
            const CARRIES: bool = false;

            type Carried = NoKey;
            type With<It> = NoKey;

            fn carry(self) -> Result<NoKey, Self> {
                Err(self)
            }

            fn with<It>(_: It) -> Option<NoKey> {
                None
            }
        }
    )*};
}

macro_rules! tuples {
    ($([$($part:ident)*])*) => {$(
        impl<$($part: Carry),*> Carry for ($($part,)*) {
            const CARRIES: bool = true $(&& $part::CARRIES)*;

            type Carried = Self::With<Self>;
            type With<It> = with!(It, $($part)*);

            fn carry(self) -> Result<Self::Carried, Self> {
                if !Self::CARRIES {
                    return Err(self);
                }
                match Self::with(self) {
                    Some(carried) => Ok(carried),
                    None => unreachable!("each part can be carried"),
                }
            }

            fn with<It>(it: It) -> Option<Self::With<It>> {
                with_value!(it, $($part)*)
            }
        }
    )*};
}

macro_rules! with {
    ($it:ty,) => { $it };
    ($it:ty, $part:ident $($rest:ident)*) => { with!($part::With<$it>, $($rest)*) };
}

macro_rules! with_value {
    ($it:expr,) => { Some($it) };
    ($it:expr, $part:ident $($rest:ident)*) => { with_value!($part::with($it)?, $($rest)*) };
}

carried! {
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize,
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] bool, [] char,
    [] Option<u8>, [] Option<u16>, [] Option<u32>, [] Option<u64>, [] Option<u128>, [] Option<usize>,
    [] Option<i8>, [] Option<i16>, [] Option<i32>, [] Option<i64>, [] Option<i128>, [] Option<isize>,
    [] Option<bool>, [] Option<char>,
    [T: Copy] Copied<T>,
    [Q: Copy] Lent<Q>,
}

borrowed! {
    ['a, B: ?Sized] &'a B,
    ['a, B: ?Sized] Option<&'a B>,
}

tuples! {
    [] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] [A B C D E F G] [A B C D E F G H]
    [A B C D E F G H I] [A B C D E F G H I J] [A B C D E F G H I J K] [A B C D E F G H I J K L]
}

/// What an argument refers to.
#[derive(Debug, Clone, Copy)]
pub struct Lent<Q>(pub(crate) Q);

impl<Q: Owning> Owning for Lent<Q> {
    type Owned = Q::Owned;
}

impl<K, Q: Key<K>> Key<K> for Lent<Q> {
    const CHEAP: bool = Q::CHEAP;

    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }

    fn matches(&self, key: &K) -> bool {
        self.0.matches(key)
    }

    fn to_key(&self) -> K {
        self.0.to_key()
    }

    fn same(a: &K, b: &K) -> bool {
        Q::same(a, b)
    }

    fn again(key: &K) -> K {
        Q::again(key)
    }
}
