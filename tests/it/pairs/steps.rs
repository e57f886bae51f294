//! What may happen, one after the other.

use crate::pairs::{
    body::Fate,
    options::{Opt, Set},
    servers::Says,
};
use coalesced::Config;
use proptest::prelude::*;
use std::time::Duration;

pub(super) const KEYS: u8 = 3;
pub(super) const CALLERS: usize = 6;

/// The limits, in milliseconds where they are times: no multiples of what passes at once.
pub(super) const MAX_AGE: u64 = 45;
pub(super) const MAX_WAIT: u64 = 65;
pub(super) const MAX_FOLLOWERS: usize = 2;
pub(super) const MAX_IN_FLIGHT: usize = 2;

/// What a call is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Fresh,
    Alone,
    Observe,
}

/// Callers are counted from the oldest that is there, and from the start again.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Start {
        key: u8,
        bypass: bool,
        /// From the inside to the outside.
        wishes: Vec<Wish>,
        fate: Fate,
    },
    Poll(usize),
    Drop(usize),
    /// Its body is to end so, when it is polled next.
    Finish(usize, Fate),
    Forget(u8),
    ForgetAll,
    /// So many milliseconds pass, and the runtime runs the tasks.
    Pass(u64),
    RunTasks,
    Switch,
    /// The other servers say so from now on.
    Say(Says),
}

pub(super) fn config(options: Set, enabled: bool) -> Config {
    let mut config = Config::new().enabled(enabled);
    if options.has(Opt::MaxAge) {
        config = config.max_age(Duration::from_millis(MAX_AGE));
    }
    if options.has(Opt::MaxWait) {
        config = config.max_wait(Duration::from_millis(MAX_WAIT));
    }
    if options.has(Opt::MaxFollowers) {
        config = config.max_followers(MAX_FOLLOWERS);
    }
    if options.has(Opt::MaxInFlight) {
        config = config.max_in_flight(MAX_IN_FLIGHT);
    }
    config
}

fn key() -> impl Strategy<Value = u8> {
    prop_oneof![5 => Just(0), 2 => 1..KEYS]
}

fn end() -> impl Strategy<Value = Fate> {
    prop_oneof![4 => Just(Fate::Ok), 4 => Just(Fate::Err), 1 => Just(Fate::Panics)]
}

fn says(options: Set) -> impl Strategy<Value = Says> {
    let mut says = vec![Says::Run];
    // Which of several threads leads next, and when, is seen by its body.
    let hands_over = options.has(Opt::ShareOk) || options.has(Opt::MaxWait);
    if !(options.has(Opt::Blocking) && hands_over) {
        says.push(Says::Given(Fate::Ok));
        if !options.has(Opt::ShareOk) {
            says.push(Says::Given(Fate::Err));
        }
    }
    // Whether a thread has begun to wait can't be seen.
    if !options.has(Opt::Blocking) {
        says.push(Says::Nothing);
    }
    prop::sample::select(says)
}

fn wishes(options: Set) -> BoxedStrategy<Vec<Wish>> {
    let wishes = [
        (Opt::Fresh, Wish::Fresh),
        (Opt::Alone, Wish::Alone),
        (Opt::Observe, Wish::Observe),
    ];
    let mut wishes: Vec<_> = wishes
        .into_iter()
        .filter(|(option, _)| options.has(*option))
        .collect();
    if wishes.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let one = prop::sample::select(wishes.drain(..).map(|(_, wish)| wish).collect::<Vec<_>>());
    prop_oneof![
        3 => prop::collection::vec(one.clone(), 0..=1),
        1 => prop::collection::vec(one, 0..=3),
    ]
    .boxed()
}

fn start(options: Set) -> impl Strategy<Value = Step> {
    let bypass = prop::bool::weighted(if options.has(Opt::Bypass) { 0.2 } else { 0.0 });
    let fate = if options.has(Opt::Blocking) {
        Just(Fate::Waits).boxed()
    } else {
        prop_oneof![8 => Just(Fate::Waits), 1 => end()].boxed()
    };
    (key(), bypass, wishes(options), fate).prop_map(|(key, bypass, wishes, fate)| Step::Start {
        key,
        bypass,
        wishes,
        fate,
    })
}

pub(super) fn steps(options: Set) -> impl Strategy<Value = Vec<Step>> {
    let weight = |option, weight| if options.has(option) { weight } else { 0 };
    // Threads can't be polled by hand, or dropped.
    let polled = 1 - weight(Opt::Blocking, 1);
    let limited = weight(Opt::MaxAge, 3) + weight(Opt::MaxWait, 4) + weight(Opt::Observe, 1);
    let steps = [
        (8, start(options).boxed()),
        (polled * 8, (0..CALLERS).prop_map(Step::Poll).boxed()),
        (polled * 2, (0..CALLERS).prop_map(Step::Drop).boxed()),
        (
            5,
            (0..CALLERS, end())
                .prop_map(|(caller, fate)| Step::Finish(caller, fate))
                .boxed(),
        ),
        (
            polled.max(weight(Opt::Group, 1)),
            (0..KEYS).prop_map(Step::Forget).boxed(),
        ),
        (1, Just(Step::ForgetAll).boxed()),
        (
            limited,
            (1..=7_u64).prop_map(|tens| Step::Pass(10 * tens)).boxed(),
        ),
        (
            if options.spawns() { 6 } else { 0 },
            Just(Step::RunTasks).boxed(),
        ),
        (weight(Opt::Switch, 2), Just(Step::Switch).boxed()),
        (
            weight(Opt::Cluster, 3),
            says(options).prop_map(Step::Say).boxed(),
        ),
    ];
    let possible = steps.into_iter().filter(|(weight, _)| *weight > 0);
    let step = prop::strategy::Union::new_weighted(possible.collect());
    prop::collection::vec(step, 1..if polled == 0 { 25 } else { 60 })
}
