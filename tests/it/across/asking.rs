//! What comes of it when a leader asks: its body, a value that is given, or a panic.

use super::{Scene, servers::Answer};
use coalesced::{Config, alone};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn who_leads_asks_and_runs_its_body() {
    let scene = Scene::new();
    let [mut leader, mut follower] = scene.begin();
    assert_eq!(scene.servers.told(), "lead new");
    assert_eq!(scene.gate.bodies_started(), 0, "it asks first");
    scene.servers.answer(Answer::Run);
    assert!(leader.is_woken());
    assert_pending!(leader.poll());
    assert_eq!(scene.gate.bodies_started(), 1);
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!(scene.servers.told(), "the body ends, end 49");
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(scene.check(), 0);
}

#[test]
fn a_value_that_is_given_is_shared_and_no_body_runs() {
    let scene = Scene::new();
    let [mut leader, mut follower] = scene.begin();
    scene.servers.answer(Answer::Given(50));
    assert_ready_eq!(leader.poll(), 50);
    assert!(follower.is_woken());
    assert_ready_eq!(follower.poll(), 50);
    assert_eq!(scene.servers.told(), "lead new");
    assert_eq!(scene.check(), 1);
    assert_eq!(scene.group.stats().abandoned, 0);
}

#[test]
fn who_shares_with_nobody_asks_nobody() {
    let scene = Scene::new();
    scene.gate.open();
    let mut call = task::spawn(alone(scene.call()));
    assert_ready_eq!(call.poll(), 49);
    scene.group.set_config(Config::disabled());
    let mut call = task::spawn(scene.call());
    assert_ready_eq!(call.poll(), 49);
    assert_eq!(scene.servers.told(), "the body ends, the body ends");
    assert_eq!(scene.check(), 0);
}

#[test]
fn of_a_body_that_panics_nothing_is_told() {
    let scene = Scene::new();
    scene.servers.answer(Answer::Run);
    let panics = || async { std::panic::resume_unwind(Box::new("the body")) };
    let mut leader = task::spawn(scene.group.call(7, panics()));
    let panicked = catch_unwind(AssertUnwindSafe(|| leader.poll()));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"the body"));
    assert_eq!(scene.servers.told(), "lead new, end");
}

#[test]
fn a_panic_while_it_asks_is_its_own() {
    let scene = Scene::new();
    let [mut leader, mut follower] = scene.begin();
    scene.servers.answer(Answer::Panic);
    let panicked = catch_unwind(AssertUnwindSafe(|| leader.poll()));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"the servers"));
    drop(leader);
    scene.servers.answer(Answer::Run);
    scene.gate.open();
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(scene.check(), 1);
}
