//! Chance, of each thread its own.

use std::cell::Cell;

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// This thread's chance is of this seed.
pub(super) fn seed(seed: u64) {
    STATE.set(seed);
}

/// Splitmix: the next number of a row that any seed will do for.
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub(super) fn below(end: usize) -> usize {
    (next() % end as u64) as usize
}

/// True once in so many times.
pub(super) fn one_in(times: usize) -> bool {
    below(times) == 0
}
