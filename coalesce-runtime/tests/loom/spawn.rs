//! Bodies on tasks of their own, whose owners and followers go.

use coalesce_runtime::private::by_hand::{join_tasks, shut_down};
use loom::thread;

use crate::{
    body::FOR_EVER,
    scene::{Scene, model},
};

#[test]
fn a_spawned_body_lands_for_its_owner_and_a_follower() {
    model("spawn, landing", || {
        let scene = Scene::new();
        let owner = scene.spawned(1, 1, false).start();
        let follower = scene.spawned(2, 1, false);
        let follower = thread::spawn(move || follower.wait());
        assert_eq!(owner.wait(), 1);
        let value = follower.join().unwrap();
        assert!(value == 1 || value == 2, "{value}");
        join_tasks();
        scene.check_spawned(2);
    });
}

/// The task would run for ever, and the model not come to its end, if neither aborted it.
#[test]
fn owner_and_follower_go_and_the_last_one_aborts_the_body() {
    model("spawn, leaving", || {
        let scene = Scene::new();
        let owner = scene.spawned(1, FOR_EVER, false).start();
        let follower = scene.spawned(2, FOR_EVER, false).begin();
        let follower = thread::spawn(move || drop(follower));
        drop(owner);
        follower.join().unwrap();
        join_tasks();
        scene.check_spawned(2);
    });
}

#[test]
fn a_newcomer_waits_until_the_aborted_body_is_gone_or_keeps_it() {
    model("spawn, newcomer", || {
        let scene = Scene::new();
        let owner = scene.spawned(1, 1, false).start();
        let newcomer = scene.spawned(2, 0, false);
        let newcomer = thread::spawn(move || newcomer.wait());
        drop(owner);
        let value = newcomer.join().unwrap();
        assert!(value == 1 || value == 2, "{value}");
        join_tasks();
        scene.check_spawned(2);
    });
}

#[test]
fn a_detached_body_comes_to_its_end_without_its_callers() {
    model("detach", || {
        let scene = Scene::new();
        let owner = scene.spawned(1, 1, true).start();
        let mut follower = scene.spawned(2, 1, true);
        let follower = thread::spawn(move || drop((follower.poll(), follower)));
        drop(owner);
        follower.join().unwrap();
        join_tasks();
        scene.check(2);
        assert_eq!(scene.group.stats().abandoned, 0);
    });
}

/// Its body fails, a follower takes over and spawns its own: who owned the flight before must not abort that.
#[test]
fn an_owner_goes_when_the_flight_has_another_owner() {
    model("spawn, owners", || {
        let scene = Scene::new();
        let owner = scene.spawned_of_ok(Err(1), 0).start();
        let follower = scene.spawned_of_ok(Ok(2), 1);
        let follower = thread::spawn(move || follower.wait());
        drop(owner);
        assert_eq!(follower.join().unwrap(), Ok(2));
        join_tasks();
        scene.check_spawned(2);
    });
}

/// As when its runtime shuts down.
#[test]
fn a_task_ends_before_its_body_and_another_caller_spawns_its_own() {
    model("spawn, shutdown", || {
        let scene = Scene::new();
        let owner = scene.spawned(1, FOR_EVER, false).start();
        let follower = scene.spawned(2, 0, false).begin();
        let follower = thread::spawn(move || follower.wait());
        shut_down();
        drop(owner);
        assert_eq!(follower.join().unwrap(), 2);
        join_tasks();
        scene.check_spawned(2);
    });
}
