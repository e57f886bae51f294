//! All interleavings of a few callers, by loom, with the real protocol: `.ci/run` has the command.
//!
//! Each model ends with the same questions: was there never more than one body of a flight, is nobody
//! left waiting, is nothing left in the map, and do the numbers add up?

#![cfg(loom)]

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use coalesce_runtime::Group;
use loom::{
    sync::{Condvar, Mutex},
    thread,
};

/// A thread that waits for its future.
#[derive(Default)]
struct Parker {
    woken: Mutex<bool>,
    changed: Condvar,
    wakes: AtomicUsize,
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.wakes.fetch_add(1, SeqCst);
        self.changed.notify_one();
    }
}

/// A call, and the thread that waits for it.
struct Caller {
    call: Pin<Box<dyn Future<Output = Arc<usize>> + Send>>,
    parker: Arc<Parker>,
}

impl Caller {
    fn poll(&mut self) -> Poll<Arc<usize>> {
        let waker = Waker::from(Arc::clone(&self.parker));
        self.call.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn begin(mut self) -> Self {
        assert!(self.poll().is_pending());
        self
    }

    fn wait(mut self) -> usize {
        loop {
            if let Poll::Ready(value) = self.poll() {
                return *value;
            }
            let mut woken = self.parker.woken.lock().unwrap();
            while !*woken {
                woken = self.parker.changed.wait(woken).unwrap();
            }
            *woken = false;
        }
    }
}

/// What is counted of the bodies of one flight.
#[derive(Clone, Default)]
struct Bodies {
    active: Arc<AtomicUsize>,
    started: Arc<AtomicUsize>,
}

/// A body that takes so many polls more than one.
struct Body {
    bodies: Bodies,
    running: bool,
    polls: usize,
    value: Option<usize>,
}

impl Future for Body {
    type Output = Arc<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Arc<usize>> {
        if !self.running {
            self.running = true;
            self.bodies.started.fetch_add(1, SeqCst);
            assert_eq!(
                self.bodies.active.fetch_add(1, SeqCst),
                0,
                "two bodies at once"
            );
        }
        if self.polls > 0 {
            self.polls -= 1;
            cx.waker().wake_by_ref();
            thread::yield_now();
            return Poll::Pending;
        }
        match self.value {
            Some(value) => Poll::Ready(Arc::new(value)),
            None => resume_unwind(Box::new("a body that panics")),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.running {
            self.bodies.active.fetch_sub(1, SeqCst);
        }
    }
}

#[derive(Clone)]
struct Scene {
    group: Arc<Group<u64, Arc<usize>>>,
    bodies: Bodies,
}

impl Scene {
    fn new() -> Self {
        let group = Arc::new(Group::new());
        // So that it is there, and that making it is no part of the model.
        drop(group.call(7, std::future::pending()));
        Self {
            group,
            bodies: Bodies::default(),
        }
    }

    /// A call whose body takes `polls` polls more, and returns `value` or panics.
    fn call(&self, value: impl Into<Option<usize>>, polls: usize) -> Caller {
        let body = Body {
            bodies: self.bodies.clone(),
            running: false,
            polls,
            value: value.into(),
        };
        let group = Arc::clone(&self.group);
        let call = Box::pin(async move { group.call(7, body).await });
        Caller {
            call,
            parker: Arc::default(),
        }
    }

    /// A call that may be in a second flight of the key, after a `forget`.
    fn call_of_another_flight(&self, value: usize, polls: usize) -> (Caller, Bodies) {
        let scene = Self {
            group: Arc::clone(&self.group),
            bodies: Bodies::default(),
        };
        (scene.call(value, polls), scene.bodies)
    }

    fn check(&self, calls: u64) {
        self.check_with(calls, 0);
    }

