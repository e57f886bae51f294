//! Borrowed keys: a flight is looked up by what the caller has at hand, and only the caller that
//! opens a flight pays for a key of its own.
//!
//! A borrowed form hashes and compares as its owned key does (the contract of [`Borrow`]), so that
//! `forget("a")`, a call of an annotated function with the argument `name: &str`, and an owned
//! `String` all meet in one flight.
//!
//! An expansion asks each argument how it is to be taken (`argument`), and whether it can be part of a key at all
//! (`refusal`); and the whole key, how it is shown to people (`show`).

pub(crate) mod argument;
pub(crate) mod carry;
pub(crate) mod no_key;
pub(crate) mod owned;
pub(crate) mod refusal;
pub(crate) mod show;
pub(crate) mod vouched;

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
};

/// A value by which the flights of a group with keys of type `K` are looked up.
///
/// Pass `&key`. It is implemented for `&K`, for the borrowed forms of `K` (`&str` for `String`, `&[T]` for
/// `Vec<T>`, `&Path` for `PathBuf`, whatever [`ToOwned`] knows), for `Option`s of these references, for
/// primitives, optional ones, and `String` by value, and for tuples of all these.
///
/// ```
/// use coalesced::Group;
///
/// static ORDERS: Group<(u64, String), u32> = Group::new();
/// assert!(!ORDERS.forget((7, "books")), "nothing is in flight");
/// ```
#[diagnostic::on_unimplemented(
    message = "this is no key of a group whose keys are `{K}`",
    label = "expected `{K}` or a borrowed form of it, found `{Self}`",
    note = "where a key is asked for, pass it by reference, as `&key` (or `&str` for `String`, `&[T]` for `Vec<T>`, a tuple of these); primitives and `String` go by value, too"
)]
pub trait Key<K> {
    /// Whether [`Key::to_key`] runs no code but ours and allocates nothing, so that it may be
    /// called before it is known whether the key is needed.
    #[doc(hidden)]
    const CHEAP: bool = false;

    /// Feeds the key into the hasher, as `K` itself would.
    fn hash<H: Hasher>(&self, state: &mut H);

    /// Whether this is the same key. It runs under a lock of the group's, and must not call back into
    /// it.
    fn matches(&self, key: &K) -> bool;

    /// The owned key, made by the one caller that opens a flight.
    fn to_key(&self) -> K;

    /// Whether two owned keys are the same. It runs under a lock, as [`matches`](Self::matches) does.
    fn same(a: &K, b: &K) -> bool;

    /// Another owned key like this one, as [`to_key`](Self::to_key) makes it.
    fn again(key: &K) -> K;
}

/// What a [`Key`] can be made of: hashed and compared in place, and owned when a flight is opened.
pub trait Part: Hash + Eq + ToOwned<Owned: Send + Sync + 'static> {}

#[diagnostic::do_not_recommend]
impl<B: Hash + Eq + ToOwned<Owned: Send + Sync + 'static> + ?Sized> Part for B {}

impl<B: Part + ?Sized> Key<B::Owned> for &B {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Hash::hash(*self, state);
    }

    fn matches(&self, key: &B::Owned) -> bool {
        **self == *key.borrow()
    }

    fn to_key(&self) -> B::Owned {
        (*self).to_owned()
    }

    fn same(a: &B::Owned, b: &B::Owned) -> bool {
        a.borrow() == b.borrow()
    }

    fn again(key: &B::Owned) -> B::Owned {
        key.borrow().to_owned()
    }
}

impl<B: Part + ?Sized> Key<Option<B::Owned>> for Option<&B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Hash::hash(self, state);
    }

    fn matches(&self, key: &Option<B::Owned>) -> bool {
        *self == key.as_ref().map(Borrow::borrow)
    }

    fn to_key(&self) -> Option<B::Owned> {
        self.map(ToOwned::to_owned)
    }

    fn same(a: &Option<B::Owned>, b: &Option<B::Owned>) -> bool {
        a.as_ref().map(Borrow::borrow) == b.as_ref().map(Borrow::borrow)
    }

    fn again(key: &Option<B::Owned>) -> Option<B::Owned> {
        key.as_ref().map(|key| key.borrow().to_owned())
    }
}

/// A key whose owned form is known by its type.
pub trait Owning {
    /// The owned key.
    type Owned;
}

impl<B: ToOwned + ?Sized> Owning for &B {
    type Owned = B::Owned;
}

