//! Single calls: `fresh` to read one's own write, `alone` to share with nobody, `observe` to know.

use coalesced::{Role, alone, coalesce, fresh, observe};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::{spawn, time::sleep};

static BALANCE: AtomicU64 = AtomicU64::new(100);

#[coalesce]
async fn balance(account: u64) -> u64 {
    let read = BALANCE.load(Relaxed);
    sleep(Duration::from_millis(10)).await; // on its way back
    let _ = account;
    read
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let dashboard = spawn(balance(1));
    sleep(Duration::from_millis(5)).await;

    // We deposit, and read: not what was read before.
    BALANCE.fetch_add(50, Relaxed);
    let (stale, own) = tokio::join!(balance(1), fresh(balance(1)));
    assert_eq!(
        (stale, own),
        (100, 150),
        "the one joined the dashboard's flight, the other did not"
    );
    assert_eq!(dashboard.await.unwrap(), 100);

    // An audit wants a look of its own.
    let audit = alone(balance(1));
    let (audited, (value, report)) = tokio::join!(audit, observe(balance(1)));
    assert_eq!((audited, value), (150, 150));
    assert_eq!(
        report.unwrap().role,
        Role::Leader,
        "nobody was there to follow"
    );

    // A log line that tells who waited for whom.
    let leader = spawn(observe(balance(1)));
    let follower = spawn(observe(balance(1)));
    for call in [leader, follower] {
        let (value, report) = call.await.unwrap();
        let report = report.unwrap();
        println!(
            "wishes: {value} as {:?}, after waiting for {:?}",
            report.role, report.waited
        );
    }
}
