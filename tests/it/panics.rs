//! A panic goes to the caller whose code it was, the followers learn of it, and nothing is lost.

use crate::support::{Gate, Noisy, Scene, all_have, begin, begin_with, caught, unwinds};
use coalesced::{Group, coalesce};
use std::{
    future::{Future, pending},
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

/// What a key or value runs that panics at its first `what`, or after so many of them.
fn panics_at(
    what: &'static str,
    after: usize,
    panic: &'static str,
) -> impl Fn(&'static str) + Clone {
    let times = Arc::new(AtomicUsize::new(0));
    move |now| {
        if now == what && times.fetch_add(1, SeqCst) == after {
            panic!("{panic}");
        }
    }
}

#[coalesce(key = gate.id)]
async fn explode(gate: &Gate) -> u64 {
    gate.pass().await;
    panic!("boiler {} at 12 bar", gate.id)
}

#[test]
fn the_leader_gets_its_panic_and_the_followers_learn_of_it() {
    let gate = Gate::closed();
    let [mut leader, mut followers @ ..]: [_; 4] = begin(|| explode(&gate));
    gate.open();
    let original = format!("boiler {} at 12 bar", gate.id);
    assert_eq!(unwinds(|| leader.poll()), original);
    for follower in &mut followers {
        assert!(follower.is_woken());
        let expected = format!(
            "the call of `it::panics::explode` that this one waited for panicked: {original}"
        );
        assert_eq!(unwinds(|| follower.poll()), expected);
    }
    assert_eq!(gate.bodies_started(), 1);
    // And afresh.
    unwinds(|| task::spawn(explode(&gate)).poll());
    assert_eq!(gate.bodies_started(), 2);
}

#[test]
fn the_original_panic_is_any_value() {
    let group = Group::<(), ()>::new();
    let mut leader = task::spawn(group.call((), async { std::panic::panic_any(418_u16) }));
    assert_eq!(caught(|| leader.poll()).downcast_ref(), Some(&418_u16));
}

/// The hook is one for the whole process, so this counts by the message.
#[test]
fn the_panic_hook_runs_once() {
    static REPORTS: AtomicUsize = AtomicUsize::new(0);

    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if text_of(info).contains("reported once") {
            REPORTS.fetch_add(1, SeqCst);
        } else {
            previous(info);
        }
    }));

    fn text_of(info: &std::panic::PanicHookInfo<'_>) -> String {
        info.payload_as_str().unwrap_or_default().to_owned()
    }

    let scene = Scene::<()>::new(|| panic!("reported once"));
    let mut calls = scene.begin::<10>();
    scene.gate.open();
    for call in &mut calls {
        caught(|| call.poll());
    }
    assert_eq!(REPORTS.load(SeqCst), 1);
    assert_eq!(scene.check().panics, 1);
}

#[test]
fn a_take_over_after_which_the_body_panics() {
    let scene = Scene::<u64>::new(|| panic!("late"));
    let [leader, mut second, mut third] = scene.begin();
    drop(leader);
    scene.gate.open();
    assert_eq!(unwinds(|| third.poll()), "late");
    assert!(unwinds(|| second.poll()).ends_with("panicked: late"));
    scene.check();
}

#[test]
fn a_clone_of_the_value_panics_and_only_its_caller_is_hurt() {
    let code = panics_at("clone", 1, "the second clone");
    let scene = Scene::new(move || Noisy::new(49, code.clone()));
    let mut calls = scene.begin::<5>();
    scene.gate.open();
    let mut hurt = 0;
    for call in &mut calls {
        match catch_unwind(AssertUnwindSafe(|| call.poll())) {
            Ok(polled) => assert_eq!(assert_ready!(polled).number, 49),
            Err(panic) => {
                assert_eq!(panic.downcast_ref::<String>().unwrap(), "the second clone");
                hurt += 1;
            }
        }
    }
    assert_eq!(hurt, 1);
    scene.check();
}

#[test]
fn the_leaders_own_clone_panics_and_the_followers_have_theirs() {
    let code = panics_at("clone", 0, "the first clone");
    let scene = Scene::new(move || Noisy::new(49, code.clone()));
    let [mut leader, mut follower] = scene.begin();
    scene.gate.open();
    assert_eq!(unwinds(|| leader.poll()), "the first clone");
    assert!(follower.is_woken());
    assert_eq!(assert_ready!(follower.poll()).number, 49);
    scene.check();
}