impl<B: ToOwned + ?Sized> Owning for Option<&B> {
    type Owned = Option<B::Owned>;
}

impl<T> Owning for Copied<T> {
    type Owned = T;
}

/// A `Copy` value: owning it is free and runs no code of the user's.
#[derive(Debug, Clone, Copy)]
pub struct Copied<T>(pub(crate) T);

impl<T: Hash + Eq + Copy> Key<T> for Copied<T> {
    const CHEAP: bool = true;

    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }

    fn matches(&self, key: &T) -> bool {
        self.0 == *key
    }

    fn to_key(&self) -> T {
        self.0
    }

    fn same(a: &T, b: &T) -> bool {
        a == b
    }

    fn again(key: &T) -> T {
        *key
    }
}

macro_rules! by_value {
    ($cheap:literal: $($key:ty),*) => {$(
        impl Owning for $key {
            type Owned = Self;
        }

        impl Key<$key> for $key {
            const CHEAP: bool = $cheap;

            fn hash<H: Hasher>(&self, state: &mut H) {
                Hash::hash(self, state);
            }

            fn matches(&self, key: &$key) -> bool {
                self == key
            }

            fn to_key(&self) -> $key {
                self.clone()
            }

            fn same(a: &$key, b: &$key) -> bool {
                a == b
            }

            fn again(key: &$key) -> $key {
                key.clone()
            }
        }
    )*};
}

macro_rules! by_value_and_optional {
    ($($key:ty),*) => {
        by_value!(true: $($key),*);
        by_value!(true: $(Option<$key>),*);
    };
}

by_value_and_optional!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, bool, char
);
by_value!(false: String);

/// A tuple of one stands for what is in it, so that an expansion need not know how many arguments
/// a `#[cfg]` has left.
macro_rules! tuples {
    ($($part:ident $key:ident $index:tt),*) => {
        impl<$($part: Owning),*> Owning for ($($part,)*) {
            type Owned = tuple_key!($($part::Owned),*);
        }

        impl<$($part: Key<$key>, $key),*> Key<tuple_key!($($key),*)> for ($($part,)*) {
            const CHEAP: bool = true $(&& $part::CHEAP)*;

            fn hash<H: Hasher>(&self, _state: &mut H) {
                $(self.$index.hash(_state);)*
            }

            fn matches(&self, _key: &tuple_key!($($key),*)) -> bool {
                tuple_matches!(self, _key, $($index),*)
            }

            fn to_key(&self) -> tuple_key!($($key),*) {
                tuple_to_key!(self, $($index),*)
            }

            fn same(_a: &tuple_key!($($key),*), _b: &tuple_key!($($key),*)) -> bool {
                tuple_same!(_a, _b, $($part $index),*)
            }

            fn again(_key: &tuple_key!($($key),*)) -> tuple_key!($($key),*) {
                tuple_again!(_key, $($part $index),*)
            }
        }
    };
}

macro_rules! tuple_key {
    ($key:ty) => { $key };
    ($($key:ty),*) => { ($($key),*) };
}

macro_rules! tuple_matches {
    ($parts:expr, $key:expr, 0) => { $parts.0.matches($key) };
    ($parts:expr, $key:expr, $($index:tt),*) => { true $(&& $parts.$index.matches(&$key.$index))* };
}

macro_rules! tuple_same {
    ($a:expr, $b:expr, $part:ident 0) => { $part::same($a, $b) };
    ($a:expr, $b:expr, $($part:ident $index:tt),*) => {
        true $(&& $part::same(&$a.$index, &$b.$index))*
    };
}

macro_rules! tuple_again {
    ($key:expr, $part:ident 0) => { $part::again($key) };
    ($key:expr, $($part:ident $index:tt),*) => { ($($part::again(&$key.$index)),*) };
}

macro_rules! tuple_to_key {
    ($parts:expr, 0) => { $parts.0.to_key() };
    ($parts:expr, $($index:tt),*) => { ($($parts.$index.to_key()),*) };
}

tuples!();
tuples!(A KA 0);
tuples!(A KA 0, B KB 1);
tuples!(A KA 0, B KB 1, C KC 2);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, I KI 7);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, I KI 7, J KJ 8);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, I KI 7, J KJ 8, L KL 9);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, I KI 7, J KJ 8, L KL 9, M KM 10);
tuples!(A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, I KI 7, J KJ 8, L KL 9, M KM 10, N KN 11);
