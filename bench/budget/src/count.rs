//! Counting one path, in a process of its own.
//!
//! 1. The path sets up what it needs, calls once so that groups exist and maps have grown, and then runs
//!    what is [`counted`].
//! 2. Allocations are counted here, by the process's allocator.
//! 3. Instructions are counted by callgrind, if the process runs under it. It begins or stops to collect
//!    wherever a function of the name [`TOGGLES`] is entered or left (`--toggle-collect`), so neither the
//!    set-up nor the process's start is in the figure, and there is nothing to subtract.
//! 4. The system's allocator is left out in the same way: what it does depends on where the heap
//!    happens to be, by more than our slack, and on the libc. The allocations themselves are counted.
//!
//! Everything counted is on one thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

/// The functions at which callgrind begins or stops to collect.
pub(crate) const TOGGLES: &str = "coalesce_budget_toggle_*";

/// What a path allocated while it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) calls: u64,
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
}

/// Runs, and counts, so many calls.
pub(crate) fn counted(calls: usize, run: impl FnOnce()) -> Count {
    let mut run = Some(run);
    let (allocations, bytes) = (ALLOCATIONS.load(SeqCst), BYTES.load(SeqCst));
    COUNTING.store(true, SeqCst);
    coalesce_budget_toggle_calls(&mut || {
        if let Some(run) = run.take() {
            run();
        }
    });
    COUNTING.store(false, SeqCst);
    Count {
        calls: calls as u64,
        allocations: ALLOCATIONS.load(SeqCst) - allocations,
        bytes: BYTES.load(SeqCst) - bytes,
    }
}

// Not generic, so that each has one name; and with something left to do when `run` returns, so that they are
// there until then.

#[unsafe(no_mangle)]
#[inline(never)]
fn coalesce_budget_toggle_calls(run: &mut dyn FnMut()) {
    run();
    black_box(());
}

#[unsafe(no_mangle)]
#[inline(never)]
fn coalesce_budget_toggle_system(run: &dyn Fn() -> *mut u8) -> *mut u8 {
    black_box(run())
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// Has the system allocate so many times and bytes, or free.
fn system(allocations: u64, bytes: usize, run: impl Fn() -> *mut u8) -> *mut u8 {
    if !COUNTING.load(Relaxed) {
        return run();
    }
    ALLOCATIONS.fetch_add(allocations, Relaxed);
    BYTES.fetch_add(bytes as u64, Relaxed);
    coalesce_budget_toggle_system(&run)
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as our caller promised.
        system(1, layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        system(0, 0, || {
            // SAFETY: as our caller promised, and `system` runs this once.
            unsafe { System.dealloc(pointer, layout) };
            pointer
        });
    }

    /// Counted like a new allocation, of all its bytes.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as our caller promised, and `system` runs this once.
        system(1, size, || unsafe { System.realloc(pointer, layout, size) })
    }
}
