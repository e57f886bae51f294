//! While a thread unwinds, nothing that a caller leaves behind may panic: the process would abort.

use crate::support::Gate;
use coalesced::Group;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
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
