//! When a part is looked at, and how it is settled: its answer, its leader's going, its body's end.
//!
//! 1. A part has one answer, and leaves the table with it, unless it leads: then with its body's end.
//! 2. Whatever token may have reached the engine and leads nothing is ended.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Said,
    driver::Driver,
    ends::Ending,
    line::SILENCE,
    parts::{Entry, State},
};
use crate::engine::{Digest, End, Engine, Frame, How, Token};

/// As long a part may wait for one answer.
const ANSWER: Duration = SILENCE;

/// As long a newcomer may join after the engine has said that the awaited flight runs.
const CONFIRMED: Duration = Duration::from_millis(1500);

/// How late that may be noticed.
const NOTICED: Duration = Duration::from_millis(1600);

/// Frames as small as this are sent without asking how many wait, if the function's flights were followed lately.
const SMALL: usize = 4 << 10;
const LATELY: Duration = Duration::from_secs(10);

impl Entry {
    pub(super) fn is_leading(&self) -> bool {
        matches!(self.state, State::Leading { .. })
    }

    /// Whether nobody can have joined the local flight after the awaited one had ended.
    pub(super) fn is_timely(&self, now: Instant) -> bool {
        match &self.state {
            State::Waiting(wait) => self.displaced.unwrap_or(now) <= wait.confirmed + NOTICED,
            _ => true,
        }
    }
}

impl<E: Engine> Driver<E> {
    /// When to look at this part next.
    pub(super) fn schedule(&mut self, part: u64) {
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let answer = entry.asking.as_ref().map(|asking| asking.since + ANSWER);
        let (mut again, mut newcomers, mut fetch) = (None, None, None);
        if let State::Waiting(wait) = &entry.state {
            again = answer.is_none().then_some(wait.recheck);
            newcomers = entry
                .displaced
                .is_none()
                .then_some(wait.confirmed + CONFIRMED);
            fetch = wait.fetching;
        }
        let due = [answer, again, newcomers, fetch]
            .into_iter()
            .flatten()
            .min();
        self.parts.wake_at(part, due);
    }

    pub(super) fn part_due(&mut self, part: u64, now: Instant) {
        let Some(entry) = self.parts.get(part) else {
            return;
        };
        let late = entry
            .asking
            .as_ref()
            .is_some_and(|asking| asking.since + ANSWER <= now);
        let mut newcomers = false;
        let mut again = None;
        let mut unfetched = false;
        if let State::Waiting(wait) = &entry.state {
            newcomers = entry.displaced.is_none() && wait.confirmed + CONFIRMED <= now;
            again = (entry.asking.is_none() && wait.recheck <= now).then_some(wait.awaited);
            unfetched = wait.fetching.is_some_and(|until| until <= now);
        }
        if newcomers {
            self.displace(part);
        }
        if late || unfetched {
            return self.run_here(part);
        }
        match again {
            Some(awaited) => self.begin(part, Some(awaited)),
            None => self.schedule(part),
        }
    }

    pub(super) fn displace(&mut self, part: u64) {
        let now = Instant::now();
        if let Some(entry) = self.parts.get(part) {
            entry.displaced.get_or_insert(now);
            entry.answer.displace();
        }
    }

    pub(super) fn displace_leading(&mut self, token: Token) {
        if let Some(part) = self.parts.of_token(token) {
            self.displace(part);
        }
    }

    /// The part is coalesced in this process, since the engine is away, or too slow.
    pub(super) fn run_here(&mut self, part: u64) {
        let entry = self.parts.get(part).filter(|entry| !entry.is_leading());
        if let Some(entry) = entry {
            self.shared.tally.local(entry.asked.function);
            self.answer(part, Said::Run(None));
        }
    }

    /// The part's last answer.
    pub(super) fn answer(&mut self, part: u64, said: Said) {
        self.give_up_asking(part);
        if let Some(entry) = self.parts.remove(part) {
            entry.answer.say(said);
        }
    }

    /// A `begin` that is out shall have no effect.
    pub(super) fn give_up_asking(&mut self, part: u64) {
        if let Some(asking) = self.parts.answered(part) {
            self.end_unsure(part, asking.token);
        }
    }

    pub(super) fn end_unsure(&mut self, part: u64, token: Token) {
        if let Some(entry) = self.parts.get(part) {
            let end = abandoned(entry.asked.key, token, true, self.shared.settings.lease);
            self.send_end(end, None, None);
        }
    }

    /// The leader has gone.
    pub(super) fn abandon(&mut self, part: u64) {
        self.give_up_asking(part);
        let Some(entry) = self.parts.remove(part) else {
            return;
        };
        if let State::Leading { token, .. } = entry.state {
            let end = abandoned(entry.asked.key, token, false, self.shared.settings.lease);
            self.send_end(end, None, None);
        }
    }

    /// The body of a part that leads has ended.
    pub(super) fn end_part(&mut self, part: u64, how: How) {
        let Some(entry) = self.parts.remove(part) else {
            return;
        };
        let State::Leading { token, .. } = entry.state else {
            return;
        };
        let function = entry.asked.function;
        let lately = |at: &Instant| at.elapsed() < LATELY;
        let (how, frame) = match how {
            How::Value(frame)
                if frame.len() > SMALL || !self.followed.get(function).is_some_and(lately) =>
            {
                (How::Ask, Some(frame))
            }
            how => (how, None),
        };
        let end = End {
            key: entry.asked.key,
            token,
            how,
            unsure: false,
            lease: self.shared.settings.lease,
        };
        self.send_end(end, frame, Some(function));
    }

    /// An end was acknowledged.
    pub(super) fn ended(&mut self, token: Token, waiters: Option<usize>) {
        let Some(ended) = self.ends.ended(token) else {
            return;
        };
        if !ended.end.is_large() {
            self.line.answered();
        }
        if waiters == Some(0) {
            return;
        }
        if let Some(function) = ended.function {
            self.followed.insert(function, Instant::now());
        }
        if let Some(frame) = ended.frame {
            let how = How::Value(frame);
            self.send_end(End { how, ..ended.end }, None, None);
        }
    }

    /// Sends an end that is kept until it is acknowledged, and the frame behind it if anybody waits for it.
    pub(super) fn send_end(
        &mut self,
        end: End,
        frame: Option<Frame>,
        function: Option<&'static str>,
    ) {
        let since = Instant::now();
        if self.line.is_up() {
            if !end.is_large() {
                self.line.asked(since);
            }
            self.engine.end(end.clone());
        }
        self.ends.end(Ending {
            end,
            frame,
            function,
            since,
        });
    }
}

/// An end by which nobody is given anything.
fn abandoned(key: Digest, token: Token, unsure: bool, lease: Duration) -> End {
    End {
        key,
        token,
        how: How::Abandoned,
        unsure,
        lease,
    }
}
