//! Options in pairs: each with each other, and with `spawn` and `detach` as a third, under random schedules.
//!
//! What the model believes:
//!
//! 1. A call joins the flight of its key that nobody displaced, if there is one. If there is none, or it makes room (`fresh`; older than `max_age`;
//!    `max_followers` wait), the call opens a flight, which takes the key's place.
//! 2. Alone runs a call that is asked to (`alone`, `bypass`), that finds the group disabled, or that finds
//!    `max_in_flight` flights and none of its own key, displaced ones included.
//! 3. A leader that is dropped abandons its flight, and a body that fails with `share = ok` leaves it, to
//!    whoever is polled next, a follower or a newcomer. Who need not be is left open: a follower may ask, once, to
//!    be polled once more before it leads. A flight without leader and followers is gone.
//! 4. A follower that has waited for `max_wait` joins the newer flight of its key, or opens it, on the same
//!    terms as a newcomer, and stays in that.
//! 5. A follower waits for two bodies at most, whether they fail or take longer than `max_wait`; then it runs
//!    alone.
//! 6. With `spawn` and `detach` a body runs when the runtime comes to it. With `spawn` it is aborted when
//!    neither the caller that spawned it nor a follower is left, and is gone when the runtime comes to it; until
//!    then it can be joined. With `detach` it runs to its end.
//! 7. Whose body ended gets what that returned itself, or its panic. The followers get the same value, an
//!    error as `clone_err` makes it, and a panic of their own.
//! 8. `led` and `followed` and `alone` count calls by how they start; `takeovers` the bodies that former
//!    followers start, for whatever reason; `abandoned` the leaders whose body was dropped; `errors` and
//!    `panics` bodies. `observe` tells, however often it is wrapped around a call, what it was in the end, how
//!    long it waited, and the takeovers of its flight when it stopped waiting.
//! 9. A flight that goes across asks before its body starts: it waits, is let run, or lands with a value that other servers
//!    give, which is nobody's error here. Its leader, dropped before it was let run, abandons no body. What is
//!    told there is taken back by whoever goes.
//! 10. Who can get on has been woken.
//! 11. When all callers are gone, and the bodies that were detached have ended, nothing is left.

mod body;
mod caller;
mod drive;
mod functions;
mod home;
mod model;
mod options;
mod outcome;
mod schedule;
mod servers;
mod steps;
mod threads;

use home::Subject;
use options::{Opt, Set};
use proptest::{
    prelude::*,
    test_runner::{TestError, TestRunner},
};
use steps::Step;

/// Runs schedules; returns the shortest that was found in which the calls disagree with the model.
fn disagreement(
    cases: u32,
    max_shrink_iters: u32,
    schedules: impl Strategy<Value = (Set, Vec<Step>)>,
) -> Option<String> {
    let config = ProptestConfig {
        cases: if cfg!(debug_assertions) {
            cases
        } else {
            50 * cases
        },
        max_shrink_iters,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let run = |(options, steps): (Set, Vec<_>)| {
        match Subject::with(options, |subject| schedule::run(subject, options, &steps)) {
            Ok(true) => Ok(()),
            // Another one is run in its place.
            Ok(false) => Err(TestCaseError::reject("it was not clear what should be")),
            Err(story) => Err(TestCaseError::fail(format!("{options:?}\n{story}"))),
        }
    };
    match TestRunner::new(config).run(&schedules, run) {
        Ok(()) => None,
        Err(TestError::Fail(story, _)) => Some(story.to_string()),
        Err(TestError::Abort(why)) => Some(why.to_string()),
    }
}

/// Runs so many schedules of each of these sets of options.
fn check(sets: impl IntoIterator<Item = Set>, cases: u32) {
    let disagreements: Vec<_> = sets
        .into_iter()
        .filter_map(|set| {
            // Where nobody goes on, it takes seconds to see.
            let shrink = if set.has(Opt::Blocking) { 16 } else { 4_096 };
            disagreement(cases, shrink, (Just(set), steps::steps(set)))
        })
        .collect();
    let (number, stories) = (disagreements.len(), disagreements.join("\n"));
    assert!(number == 0, "{number} sets of options:\n{stories}");
}

#[test]
fn pairs() {
    let pairs = Set::pairs(&[]).into_iter();
    check(pairs.filter(|set| !set.has(Opt::Blocking)), 40);
}

#[test]
#[cfg(feature = "spawn")]
fn pairs_of_spawned_bodies() {
    check(Set::pairs(&[Opt::Spawn, Opt::Detach]), 25);
}

/// Threads take their time: how old a flight is that one opened when it had waited long enough is not sure.
#[test]
fn pairs_of_callers_that_block() {
    let pairs = Set::pairs(&[Opt::Blocking]).into_iter();
    let timed = |set: &Set| set.has(Opt::MaxWait) && set.has(Opt::MaxAge);
    check(pairs.filter(|set| !timed(set)), 4);
}

/// As many at once as it happens.
#[test]
fn any() {
    let sets = prop::bits::u32::masked(!Set::of(&[Opt::Blocking]).bits()).prop_map(Set::some);
    let schedules = sets.prop_flat_map(|set| (Just(set), steps::steps(set)));
    let story = disagreement(1_500, 4_096, schedules);
    assert!(story.is_none(), "{}", story.unwrap_or_default());
}
