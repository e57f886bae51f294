//! The task of a member: takes commands, events and the time as they come.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    select,
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::{Instant, sleep_until},
};

use super::{
    Command, Said, Shared,
    ends::Ends,
    line::{Due, Line},
    parts::Parts,
};
use crate::{
    engine::{Engine, Event, Token},
    health::Health,
};

/// As late a timer may be noticed.
const OVERSLEPT: Duration = Duration::from_millis(20);

/// As long anybody waits for a connection.
const FOR_EVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

pub(super) struct Driver<E> {
    pub(super) engine: E,
    pub(super) shared: Arc<Shared>,
    pub(super) line: Line,
    pub(super) parts: Parts,
    pub(super) ends: Ends,
    /// When a flight of a function was last followed by other members.
    pub(super) followed: HashMap<&'static str, Instant>,
    /// The member's number, and the last that it gave to a flight.
    pub(super) member: u64,
    pub(super) flights: u64,
    pub(super) commands: UnboundedReceiver<Command>,
    /// Who waits for the connection.
    watchers: Vec<(Instant, oneshot::Sender<bool>)>,
}

impl<E: Engine> Driver<E> {
    pub(super) fn new(
        engine: E,
        member: u64,
        shared: Arc<Shared>,
        commands: UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            engine,
            shared,
            line: Line::new(member, Instant::now()),
            parts: Parts::default(),
            ends: Ends::default(),
            followed: HashMap::new(),
            member,
            flights: 0,
            commands,
            watchers: Vec::new(),
        }
    }

    /// Runs until the member is closed, or until nobody can ask it any more.
    pub(super) async fn run(mut self) {
        self.engine.connect();
        let mut next = Instant::now();
        let told = loop {
            if Instant::now() > next + OVERSLEPT {
                self.catch_up().await;
            }
            self.due();
            next = self.next();
            let in_flight = self.parts.len() + self.ends.len();
            self.shared.in_flight.store(in_flight, Relaxed);
            // Events first, so that a call never joins a flight whose end has come already.
            select! {
                biased;
                event = self.engine.event() => self.event(event),
                command = self.commands.recv() => match command {
                    None => break None,
                    Some(Command::Close { told }) => break Some(told),
                    Some(command) => self.command(command),
                },
                () = sleep_until(next) => {}
            }
        };
        self.shared.pulse.set(Health::Closed);
        self.commands.close();
        self.give_back().await;
        if let Some(told) = told {
            let _ = told.send(());
        }
    }

    /// This process was stopped, or got no time: what has come meanwhile is read before anybody is given up for it.
    async fn catch_up(&mut self) {
        let until = Instant::now() + OVERSLEPT;
        loop {
            select! {
                biased;
                event = self.engine.event() => self.event(event),
                () = sleep_until(until) => return,
            }
        }
    }

    fn command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Begin {
                part,
                asked,
                fresh,
                answer,
            } => {
                if !self.shared.pulse.is_here() {
                    self.shared.tally.local(asked.function);
                    answer.say(Said::Run(None));
                    return;
                }
                self.parts.insert(part, asked, fresh, answer);
                self.begin(part, None);
            }
            Command::End { part, how } => self.end_part(part, how),
            Command::Abandon { part } => self.abandon(part),
            Command::Forget { key } => {
                // Queued for the next connection, should this one not be there.
                self.ends.forget(key, now);
                if self.line.is_up() {
                    self.line.asked(now);
                    self.engine.forget(key);
                }
            }
            Command::Flush { told } if self.line.is_away() => drop(told),
            Command::Flush { told } => self.ends.flush(told),
            Command::Connected { within, told } => match self.line.is_up() {
                true => drop(told.send(true)),
                false => self.watchers.push((now + within.min(FOR_EVER), told)),
            },
            Command::Close { told } => drop(told),
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        let now = Instant::now();
        self.line.heard(now);
        match event {
            Event::Up => self.up(now),
            // What a connection says that was given up already.
            Event::Down(_) | Event::Failed(_) | Event::Refused(_) if self.line.is_away() => {}
            Event::Down(why) => match self.line.is_good(now) {
                true => self.connect_anew(now),
                false => self.away(Health::Away(why), now),
            },
            Event::Failed(why) => self.away(Health::Away(why), now),
            Event::Refused(why) => self.away(Health::Refused(why), now),
            Event::Begun(token, begun) => {
                self.line.answered();
                self.begun(token, begun);
            }
            Event::Ended(token, waiters) => self.ended(token, waiters),
            Event::Fetched(token, frame) => self.fetched(token, frame.as_ref()),
            Event::Renewed(token, mine) => {
                self.line.answered();
                if !mine {
                    self.displace_leading(token);
                }
            }
            Event::Forgot(key) => {
                self.line.answered();
                self.ends.forgot(key);
            }
            Event::Sent => self.line.answered(),
            Event::Told(key, token, told) => self.told(key, token, &told),
            Event::Beat(number) => self.line.beaten(number),
        }
    }

    fn next(&self) -> Instant {
        let watched = self.watchers.iter().map(|(until, _)| *until).min();
        let times = [self.parts.next(), watched];
        times
            .into_iter()
            .flatten()
            .fold(self.line.next(), Instant::min)
    }

    /// Does what is to be done by now.
    fn due(&mut self) {
        let now = Instant::now();
        match self.line.due(now) {
            Some(Due::Connect) => self.engine.connect(),
            Some(Due::Silent) => self.away(Health::Away("it does not answer".into()), now),
            Some(Due::Deaf) => self.connect_anew(now),
            Some(Due::Beat { number, late }) => {
                self.line.asked(now);
                self.engine.beat(number);
                // Also for a recorder that was installed since.
                self.shared.pulse.report();
                self.renew(now);
                if late {
                    self.recheck(false);
                }
            }
            None => {}
        }
        while let Some(part) = self.parts.due(now) {
            self.part_due(part, now);
        }
        for (until, told) in std::mem::take(&mut self.watchers) {
            if until <= now {
                let _ = told.send(false);
            } else if !told.is_closed() {
                self.watchers.push((until, told));
            }
        }
    }

    /// Connected: what was not acknowledged first, then what waits, in the order in which it came.
    fn up(&mut self, now: Instant) {
        self.line.up(now);
        for end in self.ends.again(now) {
            if !end.is_large() {
                self.line.asked(now);
            }
            self.engine.end(end);
        }
        for key in self.ends.forgets(now) {
            self.line.asked(now);
            self.engine.forget(key);
        }
        self.renew(now);
        self.recheck(true);
        self.shared.pulse.set(Health::Connected);
        for (_, told) in self.watchers.drain(..) {
            let _ = told.send(true);
        }
    }

    fn connect_anew(&mut self, now: Instant) {
        self.line.lost(now);
        self.engine.connect();
    }

    /// The engine is away: who waits is coalesced in this process.
    fn away(&mut self, health: Health, now: Instant) {
        match health {
            Health::Refused(_) => self.line.refused(now),
            _ => self.line.away(None, now),
        }
        self.shared.pulse.set(health);
        for part in self.parts.all() {
            self.run_here(part);
        }
        self.ends.give_up();
    }

    fn renew(&mut self, now: Instant) {
        let leases = self.parts.leases(now);
        if !leases.is_empty() {
            leases.iter().for_each(|_| self.line.asked(now));
            self.engine.renew(&leases, self.shared.settings.lease);
        }
    }

    pub(super) fn token(&mut self) -> Token {
        self.flights += 1;
        Token::new(self.member, self.flights)
    }
}
