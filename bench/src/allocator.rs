//! The system's allocator, counting what each thread asks of it.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ops::Sub,
};

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

thread_local! {
    static COUNT: Cell<Allocated> = const { Cell::new(Allocated { times: 0, bytes: 0, live: 0 }) };
}

/// What a thread has allocated so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Allocated {
    pub(crate) times: u64,
    pub(crate) bytes: u64,
    /// Bytes that are not freed yet.
    pub(crate) live: i64,
}

impl Allocated {
    pub(crate) fn so_far() -> Self {
        COUNT.get()
    }
}

impl Sub for Allocated {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            times: self.times - earlier.times,
            bytes: self.bytes - earlier.bytes,
            live: self.live - earlier.live,
        }
    }
}

fn count(taken: usize, freed: usize) {
    let mut all = COUNT.get();
    all.times += u64::from(taken > 0);
    all.bytes += taken as u64;
    all.live += taken as i64 - freed as i64;
    COUNT.set(all);
}

// SAFETY: every request is passed on to the system's allocator as it is; counting touches a `Cell` of
// this thread that needs neither memory nor a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }
}
