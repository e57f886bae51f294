//! Limits, for when the backend is slower than anybody wants to wait, and a kill switch.

use coalesced::{Config, coalesce, groups};
use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::{Instant, sleep};

static QUERIES: AtomicU32 = AtomicU32::new(0);

/// Usually it takes 20 ms. Once in a while it hangs: then whoever has waited for 100 ms tries again, one
/// for all of them.
#[coalesce(name = "report", max_wait = "100ms")]
async fn report(day: u32) -> u32 {
    let first = QUERIES.fetch_add(1, Relaxed) == 0;
    sleep(Duration::from_millis(if first { 5_000 } else { 20 })).await;
    day
}

// Time is paused, so this example takes none.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let stuck = tokio::spawn(report(7));
    let callers: Vec<_> = (0..1_000).map(|_| tokio::spawn(report(7))).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 7);
    }
    let took = start.elapsed();
    assert!(took < Duration::from_millis(130), "{took:?}");
    assert_eq!(QUERIES.swap(0, Relaxed), 2);
    println!("limits: 1,000 callers behind a stuck query were answered in {took:?} by one more");
    assert_eq!(
        stuck.await.unwrap(),
        7,
        "the one whose query it is still waits for it"
    );

    // Something is odd? Turn coalescing off, in the running service, and on again.
    let group = groups()
        .into_iter()
        .find(|group| group.name() == "report")
        .unwrap();
    group.set_config(Config::disabled());
    tokio::join!(report(7), report(7), report(7));
    assert_eq!(QUERIES.swap(0, Relaxed), 3);
    group.set_config(Config::balanced());
    tokio::join!(report(7), report(7), report(7));
    assert_eq!(QUERIES.swap(0, Relaxed), 1);
    println!("limits: {}", group.stats());
}
