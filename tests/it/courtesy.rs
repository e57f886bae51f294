//! Who comes to take over when it is not its turn, or when all may be about to go, is polled once more before its
//! body starts; and is woken for that, since nobody else would poll it.

use std::future::pending;

use crate::support::{Call, Scene};
use coalesced::Group;
use tokio_test::{
    assert_pending, assert_ready_eq,
    task::{self, Spawn},
};

/// Leaders go, each before any that waits has come back: all may be about to go. Returns those who are left.
fn hasty_leaders<const LEFT: usize>(scene: &Scene<u64>) -> [Spawn<Call<'_, u64>>; LEFT] {
    let [first, mut second, mut third] = scene.begin();
    let left = scene.begin();
    drop(first);
    assert_pending!(second.poll());
    drop(second);
    // The oldest's turn: it gives way to that once.
    assert_pending!(third.poll());
    assert_pending!(third.poll());
    assert_eq!(scene.gate.bodies_started(), 3);
    drop(third);
    left
}

#[test]
fn after_a_hasty_leader_the_next_one_is_woken_for_a_second_poll() {
    let scene = Scene::new(|| 49);
    let [mut next] = hasty_leaders(&scene);
    assert!(next.is_woken());
    assert_pending!(next.poll());
    assert_eq!(scene.gate.bodies_active(), 0, "its body has not started");
    assert!(next.is_woken(), "or it would wait for ever");
    scene.gate.open();
    assert_ready_eq!(next.poll(), 49);
    assert_eq!(scene.check().abandoned, 3);
}

#[test]
fn who_goes_before_its_second_poll_abandons_no_body() {
    let scene = Scene::new(|| 49);
    let [mut next, mut last] = hasty_leaders(&scene);
    assert_pending!(next.poll());
    drop(next);
    assert_eq!(scene.group.stats().abandoned, 3, "of three that started");
    scene.gate.open();
    while last.poll().is_pending() {
        assert!(last.is_woken(), "or it would wait for ever");
    }
    drop(last);
    let stats = scene.check();
    assert_eq!((stats.abandoned, stats.takeovers), (3, 3));
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
    let [mut newcomer] = scene.begin();
    assert_eq!(scene.gate.bodies_active(), 0, "it gave way as well");
    assert!(newcomer.is_woken(), "or it would wait for ever");
    scene.gate.open();
    for caller in [&mut newcomer, &mut other, &mut oldest] {
        assert_ready_eq!(caller.poll(), 49);
    }
    scene.check();
}

/// It joined with its waker at hand, when the others had been woken already.
#[test]
fn a_newcomer_to_a_vacant_flight_leads_when_the_others_go_unpolled() {
    let group = Group::<u64, u64>::new();
    let hangs = || task::spawn(group.call(7, pending()));
    let (mut first, mut second) = (hangs(), hangs());
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);
    assert_pending!(second.poll());
    let mut third = hangs();
    assert_pending!(third.poll());
    // The oldest's turn: a newcomer follows.
    drop(second);
    let mut newcomer = task::spawn(group.call(7, async { 49 }));
    assert_pending!(newcomer.poll());
    drop(third);
    assert!(newcomer.is_woken(), "or it would wait for ever");
    assert_ready_eq!(newcomer.poll(), 49);
}
