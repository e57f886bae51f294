//! The seam to other servers, which are played here: who leads asks before its body runs.

use crate::support::{Call, Gate, begin};
use coalesced::{
    __private::across::{Across, Brief, Elsewhere, Ended, Lead, Verdict},
    Config, Group, Registry, Role, alone, coalesce, forget, fresh,
};
use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};
use tokio_test::{
    assert_pending, assert_ready_eq,
    task::{self, Spawn},
};
#[cfg(feature = "time")]
use {coalesced::observe, std::time::Duration, tokio_test::assert_ready};

/// What is told to the other servers, in order, and what they say.
#[derive(Debug, Default)]
struct World {
    told: Mutex<Vec<String>>,
    answer: Mutex<Option<Answer>>,
    asks: Mutex<Vec<Waker>>,
    out_of_sight: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Run,
    Given(u64),
    Panic,
}

#[derive(Debug, Clone, Default)]
struct Servers(Arc<World>);

impl Servers {
    fn tell(&self, what: impl Into<String>) {
        self.0.told.lock().unwrap().push(what.into());
    }

    /// What was told since this was asked last.
    fn told(&self) -> String {
        mem::take(&mut *self.0.told.lock().unwrap()).join(", ")
    }

    fn answer(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = Some(answer);
        let asks = mem::take(&mut *self.0.asks.lock().unwrap());
        asks.into_iter().for_each(Waker::wake);
    }

    fn silent(&self) {
        *self.0.answer.lock().unwrap() = None;
    }
}

impl<V: From<u64> + std::fmt::Debug> Across<V> for Servers {
    type Lead = Asking;

    fn lead(&self, group: &'static str, _: &'static str, _: &'static str) -> Asking {
        assert_eq!(group, "served");
        Asking {
            servers: self.clone(),
            is_told: false,
        }
    }
}

struct Asking {
    servers: Servers,
    is_told: bool,
}

