//! Random schedules against a simple model of the promises: who gets whose value, and when.

use coalesced::{Config, Group, fresh};
use proptest::prelude::*;
use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

const KEYS: u8 = 3;
const CALLERS: usize = 8;

/// What happens next; callers are numbered from the oldest that is there.
#[derive(Debug, Clone)]
enum Step {
    Start {
        key: u8,
        fresh: bool,
    },
    Poll {
        caller: usize,
    },
    Drop {
        caller: usize,
    },
    /// The body that this caller runs, if it runs one, is done when it is polled next.
    Finish {
        caller: usize,
        panics: bool,
    },
    Forget {
        key: u8,
    },
    ForgetAll,
    /// Time passes, up to what a flight may be old.
    Pass {
        milliseconds: u64,
    },
}

/// How old a flight may be that is joined, in milliseconds, and how many may follow it.
const MAX_AGE: u64 = 50;
const MAX_FOLLOWERS: usize = 2;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..KEYS, prop::bool::weighted(0.2)).prop_map(|(key, fresh)| Step::Start { key, fresh }),
        6 => (0..CALLERS).prop_map(|caller| Step::Poll { caller }),
        2 => (0..CALLERS).prop_map(|caller| Step::Drop { caller }),
        3 => (0..CALLERS, prop::bool::weighted(0.2))
            .prop_map(|(caller, panics)| Step::Finish { caller, panics }),
        1 => (0..KEYS).prop_map(|key| Step::Forget { key }),
        1 => Just(Step::ForgetAll),
        2 => (1..=MAX_AGE).prop_map(|milliseconds| Step::Pass { milliseconds }),
    ]
}

/// What a body does when it is polled.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Waits,
    Returns,
    Panics,
}

struct Caller {
    number: usize,
    call: Pin<Box<dyn Future<Output = usize>>>,
    fate: Rc<Cell<Fate>>,
    flight: usize,
}

impl Caller {
    fn poll(&mut self) -> Poll<usize> {
        let waker = Waker::from(Arc::new(Meddler));
        self.call.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

type Landing = (Arc<Group<u8, usize>>, u8);

thread_local! {
    /// The group and the key of the flight that lands now.
    static LANDING: RefCell<Option<Landing>> = const { RefCell::new(None) };
    /// How many calls started while one landed.
    static MEDDLED: Cell<u64> = const { Cell::new(0) };
}

/// A waker that starts a call of the key whose flight lands just then: it must not be given what has
/// landed.
struct Meddler;

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        let Some((group, key)) = LANDING.take() else {
            return;
        };
        MEDDLED.set(MEDDLED.get() + 1);
        let mut call = pin!(group.call(key, async { usize::MAX }));
        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if polled != Poll::Ready(usize::MAX) {
            // A waker's panic goes nowhere; this is seen in the numbers.
            MEDDLED.set(u64::MAX / 2);
        }
    }
}

/// A flight as the model sees it.
#[derive(Debug, Clone, PartialEq)]
struct Flight {
    key: u8,
    current: bool,
    opened: u64,
    /// Who runs its body.
    leader: Option<usize>,
    /// Who waits.
    followers: Vec<usize>,
    /// How often its leader left it to its followers: every second time is the oldest's turn.
    handed_over: usize,
    landed: Option<Result<usize, usize>>,
}

#[derive(Default)]
struct Model {
    limited: bool,
    now: u64,
    flights: Vec<Flight>,
    led: u64,
    followed: u64,
    takeovers: u64,
    abandoned: u64,
    panics: u64,
}

impl Model {
    fn current(&self, key: u8) -> Option<usize> {
        let is_current = |flight: &Flight| {
            flight.key == key
                && flight.current
                && flight.landed.is_none()
                && (flight.leader.is_some() || !flight.followers.is_empty())
        };
        self.flights.iter().position(is_current)
    }

