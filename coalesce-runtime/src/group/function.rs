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

use once_cell::race::OnceBox;

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

    /// The bits that lead to it in a [`PerFunction`].
    fn bits(self) -> u64 {
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

/// The path of the function whose body is a future of this type, with the types that it was
/// instantiated with.
pub(crate) fn function_name<F>() -> &'static str {
    path(type_name::<F>())
}

fn path(name: &'static str) -> &'static str {
    let name = name.trim_end_matches("::{{closure}}");
    // Lifetimes tell nothing apart.
    match name.rsplit_once('<') {
        Some((path, lifetimes)) if lifetimes.chars().all(|char| "'_, >".contains(char)) => path,
        _ => name,
    }
}

/// One `T` for each function; found without a lock, and never removed.
///
/// A tree with two branches at each node, chosen by the bits of the function's id.
pub(crate) struct PerFunction<T> {
    root: Branch<T>,
}

/// Two threads may make the same node at once; one of the two is dropped.
type Branch<T> = OnceBox<Node<T>>;

struct Node<T> {
    function: FunctionId,
    value: T,
    branches: [Branch<T>; 2],
}

impl<T> PerFunction<T> {
    pub(crate) const fn new() -> Self {
        Self {
            root: OnceBox::new(),
        }
    }

    /// What this function has; most have found the root to be theirs.
    #[inline]
    pub(crate) fn get_or_init(&self, function: FunctionId, init: &dyn Fn() -> T) -> &T {
        match self.root.get() {
            Some(node) if node.function == function => &node.value,
            _ => self.find_or_init(function, init),
        }
    }

    #[cold]
    fn find_or_init(&self, function: FunctionId, init: &dyn Fn() -> T) -> &T {
        let mut branch = &self.root;
        let mut bits = function.bits();
        loop {
            let node = branch.get_or_init(|| {
                Box::new(Node {
                    function,
                    value: init(),
                    branches: Default::default(),
                })
            });
            if node.function == function {
                return &node.value;
            }
            branch = &node.branches[(bits % 2) as usize];
            bits /= 2;
        }
    }

    pub(crate) fn for_each<'t>(&'t self, each: &mut dyn FnMut(&'t T)) {
        Self::walk(&self.root, each);
    }

    /// The tree is as deep as many functions have the same first bits in their ids.
    fn walk<'t>(branch: &'t Branch<T>, each: &mut dyn FnMut(&'t T)) {
        if let Some(node) = branch.get() {
            each(&node.value);
            node.branches
                .iter()
                .for_each(|branch| Self::walk(branch, each));
        }
    }
}

impl<T> Default for PerFunction<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for PerFunction<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerFunction").finish_non_exhaustive()
    }
}
