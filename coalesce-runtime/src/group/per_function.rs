//! One thing for each function.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use once_cell::race::OnceBox;

use crate::group::function_id::FunctionId;

/// One `T` for each function; found without a lock, and never removed.
///
/// A tree with two branches at each node, chosen by the bits of the function's id.
pub(crate) struct PerFunction<T> {
    root: Branch<T>,
    /// Held by who adds a node, so that nothing is made twice: what is made may be seen by others at once, as the
    /// list of all groups shows a group (`groups::first_calls_on_many_threads_make_one_group`).
    adding: Mutex<()>,
}

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
            adding: Mutex::new(()),
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
        let mut adding = None;
        loop {
            let Some(node) = branch.get() else {
                // Looked at once more, under the lock.
                if adding.is_none() {
                    adding = Some(self.adding.lock().unwrap_or_else(PoisonError::into_inner));
                    continue;
                }
                let node = Box::new(Node {
                    function,
                    value: init(),
                    branches: Default::default(),
                });
                return &branch.get_or_init(|| node).value;
            };
            if node.function == function {
                return &node.value;
            }
            branch = &node.branches[(bits % 2) as usize];
            bits /= 2;
        }
    }

    /// Nothing is added while what this returns is there.
    pub(crate) fn pause(&self) -> impl Drop + '_ {
        self.adding.lock().unwrap_or_else(PoisonError::into_inner)
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