    /// The caller starts: which flight is it in?
    fn start(&mut self, caller: usize, key: u8, fresh: bool) -> usize {
        let current = self.current(key);
        let makes_room = |flight: &Flight| {
            self.limited
                && (self.now - flight.opened > MAX_AGE || flight.followers.len() >= MAX_FOLLOWERS)
        };
        match current {
            Some(index) if !fresh && !makes_room(&self.flights[index]) => {
                let flight = &mut self.flights[index];
                // A newcomer gives way where it is the oldest's turn.
                let is_its_turn = flight.handed_over % 2 == 1 || flight.followers.is_empty();
                if flight.leader.is_none() && is_its_turn {
                    flight.leader = Some(caller);
                    self.led += 1;
                } else {
                    flight.followers.push(caller);
                    self.followed += 1;
                }
                index
            }
            _ => {
                if let Some(index) = current {
                    self.flights[index].current = false;
                }
                self.led += 1;
                self.flights.push(Flight {
                    key,
                    current: true,
                    opened: self.now,
                    leader: Some(caller),
                    followers: Vec::new(),
                    handed_over: 0,
                    landed: None,
                });
                self.flights.len() - 1
            }
        }
    }

    fn waiting(&self) -> usize {
        let open = self.flights.iter().filter(|flight| flight.landed.is_none());
        open.map(|flight| flight.followers.len()).sum()
    }

    fn in_flight(&self) -> usize {
        let open = self.flights.iter().filter(|flight| {
            flight.landed.is_none() && (flight.leader.is_some() || !flight.followers.is_empty())
        });
        open.count()
    }
}

