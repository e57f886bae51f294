//! Behind a timeout: the body takes longer than anybody waits, and still gets to its end.

use coalesced::coalesce;
use std::{
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

static STARTED: AtomicU32 = AtomicU32::new(0);
static FINISHED: AtomicU32 = AtomicU32::new(0);
static CACHE: LazyLock<Mutex<Option<u32>>> = LazyLock::new(Mutex::default);

async fn slow_report(day: u32) -> u32 {
    STARTED.fetch_add(1, Relaxed);
    sleep(Duration::from_millis(1_500)).await;
    FINISHED.fetch_add(1, Relaxed);
    *CACHE.lock().unwrap() = Some(day);
    day
}

/// On its leader's task.
#[coalesce]
async fn inline(day: u32) -> u32 {
    slow_report(day).await
}

/// On a task of its own, as long as anybody waits.
#[coalesce(spawn)]
async fn spawned(day: u32) -> u32 {
    slow_report(day).await
}

/// On a task of its own, to its end.
#[coalesce(detach)]
async fn detached(day: u32) -> u32 {
    slow_report(day).await
}

/// A request every 100 ms, each with a second to live; how many were answered.
async fn requests<F: Future<Output = u32> + Send + 'static>(
    report: impl Fn(u32) -> F,
    count: u32,
) -> u32 {
    let mut requests = Vec::new();
    for _ in 0..count {
        requests.push(tokio::spawn(timeout(Duration::from_secs(1), report(7))));
        sleep(Duration::from_millis(100)).await;
    }
    let mut answered = 0;
    for request in requests {
        answered += u32::from(request.await.unwrap().is_ok());
    }
    answered
}

fn bodies() -> (u32, u32) {
    (STARTED.swap(0, Relaxed), FINISHED.swap(0, Relaxed))
}

// Time is paused, so this example takes none.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let answered = requests(inline, 30).await;
    let (started, finished) = bodies();
    assert_eq!(
        (answered, finished),
        (0, 0),
        "each deadline ends one attempt"
    );
    println!(
        "spawn: inline   {answered:2} of 30 answered, {finished} of {started} bodies finished"
    );

    let answered = requests(spawned, 30).await;
    let (started, finished) = bodies();
    assert!(answered > 15 && finished >= 2);
    println!(
        "spawn: spawned  {answered:2} of 30 answered, {finished} of {started} bodies finished"
    );

    // A single request: nobody waits for the answer any more, and yet it fills the cache.
    assert_eq!(requests(detached, 1).await, 0);
    sleep(Duration::from_secs(1)).await;
    assert_eq!((bodies(), *CACHE.lock().unwrap()), ((1, 1), Some(7)));
    println!("spawn: detached a body that nobody waited for filled the cache");
}