#[test]
fn a_key_panics_while_it_is_hashed_compared_or_cloned() {
    for what in ["hash", "eq", "clone"] {
        let group = Group::<Noisy, u64>::new();
        let gate = Gate::closed();
        let good = Noisy::new(7, |_| {});
        let bad = Noisy::new(if what == "clone" { 8 } else { 7 }, move |now| {
            if now == what {
                panic!("while it runs {now}");
            }
        });
        let call = |key| {
            group.call(key, async {
                gate.pass().await;
                49
            })
        };
        let [leader] = begin(|| call(&good));
        let panic = unwinds(|| task::spawn(call(&bad)).poll());
        assert_eq!(panic, format!("while it runs {what}"));
        // The group is as it was.
        let [follower] = begin(|| call(&good));
        assert_eq!((group.in_flight(), gate.bodies_started()), (1, 1));
        gate.open();
        all_have(&mut [leader, follower], 49);
    }
}

/// It is nobody's code that drops the group's key: after a take-over it is not even the caller's own.
#[test]
fn the_drop_of_a_key_panics_and_everyone_has_the_value() {
    let group = Group::<Noisy, u64>::new();
    let gate = Gate::closed();
    let drops = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&drops);
    // Only the group's own key panics; it is the first to be dropped.
    let key = Noisy::new(7, move |what| {
        if what == "drop" && count.fetch_add(1, SeqCst) == 0 {
            panic!("a key that does not go quietly");
        }
    });
    let [mut leader, mut follower] = begin(|| {
        group.call(&key, async {
            gate.pass().await;
            49
        })
    });
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!(drops.load(SeqCst), 1, "it did panic");
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_key_that_panics_when_dropped_does_not_hide_the_bodys_panic() {
    let group = Group::<Noisy, u64>::new();
    let key = Noisy::new(7, panics_at("drop", 0, "the key"));
    let mut leader = task::spawn(group.call(&key, async { panic!("the body") }));
    assert_eq!(unwinds(|| leader.poll()), "the body");
}

#[test]
fn a_value_that_panics_when_cloned_and_a_key_that_panics_when_dropped_do_not_abort() {
    let group = Group::<Noisy, Noisy>::new();
    let gate = Gate::closed();
    let key = Noisy::new(7, panics_at("drop", 0, "the key"));
    let [mut leader, mut follower] = begin(|| {
        group.call(&key, async {
            gate.pass().await;
            Noisy::new(49, |what| assert_ne!(what, "clone", "the value"))
        })
    });
    gate.open();
    assert!(unwinds(|| leader.poll()).contains("the value"));
    assert_eq!(
        assert_ready!(follower.poll()).number,
        49,
        "the last one takes it, and clones nothing"
    );
}

#[test]
fn a_body_and_its_value_that_both_panic_when_dropped_do_not_abort() {
    struct Both;

    impl Future for Both {
        type Output = Noisy;

        fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Noisy> {
            Poll::Ready(Noisy::new(49, |what| assert_ne!(what, "drop", "the value")))
        }
    }

    impl Drop for Both {
        fn drop(&mut self) {
            panic!("the body");
        }
    }

    let group = Group::<(), Noisy>::new();
    assert_eq!(
        unwinds(|| task::spawn(group.call((), Both)).poll()),
        "the body"
    );
    assert_eq!(group.in_flight(), 0);
}

/// A body whose destructor panics.
struct Grenade<'g>(&'g Gate, bool);

impl Future for Grenade<'_> {
    type Output = u64;

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let pass = pin!(self.0.pass());
        pass.poll(cx).map(|()| 49)
    }
}

impl Drop for Grenade<'_> {
    fn drop(&mut self) {
        if self.1 {
            panic!("pulled");
        }
    }
}

