//! The protocol of a part, from its question to its answer.
//!
//! 1. It begins with a new token. The engine answers that it leads, or whom it waits for: nothing that comes about
//!    that flight in between is lost.
//! 2. Waiting, it asks again, with a new token and the awaited one, after 1 s, 2 s, 4 s .., when the lease is over, when
//!    a heartbeat is late, and after a reconnection. A flight that was displaced goes on for who waits.
//! 3. An answer that does not come in time sends it to run its body here; a `begin` that may still
//!    arrive is ended behind it.
//! 4. A flight that was abandoned is begun anew, without awaiting anything.
//! 5. A newcomer must not get the value of a flight that had ended. So no newcomer joins a local flight that waits
//!    elsewhere, once this was not confirmed for a second and a half, or once the end has come; and if
//!    that was done too late, as by a process that was stopped, the value is not taken, and the part begins anew.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Said,
    driver::Driver,
    parts::{Entry, State, Wait},
};
use crate::{
    engine::{Begin, Begun, Digest, Engine, Frame, Token, Told},
    warn,
};

/// As long a frame may take to be fetched.
const FETCH: Duration = Duration::from_millis(1500);

impl<E: Engine> Driver<E> {
    /// Asks the engine.
    pub(super) fn begin(&mut self, part: u64, awaited: Option<Token>) {
        let (now, token) = (Instant::now(), self.token());
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        if awaited.is_none() {
            entry.state = State::Beginning;
        }
        let begin = Begin {
            key: entry.asked.key,
            token,
            awaited,
            fresh: entry.fresh,
            lease: self.shared.settings.lease,
        };
        // Whoever asks again still waits for the first answer.
        let since = entry.asking.as_ref().map_or(now, |asking| asking.since);
        self.give_up_asking(part);
        self.parts.asks(part, token, since);
        self.schedule(part);
        if self.line.is_up() {
            self.line.asked(now);
            self.engine.begin(begin);
        }
    }

    /// A `begin` was answered.
    pub(super) fn begun(&mut self, token: Token, begun: Begun) {
        // Who has gone, or has not waited for this, has ended the token.
        let Some(part) = self.parts.of_token(token) else {
            return;
        };
        let Some(asking) = self.parts.answered(part) else {
            return;
        };
        self.note_lease(part, &begun);
        match begun {
            Begun::Dead => self.run_here(part),
            Begun::Lead => {
                self.lead(part, token);
                if asking
                    .kept
                    .iter()
                    .any(|kept| matches!(kept, (about, Told::Displaced) if *about == token))
                {
                    self.displace(part);
                }
            }
            Begun::Landed(Some(frame)) => self.give(part, &frame),
            Begun::Landed(None) => self.fetch(part),
            Begun::Join {
                token: joined,
                left,
                displaced,
            } => {
                let known = self.parts.of_token(joined).is_some() || self.ends.is_ending(joined);
                if joined.is_of(self.member) && !known {
                    // A flight of this member that has ended, which the engine does not know.
                    self.end_unsure(part, joined);
                    return self.begin(part, None);
                }
                self.wait(part, joined, asking.since, left);
                if displaced {
                    self.displace(part);
                }
                for (about, told) in asking.kept {
                    if about == joined {
                        self.tell(part, joined, &told);
                    }
                }
            }
        }
    }

    /// Who has waited, and finds another flight or none, has outlived a lease.
    fn note_lease(&mut self, part: u64, begun: &Begun) {
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let State::Waiting(wait) = &entry.state else {
            return;
        };
        match begun {
            Begun::Lead => {}
            Begun::Join { token, .. } if *token != wait.awaited => {}
            _ => return,
        }
        entry.run_out += 1;
        if entry.run_out == 2 {
            warn::leases_run_out(entry.asked.function, entry.asked.key);
        }
    }

    fn lead(&mut self, part: u64, token: Token) {
        self.parts.leads(part, token, Instant::now());
        self.parts.wake_at(part, None);
        let taken = self
            .parts
            .get(part)
            .is_some_and(|entry| entry.answer.say(Said::Run(Some(token))));
        if !taken {
            self.abandon(part);
        }
    }

