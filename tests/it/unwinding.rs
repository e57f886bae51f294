//! While a thread unwinds, nothing that a caller leaves behind may panic: the process would abort.

use crate::support::{Gate, Noisy};
use coalesced::Group;
use std::{
    future::{Future, pending},
    panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use tokio_test::{assert_pending, assert_ready, task};

/// What panics when it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("a bomb"));
    }
}

/// The follower was the last to hold a value that had landed, and whose destructor panics; the leader has a copy.
#[test]
fn a_follower_is_dropped_with_the_value_itself() {
    #[derive(Debug)]
    struct Explosive(bool);

    impl Clone for Explosive {
        fn clone(&self) -> Self {
            Self(false)
        }
    }

    impl Drop for Explosive {
        fn drop(&mut self) {
            if self.0 {
                resume_unwind(Box::new("a bomb"));
            }
        }
    }

    let group = Group::<u64, Explosive>::new();
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            Explosive(true)
        })
    };
    let (mut leader, mut follower) = (task::spawn(call()), task::spawn(call()));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    gate.open();
    drop(assert_ready!(leader.poll()));
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _follower = follower;
        resume_unwind(Box::new("its caller"));
    }));
    assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"its caller"));
}

/// A body that panics, whose destructor panics with what panics when it is dropped.
#[test]
fn a_body_panics_thrice() {
    struct Held;

    impl Drop for Held {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic_any(Bomb);
            }
        }
    }

    let group = Group::<u64, ()>::new();
    // Held by the future, not by its block: so it is dropped with it, after its panic has been caught.
    let body = {
        let held = Held;
        std::future::poll_fn(move |_| {
            let _held = &held;
            resume_unwind(Box::new("the body"))
        })
    };
    let mut leader = task::spawn(group.call(7, body));
    let panic = catch_unwind(AssertUnwindSafe(|| leader.poll())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the body"));
    assert_eq!(group.in_flight(), 0);
}

/// A body that returns, whose destructor panics with what panics when it is dropped, and whose value can't be
/// copied: of the two panics the second is told.
#[test]
fn a_body_is_dropped_and_then_its_value_is_copied() {
    struct Body(bool);

    impl Future for Body {
        type Output = Noisy;

        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Noisy> {
            if !std::mem::replace(&mut self.0, true) {
                return Poll::Pending;
            }
            Poll::Ready(Noisy::new(49, |what| {
                if what == "clone" {
                    resume_unwind(Box::new("the copy"));
                }
            }))
        }
    }

    impl Drop for Body {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    let group = Group::<(), Noisy>::new();
    let mut leader = task::spawn(group.call((), Body(false)));
    let mut follower = task::spawn(group.call((), pending()));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    let panic = catch_unwind(AssertUnwindSafe(|| leader.poll())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the copy"));
    assert_eq!(assert_ready!(follower.poll()).number, 49);
}

/// A follower that would open a newer flight after `max_wait` has a key for it.
#[cfg(feature = "time")]
#[tokio::test(start_paused = true)]
async fn a_follower_is_dropped_with_the_key_of_the_flight_that_it_would_open() {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    };

    let limits = coalesced::Config::new().max_wait(std::time::Duration::from_secs(1));
    let group = Group::<Noisy, u64>::new().with_config(limits);
    let is_copied = Arc::new(AtomicBool::new(false));
    let copied = Arc::clone(&is_copied);
    let quiet = Noisy::new(7, |_| {});
    let loud = Noisy::new(7, move |what| match what {
        "clone" => copied.store(true, SeqCst),
        "drop" => resume_unwind(Box::new("a key")),
        _ => {}
    });
    let mut leader = task::spawn(group.call(&quiet, pending()));
    let mut follower = task::spawn(group.call(&loud, pending()));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert!(is_copied.load(SeqCst));
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _follower = follower;
        resume_unwind(Box::new("its caller"));
    }));
    assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"its caller"));
    std::mem::forget(loud);
}
