//! The connection of a member to a [`Memory`]: what is on its way there, and on its way back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    select,
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{
    Memory,
    fault::{Fault, Message, Operation},
    world::Inbox,
};
use crate::engine::{Begin, Digest, End, Engine, Event, Token, Told};

/// A member's connection to a [`Memory`].
#[derive(Debug)]
pub struct Port {
    memory: Memory,
    inbox: Inbox,
    line: Arc<Line>,
}

/// What is on its way, in the order in which it arrives.
#[derive(Debug, Default)]
pub(super) struct Line {
    way: Mutex<Way>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Way {
    things: BTreeMap<(Instant, u64), Thing>,
    count: u64,
    /// When the last operation, and the last event, arrives that did not let itself be overtaken.
    last: [Option<Instant>; 2],
    /// How often the connection was made.
    generation: u64,
    connected: bool,
    cut_off: bool,
}

#[derive(Debug)]
enum Thing {
    /// Of this connection, and how long its answer takes.
    Operation(u64, Asked, Duration),
    Event(Event),
}

/// An operation, as it is sent.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Connect,
    Begin(Begin),
    End(End),
    Fetch(Token),
    Renew(Digest, Token, Duration),
    Forget(Digest),
    Beat(u64),
}

impl Asked {
    pub(super) fn operation(&self) -> Operation {
        match self {
            Self::Connect => Operation::Connect,
            Self::Begin(_) => Operation::Begin,
            Self::End(_) => Operation::End,
            Self::Fetch(_) => Operation::Fetch,
            Self::Renew(..) => Operation::Renew,
            Self::Forget(_) => Operation::Forget,
            Self::Beat(_) => Operation::Beat,
        }
    }
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event for the member, unless it has lost the connection.
    pub(super) fn deliver(&self, event: Event, fault: Fault) {
        let mut way = self.lock();
        if !way.connected || way.cut_off || matches!(fault, Fault::Lose | Fault::Fail) {
            return;
        }
        way.send(1, Thing::Event(event.clone()), fault);
        if fault == Fault::Twice {
            way.send(1, Thing::Event(event), Fault::None);
        }
        drop(way);
        self.more.notify_one();
    }

    /// The connection is lost, with all that is on its way back; what is on its way there may arrive.
    pub(super) fn disconnect(&self) {
        let mut way = self.lock();
        if way.connected {
            way.reset();
            way.send(
                1,
                Thing::Event(Event::Down("the connection was cut".into())),
                Fault::None,
            );
        }
        drop(way);
        self.more.notify_one();
    }

    /// Nothing arrives any more, or everything does again.
    pub(super) fn cut_off(&self, cut_off: bool) {
        let mut way = self.lock();
        way.cut_off = cut_off;
        if cut_off {
            way.reset();
        }
    }
}

impl Way {
    fn send(&mut self, direction: usize, thing: Thing, fault: Fault) {
        let now = Instant::now();
        let at = match fault {
            Fault::Overtaken(time) => now + time,
            Fault::Delay(time) => {
                self.last[direction].map_or(now + time, |last| last.max(now + time))
            }
            _ => self.last[direction].map_or(now, |last| last.max(now)),
        };
        if !matches!(fault, Fault::Overtaken(_)) {
            self.last[direction] = Some(at);
        }
        self.count += 1;
        self.things.insert((at, self.count), thing);
    }

    fn reset(&mut self) {
        self.connected = false;
        self.generation += 1;
        self.last = [None; 2];
        self.things
            .retain(|_, thing| matches!(thing, Thing::Operation(..)));
    }
}

impl Port {
    pub(super) fn new(memory: Memory, inbox: Inbox, line: Arc<Line>) -> Self {
        Self {
            memory,
            inbox,
            line,
        }
    }

    fn send(&self, asked: Asked) {
        let fault = self.memory.fault_of(asked.operation(), self.inbox);
        let mut way = self.line.lock();
        if matches!(asked, Asked::Connect) {
            way.reset();
        } else if !way.connected {
            return;
        }
        if way.cut_off || fault == Fault::Lose {
            return;
        }
        let generation = way.generation;
        if fault == Fault::Fail {
            let failed = Event::Failed("the test says so".into());
            way.send(1, Thing::Event(failed), Fault::None);
        } else {
            let late = match fault {
                Fault::Answer(late) => late,
                _ => Duration::ZERO,
            };
            way.send(0, Thing::Operation(generation, asked, late), fault);
        }
        drop(way);
        self.line.more.notify_one();
    }

    /// The next thing that has arrived; or when it will.
    fn arrived(&self) -> Result<Thing, Option<Instant>> {
        let mut way = self.line.lock();
        let first = way.things.first_key_value().map(|((at, _), _)| *at);
        match first {
            Some(at) if at <= Instant::now() => {
                way.things.pop_first().map(|(_, thing)| thing).ok_or(None)
            }
            later => Err(later),
        }
    }

    fn execute(&self, generation: u64, asked: Asked, late: Duration) {
        let connects = matches!(asked, Asked::Connect);
        let answer = self.memory.execute(asked, self.inbox);
        let mut way = self.line.lock();
        // Of an old connection nobody reads the answers.
        if way.generation == generation {
            way.connected |= connects;
            let fault = if late.is_zero() {
                Fault::None
            } else {
                Fault::Overtaken(late)
            };
            way.send(1, Thing::Event(answer), fault);
        }
    }
}

impl Engine for Port {
    fn connect(&mut self) {
        self.send(Asked::Connect);
    }

    fn begin(&mut self, begin: Begin) {
        self.send(Asked::Begin(begin));
    }

    fn end(&mut self, end: End) {
        self.send(Asked::End(end));
    }

    fn fetch(&mut self, _key: Digest, token: Token) {
        self.send(Asked::Fetch(token));
    }

    fn renew(&mut self, leases: &[(Digest, Token)], lease: Duration) {
        for (key, token) in leases {
            self.send(Asked::Renew(*key, *token, lease));
        }
    }

    fn forget(&mut self, key: Digest) {
        self.send(Asked::Forget(key));
    }

    fn beat(&mut self, number: u64) {
        self.send(Asked::Beat(number));
    }

    async fn event(&mut self) -> Event {
        loop {
            match self.arrived() {
                Ok(Thing::Event(event)) => return event,
                Ok(Thing::Operation(generation, asked, late)) => {
                    self.execute(generation, asked, late)
                }
                Err(None) => self.line.more.notified().await,
                Err(Some(later)) => select! {
                    () = self.line.more.notified() => {}
                    () = sleep_until(later) => {}
                },
            }
        }
    }
}

/// What a test calls this message.
pub(super) fn message(told: &Told) -> Message {
    match told {
        Told::Value(_) | Told::Fetch => Message::Value,
        Told::Nothing => Message::Nothing,
        Told::Abandoned => Message::Abandoned,
        Told::Displaced => Message::Displaced,
    }
}
