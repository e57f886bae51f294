//! A body that panics, and those who wait for it.

use loom::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    caller::Caller,
    scene::{Scene, model},
};

#[test]
fn a_body_panics() {
    model("panic", || {
        let scene = Scene::new();
        let leader = scene.call_that_panics(1).begin();
        let follower = scene.call(2, 1).begin();
        let newcomer = scene.call(3, 0);
        let caught = |caller: Caller<usize>| catch_unwind(AssertUnwindSafe(|| caller.wait()));
        let follower = thread::spawn(move || caught(follower));
        let newcomer = thread::spawn(move || caught(newcomer));
        assert!(caught(leader).is_err());
        assert!(follower.join().unwrap().is_err());
        if let Ok(value) = newcomer.join().unwrap() {
            assert_eq!(value, 3);
        }
        scene.check(3);
    });
}
