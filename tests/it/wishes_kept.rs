//! A wish that nobody took is kept for the next poll, by each wrapper that it came from.

use coalesced::{Group, Role, alone, fresh, observe};
use tokio::task::yield_now;
use tokio_test::{assert_pending, assert_ready, task};

/// The inner wrapper gave its wish back, and the outer one's was lost.
#[test]
fn wishes_around_wishes_while_the_call_has_not_started() {
    let group = Group::<u64, u64>::new();
    let late = || async {
        yield_now().await;
        yield_now().await;
        group.call(7, async { 49 }).await
    };
    let mut observed = task::spawn(observe(alone(late())));
    assert_pending!(observed.poll());
    assert_pending!(observed.poll());
    let (value, report) = assert_ready!(observed.poll());
    assert_eq!((value, report.unwrap().role), (49, Role::Alone));

    let mut alone = task::spawn(alone(observe(late())));
    assert_pending!(alone.poll());
    assert_pending!(alone.poll());
    let (value, report) = assert_ready!(alone.poll());
    assert_eq!((value, report.unwrap().role), (49, Role::Alone));

    let mut twice = task::spawn(observe(fresh(observe(late()))));
    assert_pending!(twice.poll());
    assert_pending!(twice.poll());
    let ((value, inner), outer) = assert_ready!(twice.poll());
    assert_eq!(value, 49);
    for report in [inner, outer] {
        assert_eq!(report.unwrap().role, Role::Leader);
    }
    assert_eq!(group.in_flight(), 0);
}
