//! What may happen in a schedule.

use super::mischief::Mischief;

/// One schedule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) threads: usize,
    /// The steps of each thread.
    pub(super) steps: usize,
    pub(super) keys: usize,
    /// Bodies return errors.
    pub(super) fails: bool,
    /// `forget`, limits, `fresh` and `alone`.
    pub(super) displaces: bool,
    /// Keys, values, wakers and destructors panic.
    pub(super) mischief: Mischief,
    /// Bodies on a runtime's tasks, and a limit of the time that a call waits.
    pub(super) tasks: bool,
    /// Callers that block their threads.
    pub(super) blocks: bool,
}

impl Plan {
    pub(super) fn calm(seed: u64) -> Self {
        Self {
            seed,
            threads: 2 + seed as usize % 3,
            steps: if cfg!(miri) { 30 } else { 200 },
            keys: 1 + seed as usize / 3 % 3,
            fails: seed % 2 == 0,
            displaces: false,
            mischief: Mischief::None,
            tasks: false,
            blocks: false,
        }
    }

    pub(super) fn wild(seed: u64) -> Self {
        let has = |bit: u32| seed >> bit & 1 == 1;
        let tasks = cfg!(all(feature = "spawn", feature = "time")) && (!has(1) || has(0));
        Self {
            displaces: !has(1),
            mischief: match (has(2), tasks) {
                (true, _) => Mischief::None,
                (_, true) => Mischief::Some,
                (_, false) => Mischief::All,
            },
            tasks,
            blocks: !has(0),
            ..Self::calm(seed)
        }
    }
}
