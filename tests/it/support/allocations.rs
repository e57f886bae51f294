//! An allocator that counts what the current thread allocates.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

/// What one thread allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allocations {
    pub(crate) count: usize,
    /// Bytes allocated and not freed.
    pub(crate) live: isize,
}

/// What `run` allocates on this thread.
pub(crate) fn allocations<T>(run: impl FnOnce() -> T) -> (T, Allocations) {
    let (count, live) = (COUNT.get(), LIVE.get());
    let value = run();
    (
        value,
        Allocations {
            count: COUNT.get() - count,
            live: LIVE.get() - live,
        },
    )
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(allocations: usize, bytes: isize) {
    // The thread may be ending.
    let _ = COUNT.try_with(|count| count.set(count.get() + allocations));
    let _ = LIVE.try_with(|live| live.set(live.get() + bytes));
}

// SAFETY: everything is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size as isize - layout.size() as isize);
        // SAFETY: as our caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
