//! What tells functions apart: the type of their body's future.
//!
//! A `static` in a generic function is one for all its instantiations, and `type_name` is equal for
//! two local types of one name; but the type of an `async` block knows every parameter of the
//! function and of the impl around it. Its lifetimes do not count: they are erased, as they are
//! when the function is compiled.

use std::{
    any::{TypeId, type_name},
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    mem,
};

/// An instantiated function.
#[derive(Clone, Copy)]
pub struct Instance(&'static dyn Body);

/// The type of a body. There is one implementation for each function, so it does little.
trait Body: Send + Sync {
    fn id(&self) -> TypeId
    where
        Self: 'static;

    fn name(&self) -> &'static str;
}

impl<F> Body for PhantomData<fn() -> F> {
    #[inline]
    fn id(&self) -> TypeId
    where
        Self: 'static,
    {
        TypeId::of::<F>()
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

impl Instance {
    /// The function whose body is a future of this type.
    pub(crate) const fn of<F>() -> Self {
        let body: &dyn Body = &PhantomData::<fn() -> F>;
        // SAFETY: a lifetime is made longer in the type of a reference to a value of no size and no
        // content, and only to call methods that read nothing through it; code is generated
        // without lifetimes, so the methods are the same for all of them.
        Self(unsafe { mem::transmute::<&dyn Body, &'static (dyn Body + 'static)>(body) })
    }

    #[inline]
    pub(super) fn id(self) -> FunctionId {
        FunctionId(self.0.id())
    }

    /// The name of its body's type.
    pub(crate) fn body(self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instance").field(&self.body()).finish()
    }
}

/// The identity of an instantiated function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FunctionId(TypeId);

impl FunctionId {
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
