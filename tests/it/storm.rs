//! A slow body and callers with deadlines: what a timeout layer makes of a herd.

use coalesced::Group;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, sleep_until, timeout};

const BODY: Duration = Duration::from_millis(600);
const DEADLINE: Duration = Duration::from_millis(1_000);
const APART: Duration = Duration::from_millis(2);

/// Callers come every two milliseconds, each with a deadline of a second; the body takes 600 ms, and
/// the first leader is cancelled at 550 ms. If the oldest took over, its deadline would cut it off,
/// and then the next one's, and so on: none would be answered. So the newest does, and only those
/// are lost whose deadline comes before its body can be done, 75 or so.
#[tokio::test(start_paused = true)]
async fn a_cancelled_leader_does_not_start_a_row_of_timeouts() {
    const CALLERS: u32 = 10_000;

    let group = Arc::new(Group::<(), u64>::new());
    let start = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let group = Arc::clone(&group);
            tokio::spawn(async move {
                sleep_until(start + APART * caller).await;
                let deadline = if caller == 0 {
                    BODY - Duration::from_millis(50)
                } else {
                    DEADLINE
                };
                let call = group.call((), async {
                    sleep(BODY).await;
                    49
                });
                timeout(deadline, call).await.is_ok()
            })
        })
        .collect();
    let mut answered = 0;
    for caller in callers {
        answered += u32::from(caller.await.unwrap());
    }
    assert!(
        answered >= CALLERS - 100,
        "{answered} of {CALLERS} were answered"
    );
    let stats = group.stats();
    println!("{answered} of {CALLERS} were answered; {stats}");
    assert!(stats.led + stats.takeovers <= 40, "{stats}");
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
}

/// A backend that hangs, and callers with one deadline: `timeout` polls what is in it before it looks at
/// the clock, so each of them could take over for one poll, and start a query only to drop it.
#[tokio::test(start_paused = true)]
async fn callers_that_time_out_together_do_not_start_a_body_each() {
    const CALLERS: u64 = 1_000;

    let group = Arc::new(Group::<(), u64>::new());
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let group = Arc::clone(&group);
            tokio::spawn(async move {
                let call = group.call((), std::future::pending());
                timeout(DEADLINE, call).await.is_err()
            })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    let stats = group.stats();
    assert!(stats.led + stats.takeovers <= 2, "{stats}");
    assert_eq!(
        (stats.calls, stats.in_flight, stats.waiting),
        (CALLERS, 0, 0)
    );
}

/// A client that opens requests and resets them: each of its callers came last, and so led next, and went. One who
/// waits without a deadline waited for 20 s for what takes 20 ms.
#[tokio::test(start_paused = true)]
async fn callers_that_come_and_go_starve_nobody() {
    const BODY: Duration = Duration::from_millis(20);

    let group = Arc::new(Group::<(), u64>::new());
    let call = || {
        let group = Arc::clone(&group);
        async move {
            let call = group.call((), async {
                sleep(BODY).await;
                49
            });
            call.await
        }
    };
    let _first = tokio::spawn(timeout(BODY - Duration::from_millis(1), call()));
    tokio::task::yield_now().await;
    let patient = tokio::spawn(call());
    // Whoever leads goes before its body is done, and at each time others are there that came later.
    let malicious = tokio::spawn({
        let group = Arc::clone(&group);
        async move {
            loop {
                for _ in 0..10 {
                    let group = Arc::clone(&group);
                    tokio::spawn(timeout(BODY - Duration::from_millis(1), async move {
                        let call = group.call((), async {
                            sleep(BODY).await;
                            49
                        });
                        call.await
                    }));
                }
                sleep(Duration::from_millis(3)).await;
            }
        }
    });
    let answer = timeout(BODY * 3, patient).await;
    malicious.abort();
    assert_eq!(answer.expect("it was to wait for ever").unwrap(), 49);
}

/// Ten callers that go as soon as they lead, of whatever age, cost one that waits among them ten bodies at most.
#[tokio::test(start_paused = true)]
async fn ten_callers_that_go_cost_ten_bodies_at_most() {
    const BODY: Duration = Duration::from_millis(20);

    for place in 0..=10 {
        let group = Arc::new(Group::<(), u64>::new());
        let call = |patient: bool| {
            let group = Arc::clone(&group);
            // Who runs a body, and so leads, goes just before it is done.
            let (leads, led) = tokio::sync::oneshot::channel();
            let call = async move {
                let body = async {
                    let _ = leads.send(());
                    sleep(BODY).await;
                    49
                };
                group.call((), body).await
            };
            tokio::spawn(async move {
                if patient {
                    return Some(call.await);
                }
                let goes = async {
                    if led.await.is_err() {
                        std::future::pending::<()>().await;
                    }
                    sleep(BODY - Duration::from_millis(1)).await;
                };
                tokio::select! {
                    biased;
                    value = call => Some(value),
                    () = goes => None,
                }
            })
        };
        let start = Instant::now();
        let callers: Vec<_> = (0..11).map(|caller| call(caller == place)).collect();
        for (number, caller) in callers.into_iter().enumerate() {
            let answer = caller.await.unwrap();
            assert!(number != place || answer == Some(49));
        }
        let took = start.elapsed();
        assert!(took <= BODY * 11, "{place}: {took:?}");
    }
}
