//! Errors that are not `Clone`: copied by the user's own function, or not shared.

use crate::support::{Gate, all_have, begin};
use coalesced::{Group, coalesce};
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};
use tokio::time::{Instant, sleep};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

/// An error that exists once.
#[derive(Debug, PartialEq, Eq)]
struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn copy(failure: &Failure) -> Failure {
    Failure(format!("{failure} (shared)"))
}

#[coalesce(key = gate.id, clone_err = copy)]
async fn by_path(gate: &Gate) -> Result<u64, Failure> {
    gate.pass().await;
    Err(Failure("down".to_owned()))
}

#[coalesce(key = gate.id, clone_err = |failure| Failure(failure.0.to_uppercase()))]
async fn by_closure(gate: &Gate) -> Result<u64, Failure> {
    gate.pass().await;
    Err(Failure("down".to_owned()))
}

#[test]
fn an_error_is_copied_by_ones_own_function() {
    for (is_path, copied) in [(true, "down (shared)"), (false, "DOWN")] {
        let gate = Gate::closed();
        let [mut leader, mut follower] = begin(async || {
            if is_path {
                by_path(&gate).await
            } else {
                by_closure(&gate).await
            }
        });
        gate.open();
        assert_ready_eq!(
            leader.poll(),
            Err(Failure("down".to_owned())),
            "whose body failed has its own error"
        );
        assert_ready_eq!(follower.poll(), Err(Failure(copied.to_owned())));
        assert_eq!(gate.bodies_started(), 1);
    }
}

/// Fails as often as it is told to. The error is not even `Sync`, and borrows nothing of ours.
#[coalesce(key = gate.id, share = ok)]
async fn own_error(gate: &Gate, failures: &AtomicU64) -> Result<u64, std::cell::Cell<u64>> {
    gate.pass().await;
    let left = failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
    match left {
        Ok(left) => Err(std::cell::Cell::new(left)),
        Err(_) => Ok(49),
    }
}

#[test]
fn an_ok_is_shared() {
    let (gate, failures) = (Gate::closed(), AtomicU64::new(0));
    let mut calls: [_; 10] = begin(|| own_error(&gate, &failures));
    gate.open();
    all_have(&mut calls, Ok(49));
    assert_eq!(gate.bodies_started(), 1);
}

#[test]
fn an_err_goes_to_its_own_caller_and_another_one_tries() {
    let (gate, failures) = (Gate::closed(), AtomicU64::new(1));
    let [mut leader, mut followers @ ..]: [_; 10] = begin(|| own_error(&gate, &failures));
    gate.open();
    assert!(assert_ready!(leader.poll()).is_err());
    assert!(followers.iter().all(|follower| follower.is_woken()));
    all_have(&mut followers, Ok(49));
    assert_eq!((gate.bodies_started(), gate.most_at_once()), (2, 1));
}

#[test]
fn after_a_second_err_a_follower_runs_alone() {
    let group: &'static Group<u64, u64> = Box::leak(Box::default());

    #[coalesce(group = group, key = gate.id, share = ok)]
    async fn dead(group: &Group<u64, u64>, gate: &Gate) -> Result<u64, ()> {
        gate.pass().await;
        Err(())
    }

    let gate = Gate::closed();
    let mut calls: [_; 10] = begin(|| dead(group, &gate));
    gate.open();
    assert_ready_eq!(calls[0].poll(), Err(()));
    gate.close();
    for call in &mut calls[1..] {
        assert_pending!(call.poll());
    }
    assert_eq!(
        gate.bodies_active(),
        1,
        "one tries again, the others wait for it"
    );
    let [mut newcomer] = begin(|| dead(group, &gate));
    gate.open();
    assert_ready_eq!(calls[1].poll(), Err(()));
    gate.close();
    for call in &mut calls[2..] {
        assert_pending!(call.poll());
    }
    assert_eq!(
        gate.bodies_active(),
        8,
        "those who saw two failures go alone, side by side"
    );
    assert_pending!(
        newcomer.poll(),
        "it was the oldest's turn, and it gives way"
    );
    assert!(newcomer.is_woken());
    assert_pending!(newcomer.poll());
    assert_eq!(
        gate.bodies_active(),
        9,
        "the newcomer saw one, and tries for the others"
    );
    let [last] = begin(|| dead(group, &gate));
    assert_eq!(gate.bodies_active(), 9, "it joined that one");
    gate.open();
    all_have(&mut calls[2..], Err(()));
    all_have(&mut [newcomer, last], Err(()));
    let stats = group.stats();
    assert_eq!(
        (stats.calls, stats.led, stats.followed, stats.alone),
        (12, 1, 11, 0)
    );
    assert_eq!(
        stats.led + stats.takeovers + stats.alone,
        gate.bodies_started() as u64
    );
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
}