#[test]
fn the_drop_of_an_abandoned_body_panics_and_the_flight_is_handed_over() {
    let group = Group::<(), u64>::new();
    let gate = Gate::closed();
    let [leader] = begin(|| group.call((), Grenade(&gate, true)));
    let [mut follower] = begin(|| group.call((), Grenade(&gate, false)));
    assert_eq!(unwinds(|| drop(leader)), "pulled");
    assert!(follower.is_woken());
    gate.open();
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn the_drop_of_a_finished_body_panics_and_the_followers_have_their_value() {
    let group = Group::<(), u64>::new();
    let gate = Gate::closed();
    let [mut leader] = begin(|| group.call((), Grenade(&gate, true)));
    let [mut follower] = begin(|| group.call((), Grenade(&gate, false)));
    gate.open();
    assert_eq!(unwinds(|| leader.poll()), "pulled");
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_key_and_a_body_that_both_panic_when_dropped_do_not_abort() {
    let group = Group::<Noisy, u64>::new();
    let gate = Gate::closed();
    let key = Noisy::new(7, |what| {
        if what == "drop" && !std::thread::panicking() {
            panic!("the key too");
        }
    });
    let [leader] = begin(|| group.call(&key, Grenade(&gate, true)));
    assert_eq!(unwinds(|| drop(leader)), "pulled");
    assert_eq!(group.in_flight(), 0);
    std::mem::forget(key);
}

#[test]
fn a_waker_that_panics_does_not_silence_the_others() {
    struct Broken;

    impl Wake for Broken {
        fn wake(self: Arc<Self>) {
            panic!("an executor's own mistake");
        }
    }

    let scene = Scene::new(|| 49);
    let [mut leader, before] = scene.begin();
    let _broken = begin_with(&Arc::new(Broken).into(), scene.call());
    let [after] = scene.begin();
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49, "the leader is not to blame");
    assert!(before.is_woken() && after.is_woken());
    all_have(&mut [before, after], 49);
}

#[test]
fn a_waker_that_panics_when_it_is_dropped() {
    struct Broken;

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    impl Drop for Broken {
        fn drop(&mut self) {
            DROPS.fetch_add(1, SeqCst);
            panic!("an executor's own mistake");
        }
    }

    impl Wake for Broken {
        fn wake(self: Arc<Self>) {}
    }

    let scene = Scene::new(|| 49);
    let [_leader] = scene.begin();
    let waker = Waker::from(Arc::new(Broken));
    let follower = begin_with(&waker, scene.call());
    drop(waker);
    assert_eq!(DROPS.load(SeqCst), 0, "the flight has the last one");
    drop(follower);
    assert_eq!((DROPS.load(SeqCst), scene.group.stats().waiting), (1, 0));
}

/// What a waker panics with may panic in its turn.
#[test]
fn a_waker_whose_panic_panics() {
    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("the payload");
        }
    }

    struct Broken;

    impl Wake for Broken {
        fn wake(self: Arc<Self>) {
            std::panic::panic_any(Payload);
        }
    }

    let scene = Scene::new(|| 49);
    let [mut leader] = scene.begin();
    let _broken = begin_with(&Arc::new(Broken).into(), scene.call());
    let [follower] = scene.begin();
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert!(follower.is_woken());
}

#[test]
fn a_caller_that_unwound_and_is_polled_again_does_not_hang() {
    let scene = Scene::<u64>::new(|| panic!("once"));
    let mut calls = scene.begin::<2>();
    scene.gate.open();
    for call in &mut calls {
        unwinds(|| call.poll());
        assert_eq!(
            unwinds(|| call.poll()),
            "a coalesced call was polled again after its end"
        );
    }
    scene.check();
}

#[test]
fn a_call_is_dropped_while_its_thread_unwinds() {
    let group = Group::<(), u64>::new();
    let mut follower = task::spawn(group.call((), async { 49 }));
    caught(|| {
        let mut leader = task::spawn(group.call((), pending()));
        assert_pending!(leader.poll());
        assert_pending!(follower.poll());
        panic!("elsewhere");
    });
    assert!(follower.is_woken());
    assert_ready_eq!(follower.poll(), 49);
}

/// Its caller gives way, or takes over, and needs the copy of its waker no more: if it led by then, nobody would know;
/// and if the waker panicked twice, when it is woken and when it is dropped, the process would abort.
#[test]
fn a_waker_that_panics_while_its_caller_gives_way_or_takes_over() {
    const fn loud() -> RawWaker {
        const MISTAKE: unsafe fn(*const ()) = |_| panic!("an executor's own mistake");
        const TABLE: RawWakerVTable = RawWakerVTable::new(|_| loud(), MISTAKE, MISTAKE, MISTAKE);
        RawWaker::new(std::ptr::null(), &TABLE)
    }

    let group = Group::<(), u64>::new();
    let gate = Gate::closed();
    let call = || {
        group.call((), async {
            gate.pass().await;
            49
        })
    };
    let [first, mut oldest, mut second]: [_; 3] = begin(call);
    drop(first);
    assert_pending!(second.poll());
    drop(second);
    // It is the oldest's turn now, so that a newcomer gives way once.
    let mut newcomer = Box::pin(call());
    // SAFETY: nothing is behind the pointer.
    let waker = ManuallyDrop::new(unsafe { Waker::from_raw(loud()) });
    for _ in 0..2 {
        let polled = || newcomer.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(unwinds(polled), "an executor's own mistake");
    }
    drop(newcomer);
    gate.open();
    assert_pending!(oldest.poll(), "the leader was hasty");
    assert_ready_eq!(oldest.poll(), 49);
    let stats = group.stats();
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
}