    fn check_with(&self, calls: u64, other_bodies: usize) {
        let stats = self.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(stats.calls, calls, "{stats}");
        let bodies = self.bodies.started.load(SeqCst) + other_bodies;
        assert_eq!(stats.bodies(), bodies as u64, "{stats}");
        assert_eq!(self.bodies.active.load(SeqCst), 0);
    }
}

fn model(name: &str, run: impl Fn() + Sync + Send + 'static) {
    let interleavings = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&interleavings);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_branches = 20_000;
    builder.check(move || {
        count.fetch_add(1, SeqCst);
        run();
    });
    println!("{name}: {} interleavings", interleavings.load(SeqCst));
}

#[test]
fn callers_open_and_join_at_once() {
    model("open", || {
        let scene = Scene::new();
        let (a, b, mut c) = (scene.call(1, 1), scene.call(2, 0), scene.call(3, 1));
        let b = thread::spawn(move || b.wait());
        let c = thread::spawn(move || drop((c.poll(), c)));
        a.wait();
        b.join().unwrap();
        c.join().unwrap();
        scene.check(3);
    });
}

#[test]
fn a_landing_a_newcomer_and_a_follower_that_leaves() {
    model("land", || {
        let scene = Scene::new();
        let leader = scene.call(1, 1).begin();
        let follower = scene.call(2, 1).begin();
        let newcomer = scene.call(3, 0);
        let follower = thread::spawn(move || drop(follower));
        let newcomer = thread::spawn(move || newcomer.wait());
        assert_eq!(leader.wait(), 1);
        follower.join().unwrap();
        let value = newcomer.join().unwrap();
        assert!(value == 1 || value == 3, "{value}");
        scene.check(3);
    });
}

#[test]
fn followers_collect_on_two_threads_and_are_woken_once() {
    model("collect", || {
        let scene = Scene::new();
        let leader = scene.call(1, 1).begin();
        let [a, b] = [2, 3].map(|value| scene.call(value, 1).begin());
        let parkers = [&a, &b].map(|caller| Arc::clone(&caller.parker));
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        assert_eq!(leader.wait(), 1);
        assert_eq!((a.join().unwrap(), b.join().unwrap()), (1, 1));
        for parker in parkers {
            assert!(parker.wakes.load(SeqCst) <= 1);
        }
        scene.check(3);
    });
}

#[test]
fn a_leader_is_dropped_while_a_newcomer_comes() {
    model("abandon", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let follower = scene.call(2, 1).begin();
        let newcomer = scene.call(3, 0);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || newcomer.wait());
        drop(leader);
        assert!(follower.join().unwrap() > 1);
        assert!(newcomer.join().unwrap() > 1);
        scene.check(3);
    });
}

#[test]
fn leader_and_follower_are_dropped_while_a_newcomer_comes() {
    for stays in [true, false] {
        model("deserted", move || {
            let scene = Scene::new();
            let leader = scene.call(1, 9).begin();
            let follower = scene.call(2, 1).begin();
            let mut newcomer = scene.call(3, 1);
            let follower = thread::spawn(move || drop(follower));
            let newcomer = thread::spawn(move || {
                if stays {
                    assert_eq!(newcomer.wait(), 3);
                } else {
                    let _ = newcomer.poll();
                }
            });
            drop(leader);
            follower.join().unwrap();
            newcomer.join().unwrap();
            scene.check(3);
        });
    }
}

#[test]
fn a_hand_over_while_another_follower_leaves() {
    model("hand over", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let mut fickle = scene.call(2, 5).begin();
        let follower = scene.call(3, 0).begin();
        let fickle = thread::spawn(move || drop((fickle.poll(), fickle)));
        let follower = thread::spawn(move || follower.wait());
        drop(leader);
        fickle.join().unwrap();
        assert_eq!(follower.join().unwrap(), 3);
        scene.check(3);
    });
}

#[test]
fn forget_while_a_leader_is_dropped() {
    model("forget", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let follower = scene.call(2, 1).begin();
        let (newcomer, others) = scene.call_of_another_flight(3, 1);
        let group = Arc::clone(&scene.group);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || {
            group.forget(7);
            newcomer.wait()
        });
        drop(leader);
        assert_eq!(follower.join().unwrap(), 2);
        assert_eq!(
            newcomer.join().unwrap(),
            3,
            "it joined no flight from before the forget"
        );
        scene.check_with(3, others.started.load(SeqCst));
    });
}

#[test]
fn forget_all_while_a_flight_lands() {
    model("forget all", || {
        let scene = Scene::new();
        let leader = scene.call(1, 1).begin();
        let follower = scene.call(2, 1).begin();
        let (newcomer, others) = scene.call_of_another_flight(3, 1);
        let group = Arc::clone(&scene.group);
        let follower = thread::spawn(move || drop(follower));
        let newcomer = thread::spawn(move || {
            group.forget_all();
            newcomer.wait()
        });
        assert_eq!(leader.wait(), 1);
        follower.join().unwrap();
        assert_eq!(newcomer.join().unwrap(), 3);
        scene.check_with(3, others.started.load(SeqCst));
    });
}

#[test]
fn a_body_panics() {
    model("panic", || {
        let scene = Scene::new();
        let leader = scene.call(None, 1).begin();
        let follower = scene.call(2, 1).begin();
        let newcomer = scene.call(3, 0);
        let caught = |caller: Caller| catch_unwind(AssertUnwindSafe(|| caller.wait()));
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
