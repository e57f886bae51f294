//! Whether all that an argument has is told apart by the registry that it leads to.
//!
//! `ctx.calls` is a field of `ctx`, or of what `ctx` dereferences to; `ctx` is left out of the automatic key in both
//! cases, since names of fields tell no more. In the second case something else in `ctx` may decide the result, as
//! who asks does.
//!
//! 1. A trail starts at the argument, and follows its dereferences, as the compiler does for the name of a field.
//! 2. Where the place lies within a value, that is the owner, and the trail ends well.
//! 3. Where a value is no bigger than a pointer, it has nothing else: the trail goes on.
//! 4. Else it has more than what leads to the owner, which nobody has said anything of.

use std::{
    mem::{size_of, size_of_val},
    ops::Deref,
    ptr,
};

/// The trail from an argument to the place of its calls. The first method that look-up finds wins, as with
/// [`Probe`](crate::key::argument::Probe).
#[derive(Debug)]
pub struct Trail<'t, T: ?Sized>(Step<'t, T>);

/// Where a trail is; its end, if that dereferences to nothing.
#[derive(Debug)]
pub struct Step<'t, T: ?Sized> {
    value: &'t T,
    place: usize,
    seen: Seen,
}

/// What a trail has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Pointers,
    Owner,
    More,
}

impl<'t, T> Trail<'t, T> {
    /// Starts at this argument.
    #[inline]
    pub fn new<P>(argument: &'t T, place: &P) -> Self {
        let place = ptr::from_ref(place).cast::<u8>().addr();
        Self(Step::at(argument, place, Seen::Pointers))
    }
}

impl<'t, T: Deref + ?Sized> Trail<'t, T> {
    /// Goes on to what this dereferences to.
    #[inline]
    #[must_use]
    pub fn coalesced_next(&self) -> Trail<'t, T::Target> {
        let Step { value, place, seen } = self.0;
        Trail(Step::at(value, place, seen))
    }
}

impl<'t, T: ?Sized> Deref for Trail<'t, T> {
    type Target = Step<'t, T>;

    #[inline]
    fn deref(&self) -> &Step<'t, T> {
        &self.0
    }
}

impl<'t, T: ?Sized> Step<'t, T> {
    #[inline]
    fn at(value: &'t T, place: usize, seen: Seen) -> Self {
        let size = size_of_val(value);
        let offset = place.wrapping_sub(ptr::from_ref(value).cast::<u8>().addr());
        let seen = match seen {
            Seen::Pointers if offset < size => Seen::Owner,
            Seen::Pointers if size > size_of::<usize>() => Seen::More,
            _ => seen,
        };
        Self { value, place, seen }
    }

    /// Stays.
    #[inline]
    #[must_use]
    pub fn coalesced_next(&self) -> Trail<'t, T> {
        let Self { value, place, seen } = *self;
        Trail(Step { value, place, seen })
    }

    /// # Panics
    ///
    /// If something beside the owner may decide the result.
    #[inline]
    #[track_caller]
    pub fn end(&self, argument: &str, place: &str) {
        if self.seen == Seen::More {
            panic!(
                "`{argument}` has more than what leads to `{place}`, and is not in the key; if that decides the result, \
                 say what does, with each other argument for `..`, as `key = ({argument}.user, ..)`, else `skip({argument})`"
            );
        }
    }
}
