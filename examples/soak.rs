//! A soak: two threads, random keys, drops, panics, forgets and limits, for as many seconds as it is told
//! (5, if nothing is said). Nothing may hang, nothing may stay in the group, and memory is level.
//!
//! `cargo run --release --example soak -- 600`

use coalesced::{Config, Group, fresh};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::poll_fn,
    panic::{self, AssertUnwindSafe},
    pin::pin,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    task::Poll,
    time::{Duration, Instant},
};
use tokio::task::yield_now;

static GROUP: Group<u64, String> = Group::new().named("soak");
static LIVE: AtomicI64 = AtomicI64::new(0);
static ANSWERED: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as i64, Relaxed);
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Relaxed);
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

async fn body(key: u64, yields: u64, panics: bool) -> String {
    for _ in 0..yields {
        yield_now().await;
    }
    if panics {
        panic::resume_unwind(Box::new("soaked"));
    }
    format!("the value of {key}")
}

/// `None` if it panics.
async fn caught<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    poll_fn(|cx| {
        let polled = panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}

/// Calls for a second, with all that can go wrong.
async fn caller(seed: u64) {
    let mut random = Random(seed);
    let end = Instant::now() + Duration::from_secs(1);
    while Instant::now() < end {
        let key = random.below(8);
        match random.below(1_000) {
            0 => GROUP.forget_all(),
            1..=19 => drop(GROUP.forget(key)),
            20 => GROUP.set_config(Config::new()),
            21 => GROUP.set_config(Config::balanced().max_followers(3).max_in_flight(5)),
            22 => GROUP.set_config(Config::new().max_age(Duration::from_micros(50))),
            23 => GROUP.set_config(Config::disabled()),
            _ => {}
        }
        let call = GROUP.call(key, body(key, random.below(4), random.below(50) == 0));
        let value = caught(async move {
            if key == 0 {
                fresh(call).await
            } else {
                call.await
            }
        });
        let patience = random.below(6);
        tokio::select! {
            biased;
            value = value => if let Some(value) = value {
                assert_eq!(value, format!("the value of {key}"));
                ANSWERED.fetch_add(1, Relaxed);
            },
            () = async { for _ in 0..patience { yield_now().await; } } => {}
        }
    }
}

fn main() {
    let seconds = std::env::args()
        .nth(1)
        .map_or(5, |text| text.parse().expect("a number of seconds"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let mut level = None;
    for second in 0..seconds {
        runtime.block_on(async {
            let callers: Vec<_> = (1..=16)
                .map(|n| tokio::spawn(caller(second * 16 + n)))
                .collect();
            for caller in callers {
                caller.await.unwrap();
            }
        });
        let stats = GROUP.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        let live = LIVE.load(Relaxed);
        // What the map and the runtime have grown to in the first seconds is what they keep.
        let level = *level.get_or_insert(live + 64 * 1_024);
        assert!(
            live <= level,
            "{live} bytes after {second} seconds, {level} at first"
        );
    }
    let stats = GROUP.stats();
    assert_eq!(stats.calls, stats.led + stats.followed + stats.alone);
    println!(
        "soak: {seconds} s, {} answered, {} bytes live",
        ANSWERED.load(Relaxed),
        LIVE.load(Relaxed)
    );
    println!("soak: {stats}");
}
