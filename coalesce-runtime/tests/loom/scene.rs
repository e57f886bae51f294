//! A group, its callers and their bodies; and what tries all interleavings of them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use coalesce_runtime::{
    Config, Group, Stats,
    private::{ByHand, OnlyOk, Way, Whole, cloned, join, run, spawn},
};

use crate::{
    body::{Bodies, Body},
    caller::Caller,
};

type Outcome = Result<Arc<usize>, usize>;

#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) group: Arc<Group<u64, Arc<usize>>>,
    pub(crate) bodies: Bodies,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_config(Config::new())
    }

    pub(crate) fn with_config(config: Config) -> Self {
        let group = Arc::new(Group::new().with_config(config));
        // So that it is there, and that making it is no part of the model.
        drop(group.call(7, std::future::pending()));
        Self {
            group,
            bodies: Bodies::default(),
        }
    }

    /// The same group, for calls that may be in a second flight of the key.
    pub(crate) fn of_another_flight(&self) -> Self {
        Self {
            group: Arc::clone(&self.group),
            bodies: Bodies::default(),
        }
    }

    /// A call whose body takes `polls` polls more, and returns `value`.
    pub(crate) fn call(&self, value: usize, polls: usize) -> Caller<usize> {
        self.call_of(self.bodies.body(polls, move || Arc::new(value)))
    }

    /// Callers that have begun, one after the other: the first leads, and the others follow. Their bodies take so many
    /// polls more, and return 1, 2 and so on.
    pub(crate) fn begin<const CALLERS: usize>(
        &self,
        polls: [usize; CALLERS],
    ) -> [Caller<usize>; CALLERS] {
        let mut value = 0;
        polls.map(|polls| {
            value += 1;
            self.call(value, polls).begin()
        })
    }

    /// A call whose body takes `polls` polls more, and panics.
    pub(crate) fn call_that_panics(&self, polls: usize) -> Caller<usize> {
        self.call_of(self.bodies.body(polls, || Arc::new(0)).that_panics())
    }

    pub(crate) fn call_of(&self, body: Body<Arc<usize>>) -> Caller<usize> {
        let group = Arc::clone(&self.group);
        Caller::new(async move { *group.call(7, body).await })
    }

    /// The same, which joins nothing.
    pub(crate) fn fresh(&self, value: usize, polls: usize) -> Caller<usize> {
        let group = Arc::clone(&self.group);
        let body = self.bodies.body(polls, move || Arc::new(value));
        Caller::new(async move { *group.fresh(7, body).await })
    }

    /// A call of a function with `share = ok`.
    pub(crate) fn call_of_ok(
        &self,
        output: Result<usize, usize>,
        polls: usize,
    ) -> Caller<Result<usize, usize>> {
        let group = Arc::clone(&self.group);
        let body = self.bodies.body(polls, move || output.map(Arc::new));
        Caller::new(async move {
            let place = join::<_, _, _, _, OnlyOk<Outcome>, _>(
                ByHand(&group),
                None,
                7_u64,
                Way::new(cloned),
            );
            run(place, body).await.map(|value| *value)
        })
    }

    /// A call of a function whose body is spawned, or detached.
    pub(crate) fn spawned(&self, value: usize, polls: usize, detach: bool) -> Caller<usize> {
        let group = Arc::clone(&self.group);
        let body = self.bodies.body(polls, move || Arc::new(value));
        Caller::new(async move {
            let place = join::<_, _, _, _, Whole, _>(ByHand(&group), None, 7_u64, Way::new(cloned));
            *spawn(place, body, detach).await
        })
    }

    /// The same with `share = ok`.
    pub(crate) fn spawned_of_ok(
        &self,
        output: Result<usize, usize>,
        polls: usize,
    ) -> Caller<Result<usize, usize>> {
        let group = Arc::clone(&self.group);
        let body = self.bodies.body(polls, move || output.map(Arc::new));
        Caller::new(async move {
            let place = join::<_, _, _, _, OnlyOk<Outcome>, _>(
                ByHand(&group),
                None,
                7_u64,
                Way::new(cloned),
            );
            spawn(place, body, false).await.map(|value| *value)
        })
    }

    /// So many calls, and one flight at a time.
    pub(crate) fn check(&self, calls: u64) {
        self.check_with(calls, &[]);
    }

    /// The same, with flights beside it, each with one body at a time.
    pub(crate) fn check_with(&self, calls: u64, others: &[&Self]) {
        let all = || [self].into_iter().chain(others.iter().copied());
        assert!(
            all().all(|scene| scene.bodies.most() <= 1),
            "two bodies at once"
        );
        self.check_numbers(calls, all().map(|scene| scene.bodies.started()).sum());
    }

    /// Nothing is left, and the numbers add up.
    pub(crate) fn check_numbers(&self, calls: u64, bodies: usize) {
        let stats = self.check_rest(calls);
        assert_eq!(stats.bodies(), bodies as u64, "{stats}");
    }

    /// The same of spawned bodies, which are counted also where they are aborted before their first poll.
    pub(crate) fn check_spawned(&self, calls: u64) {
        let (stats, bodies) = (self.check_rest(calls), &self.bodies);
        assert!(bodies.most() <= 1, "two bodies at once");
        assert!(stats.bodies() >= bodies.started() as u64, "{stats}");
    }

    fn check_rest(&self, calls: u64) -> Stats {
        let stats = self.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(stats.calls, calls, "{stats}");
        assert_eq!(self.bodies.active(), 0);
        stats
    }
}

/// Runs it in every interleaving with at most three preemptions.
pub(crate) fn model(name: &str, run: impl Fn() + Sync + Send + 'static) {
    model_with(3, name, run);
}

/// The same with so many preemptions.
pub(crate) fn model_with(preemptions: usize, name: &str, run: impl Fn() + Sync + Send + 'static) {
    let interleavings = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&interleavings);
    let start = std::time::Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
    builder.check(move || {
        count.fetch_add(1, SeqCst);
        run();
    });
    println!(
        "{name}: {} interleavings, {:.1} s",
        interleavings.load(SeqCst),
        start.elapsed().as_secs_f64()
    );
}
