//! A schedule, and what is checked while it runs.

use std::{
    collections::HashMap,
    sync::Arc,
    task::{Poll, Wake, Waker},
    time::Duration,
};

use coalesce_cluster::{Cluster, Memory};
use coalesce_runtime::private::across::Verdict;
use tokio::{
    select,
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use super::{
    local::{Call, Leader, Local},
    plan::{Action, Odds},
    random::Random,
};
use crate::support::Process;

pub(super) struct Member {
    process: Process,
    locals: Vec<Local>,
    forgotten: HashMap<u64, Instant>,
    dead: bool,
}

#[derive(Debug, Clone, Copy)]
struct Body {
    key: u64,
    began: Instant,
    ends: Instant,
    ended: Option<Instant>,
}

/// Leaders that are polled are woken through this.
struct Woken(Notify);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

pub(super) struct World {
    pub(super) seed: u64,
    pub(super) odds: Odds,
    pub(super) random: Random,
    pub(super) memory: Memory,
    pub(super) members: Vec<Member>,
    pub(super) actions: Vec<(Instant, Action)>,
    bodies: Vec<Body>,
    /// How many calls there were, and how many were answered, or dropped, or died with their process.
    calls: usize,
    over: usize,
    woken: Arc<Woken>,
}

impl World {
    pub(super) async fn new(seed: u64, odds: Odds) -> Self {
        let mut random = Random::new(seed);
        let memory = Memory::simulated();
        let mut members = Vec::new();
        for _ in 0..2 + random.below(3) {
            let process = Process::with(Cluster::new("shop"), &memory).await;
            members.push(Member {
                process,
                locals: Vec::new(),
                forgotten: HashMap::new(),
                dead: false,
            });
        }
        let mut world = Self {
            seed,
            odds,
            random,
            memory,
            members,
            actions: Vec::new(),
            bodies: Vec::new(),
            calls: 0,
            over: 0,
            woken: Arc::new(Woken(Notify::new())),
        };
        world.plan();
        world.faults();
        world
    }

    pub(super) async fn run(mut self) {
        loop {
            self.poll_all();
            let bodies = self
                .bodies
                .iter()
                .filter(|body| body.ended.is_none())
                .map(|body| body.ends);
            let comers = self
                .members
                .iter()
                .flat_map(|member| &member.locals)
                .filter_map(|local| match local.leader {
                    Leader::Vacant(_, at) => Some(at),
                    _ => None,
                });
            let planned = self.actions.first().map(|(at, _)| *at);
            match bodies.chain(comers).chain(planned).min() {
                Some(next) => self.step(next).await,
                None if self.over == self.calls => break,
                None => self.wait().await,
            }
        }
        // Longer than a lease twice: what was not acknowledged is.
        sleep(Duration::from_secs(30)).await;
        let seed = self.seed;
        assert!(self.memory.is_empty(), "seed {seed}: {:?}", self.memory);
        for member in self.members.iter().filter(|member| !member.dead) {
            assert_eq!(member.process.cluster.in_flight(), 0, "seed {seed}");
        }
    }

    /// Nothing is planned, and somebody waits: the members must do something.
    async fn wait(&self) {
        let seed = self.seed;
        select! {
            () = self.woken.0.notified() => {}
            () = sleep(Duration::from_secs(100)) => panic!("seed {seed}: a caller is never answered"),
        }
    }

    async fn step(&mut self, next: Instant) {
        select! {
            biased;
            () = self.woken.0.notified() => return,
            () = sleep_until(next) => {}
        }
        let now = Instant::now();
        while self.actions.first().is_some_and(|(at, _)| *at <= now) {
            let (_, action) = self.actions.remove(0);
            self.act(action).await;
        }
        for member in 0..self.members.len() {
            for at in (0..self.members[member].locals.len()).rev() {
                self.look_at(member, at);
            }
        }
    }

    async fn act(&mut self, action: Action) {
        let now = Instant::now();
        match action {
            Action::Call(member, key) => self.call(member, key),
            Action::Drop(member, key) => self.drop_leader(member, key),
            Action::Forget(member, key) if !self.members[member].dead => {
                let member = &mut self.members[member];
                member.process.forget(key);
                member.forgotten.insert(key, now);
                for local in member.locals.iter_mut().filter(|local| local.key == key) {
                    local.closed = true;
                }
            }
            Action::Forget(..) => {}
            Action::Disconnect(member) => self.memory.disconnect(member),
            Action::Close(member) => self.members[member].process.cluster.close().await,
            Action::Clear => self.memory.clear(),
            Action::Kill(member) => {
                self.memory.cut_off(member);
                let member = &mut self.members[member];
                member.dead = true;
                for local in member.locals.drain(..) {
                    self.over += local.calls.len();
                    if let Leader::Running(_, body) = local.leader {
                        self.bodies[body as usize].ended = Some(now);
                    }
                }
            }
        }
    }

    fn call(&mut self, member: usize, key: u64) {
        let fresh = self.random.percent(self.odds.fresh);
        let member = &mut self.members[member];
        if member.dead {
            return;
        }
        let call = Call {
            began: Instant::now(),
            fresh,
            forgotten: member.forgotten.get(&key).copied(),
        };
        self.calls += 1;
        let joins = |local: &&mut Local| local.key == key && !fresh && local.takes_newcomers();
        if let Some(local) = member.locals.iter_mut().find(joins) {
            local.calls.push(call);
            return;
        }
        let mut displaces = false;
        for local in member
            .locals
            .iter_mut()
            .filter(|local| local.key == key && local.takes_newcomers())
        {
            local.closed = true;
            displaces = true;
        }
        assert!(fresh || !displaces);
        let caller = if fresh {
            member.process.fresh(key)
        } else {
            member.process.call(key)
        };
        member.locals.push(Local {
            key,
            leader: Leader::Asking(caller),
            calls: vec![call],
            closed: false,
        });
    }

    fn drop_leader(&mut self, member: usize, key: u64) {
        let after = Duration::from_millis(self.random.of(&[0, 0, 1, 3, 700]));
        let member = &mut self.members[member];
        let leads = |local: &Local| local.key == key && !matches!(local.leader, Leader::Vacant(..));
        let Some(at) = member.locals.iter().rposition(leads) else {
            return;
        };
        let local = &mut member.locals[at];
        local.calls.remove(0);
        self.over += 1;
        let caller = match std::mem::replace(&mut local.leader, Leader::None) {
            Leader::Asking(caller) => caller,
            Leader::Running(caller, body) => {
                self.bodies[body as usize].ended = Some(Instant::now());
                caller
            }
            _ => unreachable!("it is led"),
        };
        if local.calls.is_empty() {
            caller.goes();
            member.locals.remove(at);
        } else {
            local.leader = Leader::Vacant(caller.leaves(), Instant::now() + after);
        }
    }

    /// A body whose time has come ends, a successor comes.
    fn look_at(&mut self, member: usize, at: usize) {
        let now = Instant::now();
        let local = &mut self.members[member].locals[at];
        match std::mem::replace(&mut local.leader, Leader::None) {
            Leader::Running(mut caller, body) if self.bodies[body as usize].ends <= now => {
                self.bodies[body as usize].ended = Some(now);
                if self.random.percent(self.odds.panic) {
                    caller.panics();
                    self.over += local.calls.len();
                    self.members[member].locals.remove(at);
                } else {
                    caller.end(body);
                    self.land(member, at, body);
                }
            }
            Leader::Vacant(vacant, comes) if comes <= now => {
                local.leader = Leader::Asking(vacant.taken_over())
            }
            leader => local.leader = leader,
        }
    }

    /// Until nobody is told anything any more.
    fn poll_all(&mut self) {
        for member in 0..self.members.len() {
            for at in (0..self.members[member].locals.len()).rev() {
                self.poll(member, at);
            }
        }
    }

    fn poll(&mut self, member: usize, at: usize) {
        let waker = Waker::from(Arc::clone(&self.woken));
        let local = &mut self.members[member].locals[at];
        let Leader::Asking(caller) = &mut local.leader else {
            return;
        };
        match caller.poll(&waker) {
            Poll::Pending => {}
            Poll::Ready(Verdict::Given(body)) => self.land(member, at, body),
            Poll::Ready(Verdict::Run) => {
                let (key, began) = (local.key, Instant::now());
                let millis = self.random.of(&[0, 5, 50, 400, 2500, 15_000]);
                let runs = |body: &Body| body.key == key && body.ended.is_none();
                let alone = !self.bodies.iter().any(runs);
                assert!(
                    alone || !self.odds.one,
                    "seed {}: two bodies at once",
                    self.seed
                );
                let body = self.bodies.len() as u64;
                let ends = began + Duration::from_millis(millis);
                self.bodies.push(Body {
                    key,
                    began,
                    ends,
                    ended: None,
                });
                local.leader = match std::mem::replace(&mut local.leader, Leader::None) {
                    Leader::Asking(caller) => Leader::Running(caller, body),
                    leader => leader,
                };
            }
        }
    }

    /// The callers of a local flight are given this body's value.
    fn land(&mut self, member: usize, at: usize, body: u64) {
        let local = self.members[member].locals.remove(at);
        let (seed, body) = (self.seed, self.bodies[body as usize]);
        let ended = body.ended.expect("a value is there after the end");
        assert_eq!(body.key, local.key, "seed {seed}");
        for call in local.calls {
            self.over += 1;
            let stale = call.began.saturating_duration_since(ended);
            assert!(
                stale <= self.odds.stale,
                "seed {seed}: a value that was there {stale:?} before {call:?}"
            );
            assert!(
                !call.fresh || body.began >= call.began,
                "seed {seed}: {call:?} got an older body"
            );
            let forgotten = call
                .forgotten
                .is_some_and(|forgotten| body.began < forgotten);
            assert!(
                !forgotten,
                "seed {seed}: a body from before its forgetting for {call:?}"
            );
        }
    }
}
