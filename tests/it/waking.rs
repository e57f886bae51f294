//! A follower is woken once for a landing or a hand-over, and not polled in between.

use crate::support::Gate;
use coalesced::{Group, coalesce};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn once_for_a_landing_and_once_for_a_hand_over() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            49
        })
    };
    let (mut leader, mut next) = (task::spawn(call()), task::spawn(call()));
    assert_pending!(leader.poll());
    assert_pending!(next.poll());
    let woken = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut follower = pin!(call());
    let mut poll = || follower.as_mut().poll(&mut Context::from_waker(&waker));
    for _ in 0..5 {
        assert!(poll().is_pending(), "polled for reasons of its own");
    }
    assert_eq!(woken.0.load(SeqCst), 0);

    drop(leader);
    assert_eq!(woken.0.load(SeqCst), 1);
    assert_pending!(next.poll(), "another one was faster");
    assert!(poll().is_pending());
    assert_eq!(woken.0.load(SeqCst), 1);

    gate.open();
    assert_ready_eq!(next.poll(), 49);
    assert_eq!(woken.0.load(SeqCst), 2);
    assert!(poll().is_ready());
    assert_eq!(woken.0.load(SeqCst), 2);
}

#[test]
fn the_last_waker_counts() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            49
        })
    };
    let mut leader = task::spawn(call());
    assert_pending!(leader.poll());
    let mut follower = pin!(call());
    let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
    for count in [&old, &new] {
        let waker = Waker::from(Arc::clone(count));
        assert!(
            follower
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!((old.0.load(SeqCst), new.0.load(SeqCst)), (0, 1));
}

/// Counts the polls of the future in it.
struct Polls<F>(std::pin::Pin<Box<F>>, Arc<AtomicUsize>);

impl<F: Future> Future for Polls<F> {
    type Output = F::Output;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> std::task::Poll<F::Output> {
        self.1.fetch_add(1, SeqCst);
        self.0.as_mut().poll(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_three_polls_in_a_wait_of_fifty_milliseconds() {
    #[coalesce]
    async fn slow() -> u64 {
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        49
    }

    let polls: Vec<_> = (0..100).map(|_| Arc::new(AtomicUsize::new(0))).collect();
    let mut leader = task::spawn(slow());
    assert_pending!(leader.poll());
    let followers: Vec<_> = polls
        .iter()
        .map(|polls| tokio::spawn(Polls(Box::pin(slow()), Arc::clone(polls))))
        .collect();
    assert_eq!(leader.await, 49);
    for follower in followers {
        assert_eq!(follower.await.unwrap(), 49);
    }
    for polls in polls {
        assert!(polls.load(SeqCst) <= 3, "{} polls", polls.load(SeqCst));
    }
}