impl<V: From<u64> + std::fmt::Debug> Lead<V> for Asking {
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        self.is_told = true;
        let kept: Arc<Kept> = Arc::clone(of).into_any().downcast().unwrap();
        self.servers.tell(format!("succeed {}", kept.what));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>> {
        assert!(self.is_told, "who leads was told of what");
        let answer = *self.servers.0.answer.lock().unwrap();
        match answer {
            Some(Answer::Run) => Poll::Ready(Verdict::Run),
            Some(Answer::Given(value)) => {
                self.is_told = false;
                Poll::Ready(Verdict::Given(value.into()))
            }
            Some(Answer::Panic) => std::panic::resume_unwind(Box::new("the servers")),
            None => {
                self.servers.0.asks.lock().unwrap().push(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn hurry(&mut self) {
        self.servers.tell("hurry");
    }

    fn end(&mut self, ended: Ended<'_, V>) {
        // Told of each body of a caller, also of those that share with nobody.
        if mem::take(&mut self.is_told) {
            self.servers.tell(match ended {
                Ended::Value(value) => format!("end {value:?}"),
                Ended::Nothing => "end".into(),
            });
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.is_told {
            self.servers.tell("give up");
        }
    }
}

impl<Q> Brief<Q> for Asking {
    fn brief(&mut self, _: &Q, is_fresh: bool) -> Arc<dyn Elsewhere> {
        self.is_told = true;
        let what = if is_fresh { "fresh" } else { "new" };
        self.servers.tell(format!("lead {what}"));
        Arc::new(Kept {
            servers: self.servers.clone(),
            what: "the same",
        })
    }

    fn forget(&mut self, _: &Q) {
        self.servers.tell("forget");
    }
}

#[derive(Debug)]
struct Kept {
    servers: Servers,
    what: &'static str,
}

impl Elsewhere for Kept {
    fn may_be_joined(&self) -> bool {
        !self.servers.0.out_of_sight.load(SeqCst)
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        Arc::new(Self {
            servers: self.servers.clone(),
            what: "a newer one",
        })
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

struct Scene {
    servers: Servers,
    group: Group<u64, u64, Servers>,
    gate: Arc<Gate>,
}

impl Scene {
    fn new() -> Self {
        let servers = Servers::default();
        Self {
            group: Group::new().named("served").across(servers.clone()),
            servers,
            gate: Gate::closed(),
        }
    }

    async fn call(&self) -> u64 {
        let body = async {
            self.gate.pass().await;
            self.servers.tell("the body ends");
            49
        };
        self.group.call(7, body).await
    }

    #[track_caller]
    fn begin<const CALLERS: usize>(&self) -> [Spawn<Call<'_, u64>>; CALLERS] {
        begin(|| Box::pin(self.call()) as Call<'_, u64>)
    }

    /// Nobody is left, and the numbers add up.
    #[track_caller]
    fn check(&self) -> u64 {
        let stats = self.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(stats.bodies(), self.gate.bodies_started() as u64, "{stats}");
        stats.elsewhere
    }
}

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

#[tokio::test(start_paused = true)]
#[cfg(feature = "time")]
async fn who_is_observed_tells_where_its_value_came_from() {
    for answer in [Answer::Given(50), Answer::Run] {
        let scene = Scene::new();
        scene.gate.open();
        let mut leader = task::spawn(observe(scene.call()));
        assert_pending!(leader.poll());
        let mut follower = task::spawn(observe(scene.call()));
        assert_pending!(follower.poll());
        tokio::time::advance(Duration::from_millis(30)).await;
        scene.servers.answer(answer);
        let led = assert_ready!(leader.poll()).1.unwrap();
        let followed = assert_ready!(follower.poll()).1.unwrap();
        let elsewhere = matches!(answer, Answer::Given(_));
        assert_eq!(
            (led.role, led.elsewhere, led.followers),
            (Role::Leader, elsewhere, 1)
        );
        assert_eq!((followed.role, followed.elsewhere), (Role::Follower, false));
        for report in [led, followed] {
            assert_eq!(report.waited, Duration::from_millis(30));
        }
    }
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "time")]
async fn who_takes_over_and_asks_tells_both_waits() {
    let scene = Scene::new();
    let [leader] = scene.begin();
    let mut follower = task::spawn(observe(scene.call()));
    assert_pending!(follower.poll());
    tokio::time::advance(Duration::from_millis(10)).await;
    drop(leader);
    assert_pending!(follower.poll());
    tokio::time::advance(Duration::from_millis(20)).await;
    scene.servers.answer(Answer::Given(50));
    let report = assert_ready!(follower.poll()).1.unwrap();
    assert_eq!((report.elsewhere, report.takeovers), (true, 1));
    assert_eq!(report.waited, Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "time")]
async fn who_has_waited_long_enough_elsewhere_hurries_once() {
    let scene = Scene::new();
    let limit = Config::new().max_wait(Duration::from_millis(50));
    scene.group.set_config(limit);
    let [mut leader] = scene.begin();
    tokio::time::advance(Duration::from_millis(49)).await;
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "lead new");
    tokio::time::advance(Duration::from_millis(2)).await;
    assert!(leader.is_woken());
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "hurry");
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "");
    scene.servers.answer(Answer::Run);
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!(scene.check(), 0);
}

/// What it has is given back before the next one is told.
#[test]
fn who_takes_over_asks_as_well() {
    for is_running in [false, true] {
        let scene = Scene::new();
        let [mut leader, mut follower] = scene.begin();
        if is_running {
            scene.servers.answer(Answer::Run);
            assert_pending!(leader.poll());
            scene.servers.silent();
        }
        drop(leader);
        assert_eq!(scene.servers.told(), "lead new, give up");
        assert_pending!(follower.poll());
        assert_eq!(scene.servers.told(), "succeed the same");
        assert_eq!(scene.gate.bodies_active(), 0);
        scene.servers.answer(Answer::Run);
        scene.gate.open();
        assert_ready_eq!(follower.poll(), 49);
        assert_eq!(scene.servers.told(), "the body ends, end 49");
        assert_eq!(scene.check(), u64::from(!is_running));
        assert_eq!(scene.group.stats().abandoned, u64::from(is_running));
    }
}

#[test]
fn a_newcomer_that_finds_nobody_leading_goes_on_with_the_flight() {
    let scene = Scene::new();
    let [leader, _follower] = scene.begin();
    drop(leader);
    let [_newcomer] = scene.begin();
    assert_eq!(scene.servers.told(), "lead new, give up, succeed the same");
}

#[test]
fn who_is_the_last_to_go_gives_up() {
    let scene = Scene::new();
    let [leader, follower] = scene.begin();
    drop(follower);
    drop(leader);
    assert_eq!(scene.servers.told(), "lead new, give up");
    assert_eq!(scene.check(), 1);
}

#[test]
fn a_flight_that_is_out_of_sight_is_joined_by_nobody() {
    let scene = Scene::new();
    let [mut early, mut follows] = scene.begin();
    scene.servers.0.out_of_sight.store(true, SeqCst);
    let [mut late] = scene.begin();
    assert_eq!(
        scene.servers.told(),
        "lead new, lead new",
        "and it is new here alone"
    );
    scene.servers.answer(Answer::Given(50));
    for caller in [&mut early, &mut follows, &mut late] {
        assert_ready_eq!(caller.poll(), 50);
    }
    assert_eq!(scene.check(), 2);
}

#[test]
fn a_flight_that_was_forgotten_here_is_new_everywhere() {
    let scene = Scene::new();
    let [_old] = scene.begin();
    assert!(scene.group.forget(7));
    let [_new] = scene.begin();
    assert_eq!(scene.servers.told(), "lead new, forget, lead fresh");
    let mut fresh = task::spawn(fresh(scene.call()));
    assert_pending!(fresh.poll());
    assert_eq!(scene.servers.told(), "lead fresh");
}

#[test]
fn a_key_is_forgotten_by_the_function_as_well() {
    let scene = Scene::new();
    let [_old] = scene.begin();
    let mut forgets = task::spawn(forget(scene.call()));
    assert_ready_eq!(forgets.poll(), true);
    assert_eq!(scene.servers.told(), "lead new, forget");
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

#[test]
fn a_thread_asks() {
    let scene = Scene::new();
    scene.servers.answer(Answer::Given(50));
    let value = scene.group.call_blocking(7, || unreachable!("given"));
    assert_eq!((value, scene.check()), (50, 1));
}

#[test]
fn an_annotated_function_asks() {
    #[coalesce(group = scene.group, key = scene.gate.id)]
    async fn served(scene: &Scene) -> u64 {
        scene.gate.pass().await;
        49
    }

    #[coalesce(group = scene.group, key = scene.gate.id, share = ok)]
    async fn fails(scene: &Scene) -> Result<u64, ()> {
        scene.gate.pass().await;
        Err(())
    }

    let scene = Scene::new();
    let [mut leader, mut follower] = begin(|| served(&scene));
    scene.servers.answer(Answer::Given(50));
    assert_ready_eq!(leader.poll(), 50);
    assert_ready_eq!(follower.poll(), 50);
    let mut given = task::spawn(fails(&scene));
    assert_ready_eq!(given.poll(), Ok(50));
    assert_eq!(scene.check(), 2);
    scene.servers.answer(Answer::Run);
    scene.gate.open();
    let mut fails = task::spawn(fails(&scene));
    assert_ready_eq!(fails.poll(), Err(()));
    assert_eq!(scene.servers.told(), "lead new, lead new, lead new, end");
}

#[test]
fn the_functions_of_a_registry_ask() {
    struct Shop {
        calls: Registry<Servers>,
        gate: Arc<Gate>,
    }

    impl Shop {
        #[coalesce(registry = self.calls)]
        async fn price(&self, id: u64) -> u64 {
            self.gate.pass().await;
            id
        }
    }

    let servers = Servers::default();
    let shop = Shop {
        calls: Registry::new().named("served").across(servers.clone()),
        gate: Gate::closed(),
    };
    let [mut leader, mut follower] = begin(|| shop.price(7));
    servers.answer(Answer::Given(50));
    assert_ready_eq!(leader.poll(), 50);
    assert_ready_eq!(follower.poll(), 50);
    let stats = shop.calls.stats();
    assert_eq!((shop.gate.bodies_started(), stats.elsewhere), (0, 1));
}

/// The task asks, and goes on asking when the caller goes that spawned it.
#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_task_asks() {
    #[coalesce(group = group, key = id, spawn)]
    async fn served(group: Arc<Group<u64, u64, Servers>>, id: u64) -> u64 {
        drop(group);
        id
    }

    let servers = Servers::default();
    let group = Arc::new(Group::new().named("served").across(servers.clone()));
    let mut callers = [(); 3].map(|()| task::spawn(served(Arc::clone(&group), 7)));
    for caller in &mut callers {
        assert_pending!(caller.poll());
    }
    tokio::task::yield_now().await;
    let [first, second, mut third] = callers;
    drop(first);
    drop(second);
    servers.answer(Answer::Given(50));
    tokio::task::yield_now().await;
    assert_ready_eq!(third.poll(), 50);
    assert_eq!(servers.told(), "lead new");
}

#[cfg(feature = "time")]
#[tokio::test(start_paused = true)]
async fn who_has_waited_long_enough_leads_a_newer_flight_elsewhere() {
    let scene = Scene::new();
    let config = Config::new().max_wait(Duration::from_millis(100));
    scene.group.set_config(config);
    let [mut leader, mut late] = scene.begin();
    tokio::time::advance(Duration::from_millis(101)).await;
    assert_pending!(late.poll());
    assert_eq!(scene.servers.told(), "lead new, succeed a newer one");
    scene.servers.answer(Answer::Given(50));
    assert_ready_eq!(late.poll(), 50);
    assert_ready_eq!(leader.poll(), 50);
    assert_eq!(scene.check(), 2);
}
