//! The task of `task.rs` where the feature `spawn` is off: none.

#[derive(Debug)]
pub(crate) struct Task;

pub(crate) struct Orphan;

impl Orphan {
    pub(crate) fn abort(self) {}
}

impl Task {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn orphan(&mut self, _: bool) -> Orphan {
        Orphan
    }
}