/// A dead backend does not turn a herd into a queue of timeouts; it is asked by each of them instead.
#[tokio::test(start_paused = true)]
async fn all_are_answered_within_three_bodies_time_and_all_have_run_their_own() {
    const BODY: Duration = Duration::from_secs(5);
    static BODIES: AtomicU64 = AtomicU64::new(0);

    #[coalesce(share = ok)]
    async fn dead() -> Result<u64, String> {
        BODIES.fetch_add(1, SeqCst);
        sleep(BODY).await;
        Err("no answer".to_owned())
    }

    let start = Instant::now();
    let callers: Vec<_> = (0..1000).map(|_| tokio::spawn(dead())).collect();
    for caller in callers {
        assert!(caller.await.unwrap().is_err());
    }
    assert!(
        start.elapsed() <= BODY * 3 + Duration::from_millis(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(BODIES.load(SeqCst), 1000);
}

#[test]
fn a_failing_leader_that_is_dropped_or_panics_is_as_any_other() {
    let (gate, failures) = (Gate::closed(), AtomicU64::new(0));
    let [leader, mut follower] = begin(|| own_error(&gate, &failures));
    drop(leader);
    gate.open();
    assert_ready_eq!(follower.poll(), Ok(49));
}

static OWNED: Group<u64, String> = Group::new();

#[coalesce(group = OWNED, share = ok)]
async fn in_a_group(id: u64) -> std::io::Result<String> {
    if id == 0 {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    Ok(id.to_string())
}

#[coalesce(group = OWNED)]
async fn of_the_same_value(id: u64) -> String {
    id.to_string()
}

#[test]
fn a_groups_value_is_what_is_shared() {
    assert_eq!(
        assert_ready!(task::spawn(in_a_group(7)).poll()).unwrap(),
        "7"
    );
    assert!(assert_ready!(task::spawn(in_a_group(0)).poll()).is_err());
    assert_ready_eq!(task::spawn(of_the_same_value(7)).poll(), "7");
}

#[test]
fn a_bypassed_call_runs_alone_and_evaluates_no_key() {
    #[coalesce(key = { assert!(!alone, "the key of a call that has none"); gate.id }, bypass = alone, name = "bypass")]
    async fn bypassed(gate: &Gate, alone: bool) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    let mut sharing: [_; 2] = begin(|| bypassed(&gate, false));
    let [dropped, mut alone @ ..]: [_; 3] = begin(|| bypassed(&gate, true));
    assert_eq!(gate.bodies_active(), 4);
    let group = coalesced::groups()
        .into_iter()
        .find(|group| group.name() == "bypass")
        .unwrap();
    let stats = group.stats();
    assert_eq!(
        (stats.calls, stats.led, stats.followed, stats.alone),
        (5, 1, 1, 3)
    );
    drop(dropped);
    gate.open();
    all_have(&mut sharing, 49);
    all_have(&mut alone, 49);
    assert_eq!(group.in_flight(), 0);
}
