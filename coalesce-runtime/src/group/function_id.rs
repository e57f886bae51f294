//! What tells functions apart: the type of their body's future.
//!
//! A `static` in a generic function is one for all its instantiations, and `type_name` is equal for
//! two local types of one name; but the type of an `async` block knows every parameter of the
//! function and of the impl around it. Its lifetimes do not count: they are erased, as they are
//! when the function is compiled.

use std::{
    any::TypeId,
    hash::{Hash, Hasher},
    marker::PhantomData,
    mem,
};

/// The identity of an instantiated function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FunctionId(TypeId);

impl FunctionId {
    /// The function whose body is a future of this type.
    pub(crate) fn of<F>() -> Self {
        trait Erased {
            fn type_id(&self) -> TypeId
            where
                Self: 'static;
        }

        impl<T> Erased for PhantomData<T> {
            fn type_id(&self) -> TypeId
            where
                Self: 'static,
            {
                TypeId::of::<T>()
            }
        }

        let body: &dyn Erased = &PhantomData::<F>;
        // SAFETY: a lifetime is made longer in the type of a reference to a value of no size and no
        // content, and only to call a method that reads nothing through it; code is generated
        // without lifetimes, so the method is the same for all of them.
        let body = unsafe { mem::transmute::<&dyn Erased, &(dyn Erased + 'static)>(body) };
        Self(body.type_id())
    }

    /// The bits that lead to it in a [`PerFunction`](crate::group::per_function::PerFunction).
    pub(super) fn bits(self) -> u64 {
        /// A type's id is a hash already.
        struct Id(u64);

        impl Hasher for Id {
            fn finish(&self) -> u64 {
                self.0
            }

            fn write(&mut self, bytes: &[u8]) {
                for byte in bytes {
                    self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
                }
            }

            fn write_u64(&mut self, id: u64) {
                self.0 = id;
            }
        }

        let mut id = Id(0);
        self.0.hash(&mut id);
        id.finish()
    }
}

/// The path of the function whose body is a future of a type with this name, with the types that it was instantiated
/// with.
pub(crate) fn function_name(body: &'static str) -> &'static str {
    let name = body.trim_end_matches("::{{closure}}");
    // Lifetimes tell nothing apart.
    match name.rsplit_once('<') {
        Some((path, lifetimes)) if lifetimes.chars().all(|char| "'_, >".contains(char)) => path,
        _ => name,
    }
}