async fn run(steps: Vec<Step>, limited: bool) -> Result<(), TestCaseError> {
    let limits = Config::new()
        .max_age(Duration::from_millis(MAX_AGE))
        .max_followers(MAX_FOLLOWERS);
    let config = if limited { limits } else { Config::new() };
    let group = Arc::new(Group::<u8, usize>::new().with_config(config));
    MEDDLED.set(0);
    // Which caller's body is running, for each flight of the model, as the bodies tell.
    let running: Rc<RefCell<Vec<usize>>> = Rc::default();
    let mut model = Model {
        limited,
        ..Model::default()
    };
    let mut callers: Vec<Caller> = Vec::new();
    let mut next = 0;

    /// Tells that the body of this caller is there.
    struct Running(Rc<RefCell<Vec<usize>>>, usize);

    impl Drop for Running {
        fn drop(&mut self) {
            self.0.borrow_mut().retain(|caller| *caller != self.1);
        }
    }

    for step in steps {
        if let Step::Pass { milliseconds } = step {
            tokio::time::advance(Duration::from_millis(milliseconds)).await;
            model.now += milliseconds;
        }
        match step {
            Step::Start {
                key,
                fresh: is_fresh,
            } => {
                if callers.len() == CALLERS {
                    continue;
                }
                let (number, fate) = (next, Rc::new(Cell::new(Fate::Waits)));
                next += 1;
                let (told, decided) = (Rc::clone(&running), Rc::clone(&fate));
                let body = async move {
                    told.borrow_mut().push(number);
                    let _running = Running(told, number);
                    poll_fn(move |_| match decided.get() {
                        Fate::Waits => Poll::Pending,
                        Fate::Returns => Poll::Ready(number),
                        Fate::Panics => std::panic::resume_unwind(Box::new(number)),
                    })
                    .await
                };
                let group = Arc::clone(&group);
                let call = async move { group.call(key, body).await };
                let call: Pin<Box<dyn Future<Output = usize>>> = if is_fresh {
                    Box::pin(fresh(call))
                } else {
                    Box::pin(call)
                };
                let flight = model.start(number, key, is_fresh);
                let mut caller = Caller {
                    number,
                    call,
                    fate,
                    flight,
                };
                prop_assert!(caller.poll().is_pending());
                callers.push(caller);
            }
            Step::Poll { caller } => {
                let Some(caller) = callers.get_mut(caller) else {
                    continue;
                };
                let (number, index) = (caller.number, caller.flight);
                let flight = &model.flights[index];
                let lands = flight.landed.is_none()
                    // One that only takes over may first wake itself.
                    && flight.leader == Some(number)
                    && caller.fate.get() != Fate::Waits;
                if lands && flight.current {
                    LANDING.set(Some((Arc::clone(&group), flight.key)));
                }
                let polled = catch_unwind(AssertUnwindSafe(|| match caller.poll() {
                    // A successor of a hasty leader is asked to come again, as is who gives way.
                    Poll::Pending => caller.poll(),
                    ready => ready,
                }));
                LANDING.set(None);
                let flight = &mut model.flights[index];
                if flight.landed.is_none() && flight.leader.is_none() {
                    flight.leader = Some(number);
                    flight.followers.retain(|follower| *follower != number);
                    model.takeovers += 1;
                }
                let flight = &mut model.flights[index];
                if flight.leader == Some(number) && flight.landed.is_none() {
                    match caller.fate.get() {
                        Fate::Waits => {}
                        Fate::Returns => flight.landed = Some(Ok(number)),
                        Fate::Panics => {
                            flight.landed = Some(Err(number));
                            model.panics += 1;
                        }
                    }
                }
                let is_leader = flight.leader == Some(number);
                match (flight.landed, polled) {
                    (None, Ok(Poll::Pending)) => continue,
                    (Some(Ok(value)), Ok(Poll::Ready(got))) => prop_assert_eq!(got, value),
                    (Some(Err(value)), Err(panic)) if is_leader => {
                        prop_assert_eq!(panic.downcast_ref(), Some(&value), "the original");
                    }
                    (Some(Err(_)), Err(panic)) => prop_assert!(panic.is::<String>()),
                    (landed, polled) => prop_assert!(
                        false,
                        "caller {number} of {flight:?}: {landed:?}, but {:?}",
                        polled.map_err(|_| "a panic")
                    ),
                }
                callers.retain(|caller| caller.number != number);
            }
            Step::Drop { caller } => {
                if caller >= callers.len() {
                    continue;
                }
                let caller = callers.remove(caller);
                let flight = &mut model.flights[caller.flight];
                flight
                    .followers
                    .retain(|follower| *follower != caller.number);
                if flight.leader == Some(caller.number) && flight.landed.is_none() {
                    flight.leader = None;
                    flight.handed_over += usize::from(!flight.followers.is_empty());
                    model.abandoned += 1;
                }
                drop(caller);
            }
            Step::Finish { caller, panics } => {
                if let Some(caller) = callers.get(caller) {
                    caller
                        .fate
                        .set(if panics { Fate::Panics } else { Fate::Returns });
                }
            }
            Step::Forget { key } => {
                let current = model.current(key);
                prop_assert_eq!(group.forget(key), current.is_some());
                if let Some(index) = current {
                    model.flights[index].current = false;
                }
            }
            Step::Pass { .. } => {}
            Step::ForgetAll => {
                group.forget_all();
                model
                    .flights
                    .iter_mut()
                    .for_each(|flight| flight.current = false);
            }
        }
        // Bodies run for the leaders, and for nobody else.
        let mut expected: Vec<_> = model
            .flights
            .iter()
            .filter(|flight| flight.landed.is_none())
            .filter_map(|flight| flight.leader)
            .collect();
        expected.sort_unstable();
        let mut bodies = running.borrow().clone();
        bodies.sort_unstable();
        prop_assert_eq!(bodies, expected);
        let stats = group.stats();
        prop_assert_eq!(stats.led, model.led + MEDDLED.get());
        prop_assert_eq!(stats.followed, model.followed);
        prop_assert_eq!(stats.takeovers, model.takeovers);
        prop_assert_eq!(stats.abandoned, model.abandoned);
        prop_assert_eq!(stats.panics, model.panics);
        prop_assert_eq!(stats.in_flight, model.in_flight() as u64);
        prop_assert_eq!(stats.waiting, model.waiting() as u64);
    }
    drop(callers);
    prop_assert_eq!(group.in_flight(), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 2_000 } else { 50_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn schedules(steps in prop::collection::vec(step(), 1..60), limited: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(steps, limited))?;
    }
}