    fn wait(&mut self, part: u64, awaited: Token, asked: Instant, left: Option<Duration>) {
        let now = Instant::now();
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let rechecks = match &entry.state {
            State::Waiting(wait) if wait.awaited == awaited => wait.rechecks + 1,
            _ => 0,
        };
        let again = self
            .line
            .jittered(Duration::from_secs(1 << rechecks.min(2)));
        let over = left.map(|left| left + self.line.jittered(Duration::from_millis(20)));
        // No later than a frame is kept.
        let recheck = now + over.map_or(again, |over| over.min(again));
        entry.state = State::Waiting(Wait {
            awaited,
            confirmed: asked,
            recheck,
            rechecks,
            fetching: None,
        });
        self.schedule(part);
    }

    /// A message about this flight.
    pub(super) fn told(&mut self, key: Digest, token: Token, told: &Told) {
        for part in self.parts.of_key(key) {
            let Some(entry) = self.parts.get(part) else {
                continue;
            };
            match &entry.state {
                State::Waiting(wait) if wait.awaited == token => self.tell(part, token, told),
                State::Leading { token: own, .. } if *own == token => {
                    if matches!(told, Told::Displaced) {
                        self.displace(part);
                    }
                }
                _ => {
                    if let Some(asking) = &mut entry.asking {
                        asking.kept.push((token, told.clone()));
                    }
                }
            }
        }
    }

    /// What happened to the flight that this part waits for.
    fn tell(&mut self, part: u64, awaited: Token, told: &Told) {
        // One of several that were kept may have ended it.
        let waits = |entry: &mut Entry| matches!(&entry.state, State::Waiting(wait) if wait.awaited == awaited);
        if !self.parts.get(part).is_some_and(waits) {
            return;
        }
        match told {
            Told::Displaced => self.displace(part),
            Told::Abandoned => self.begin(part, None),
            Told::Value(frame) => self.give(part, frame),
            Told::Fetch => self.fetch(part),
            Told::Nothing => {
                if let Some(entry) = self.parts.get(part) {
                    self.shared.tally.unshared(entry.asked.function);
                }
                self.answer(part, Said::Run(None));
            }
        }
    }

    /// The awaited flight ended with this frame.
    fn give(&mut self, part: u64, frame: &Frame) {
        let now = Instant::now();
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let State::Waiting(wait) = &entry.state else {
            return;
        };
        let awaited = wait.awaited;
        let timely = entry.is_timely(now);
        // Before the leader can be seen to have it.
        self.displace(part);
        if timely {
            self.answer(part, Said::Given(awaited, Frame::clone(frame)));
        } else {
            self.begin(part, None);
        }
    }

    fn fetch(&mut self, part: u64) {
        let now = Instant::now();
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let key = entry.asked.key;
        let timely = entry.is_timely(now);
        let State::Waiting(wait) = &mut entry.state else {
            return;
        };
        let awaited = wait.awaited;
        wait.fetching = Some(now + FETCH);
        self.displace(part);
        if !timely {
            return self.begin(part, None);
        }
        self.schedule(part);
        // What is large may be slow: it has a limit of its own, and its silence is no sign of anything.
        self.engine.fetch(key, awaited);
    }

    pub(super) fn fetched(&mut self, token: Token, frame: Option<&Frame>) {
        for part in self.parts.fetching(token) {
            match frame {
                Some(frame) => self.give(part, frame),
                None => self.begin(part, None),
            }
        }
    }

    /// Those who wait ask anew; those who have asked already only on a connection made `anew`.
    pub(super) fn recheck(&mut self, anew: bool) {
        for part in self.parts.all() {
            match self.parts.get(part) {
                Some(entry) if entry.asking.is_some() && !anew => {}
                Some(Entry {
                    state: State::Waiting(wait),
                    ..
                }) => {
                    let awaited = wait.awaited;
                    self.begin(part, Some(awaited));
                }
                Some(Entry {
                    state: State::Beginning,
                    ..
                }) => self.begin(part, None),
                _ => {}
            }
        }
    }
}
