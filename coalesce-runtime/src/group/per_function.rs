//! One thing for each function.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use once_cell::race::OnceBox;

use crate::group::function_id::FunctionId;

/// One `T` for each function; found without a lock, and never removed.
///
/// A tree with two branches at each node, chosen by the bits of the function's id.
pub(crate) struct PerFunction<T, A = Once> {
    root: Branch<T>,
    adding: A,
}

/// Whether two threads may make the same thing at once, of which one is dropped.
pub(crate) trait Adding {
    const NEW: Self;

    fn add(&self) -> Option<MutexGuard<'_, ()>>;
}

/// They may not: what is made is seen by others at once, as the list of all groups shows a group
/// (`groups::first_calls_on_many_threads_make_one_group`).
pub(crate) type Once = Mutex<()>;

impl Adding for Once {
    const NEW: Self = Mutex::new(());

    fn add(&self) -> Option<MutexGuard<'_, ()>> {
        Some(self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// They may: nobody else sees it.
pub(crate) struct Twice;

impl Adding for Twice {
    const NEW: Self = Self;

    fn add(&self) -> Option<MutexGuard<'_, ()>> {
        None
    }
}

type Branch<T> = OnceBox<Node<T>>;

struct Node<T> {
    function: FunctionId,
    value: T,
    branches: [Branch<T>; 2],
}

impl<T, A: Adding> PerFunction<T, A> {
    pub(crate) const fn new() -> Self {
        Self {
            root: OnceBox::new(),
            adding: A::NEW,
        }
    }

    /// What this function has, if it is found at once; most have found the root to be theirs.
    #[inline]
    pub(crate) fn get(&self, function: FunctionId) -> Option<&T> {
        let node = self.root.get()?;
        (node.function == function).then_some(&node.value)
    }

    /// What this function has.
    #[inline]
    pub(crate) fn get_or_init(&self, function: FunctionId, init: &dyn Fn() -> T) -> &T {
        match self.get(function) {
            Some(value) => value,
            None => self.find_or_init(function, init),
        }
    }

    /// The same for who has not found it at once.
    #[cold]
    pub(crate) fn find_or_init(&self, function: FunctionId, init: &dyn Fn() -> T) -> &T {
        let mut branch = &self.root;
        let mut bits = function.bits();
        let mut adding = None;
        loop {
            let Some(node) = branch.get() else {
                // Looked at once more, under the lock.
                if adding.is_none() {
                    adding = Some(self.adding.add());
                    continue;
                }
                let node = Box::new(Node {
                    function,
                    value: init(),
                    branches: Default::default(),
                });
                // Without a lock another thread may have been faster, for this function or for another one.
                branch.get_or_init(|| node);
                continue;
            };
            if node.function == function {
                return &node.value;
            }
            branch = &node.branches[(bits % 2) as usize];
            bits /= 2;
        }
    }

    /// Nothing is added while what this returns is there.
    pub(crate) fn pause(&self) -> Option<MutexGuard<'_, ()>> {
        self.adding.add()
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

impl<T, A: Adding> Default for PerFunction<T, A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, A> fmt::Debug for PerFunction<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerFunction").finish_non_exhaustive()
    }
}
