//! Who comes to take over when it is not its turn, or when all may be about to go, is polled once more before its
//! body starts; and is woken for that, since nobody else would poll it.

use crate::support::Scene;
use tokio_test::{assert_pending, assert_ready_eq};

/// The second leader went before the third caller had come back: it may be about to go as well.
#[test]
fn after_a_hasty_leader_the_next_one_is_woken_for_a_second_poll() {
    let scene = Scene::new(|| 49);
    let [first, mut second, mut third] = scene.begin();
    drop(first);
    assert_pending!(second.poll());
    drop(second);
    assert!(third.is_woken());
    assert_pending!(third.poll());
    assert_eq!(scene.gate.bodies_active(), 0, "its body has not started");
    assert!(third.is_woken(), "or it would wait for ever");
    scene.gate.open();
    assert_ready_eq!(third.poll(), 49);
    assert_eq!(scene.check().abandoned, 2);
}

#[test]
fn who_goes_before_its_second_poll_abandons_no_body() {
    let scene = Scene::new(|| 49);
    let [first, mut second, mut third, mut fourth] = scene.begin();
    drop(first);
    assert_pending!(second.poll());
    drop(second);
    assert_pending!(third.poll());
    drop(third);
    assert_eq!(scene.group.stats().abandoned, 2, "of two that started");
    scene.gate.open();
    while fourth.poll().is_pending() {
        assert!(fourth.is_woken(), "or it would wait for ever");
    }
    drop(fourth);
    let stats = scene.check();
    assert_eq!((stats.abandoned, stats.takeovers), (2, 2));
}

/// In every second hand-over it is the oldest's turn; another one that is polled before it leads all the same, since
/// the oldest may never be polled.
#[test]
fn who_gives_way_to_the_oldest_is_woken_for_a_second_poll() {
    let scene = Scene::new(|| 49);
    let [first, mut oldest, mut other, mut leads] = scene.begin();
    drop(first);
    assert_pending!(leads.poll());
    for caller in [&mut oldest, &mut other] {
        assert_pending!(caller.poll());
    }
    drop(leads);
    assert_pending!(other.poll());
    assert_eq!(scene.gate.bodies_active(), 0, "it gave way");
    assert!(other.is_woken(), "or it would wait for ever");
    scene.gate.open();
    assert_ready_eq!(other.poll(), 49);
    assert_ready_eq!(oldest.poll(), 49);
    scene.check();
}
