//! What happens in a schedule, when, and what goes wrong on the way.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use coalesce_cluster::Fault;
use tokio::time::Instant;

use super::{random::Random, world::World};

/// How often what happens, in percent; and how long a value may have been there before a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Odds {
    pub(super) drop: u64,
    pub(super) panic: u64,
    pub(super) fresh: u64,
    pub(super) forget: u64,
    pub(super) disconnect: u64,
    pub(super) kill: u64,
    pub(super) clear: u64,
    pub(super) close: u64,
    pub(super) lose: u64,
    pub(super) twice: u64,
    pub(super) late: u64,
    pub(super) fail: u64,
    pub(super) stale: Duration,
    /// Whether one body of a key runs at a time.
    pub(super) one: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Call(usize, u64),
    Drop(usize, u64),
    Forget(usize, u64),
    Disconnect(usize),
    Kill(usize),
    Close(usize),
    Clear,
}

impl World {
    pub(super) fn plan(&mut self) {
        let now = Instant::now();
        for _ in 0..2 + self.random.below(20) {
            let (at, member, key) = (self.at(now), self.member(), self.random.below(2));
            self.actions.push((at, Action::Call(member, key)));
            if self.random.percent(self.odds.drop) {
                let after = self.random.of(&[0, 1, 2, 5, 40, 300, 1500]);
                self.actions
                    .push((at + Duration::from_millis(after), Action::Drop(member, key)));
            }
        }
        for _ in 0..2 {
            let (member, key) = (self.member(), self.random.below(2));
            let odds = self.odds;
            for (odds, action) in [
                (odds.forget, Action::Forget(member, key)),
                (odds.disconnect, Action::Disconnect(member)),
                (odds.kill / 2, Action::Kill(member)),
                (odds.close / 2, Action::Close(member)),
                (odds.clear, Action::Clear),
            ] {
                if self.random.percent(odds) {
                    let at = self.at(now);
                    self.actions.push((at, action));
                }
            }
        }
        self.actions.sort_by_key(|(at, _)| *at);
    }

    fn at(&mut self, now: Instant) -> Instant {
        let often = [0, 1, 2, 50, 51];
        let millis = if self.random.percent(40) {
            self.random.of(&often)
        } else {
            self.random.below(4000)
        };
        now + Duration::from_millis(millis)
    }

    fn member(&mut self) -> usize {
        self.random.below(self.members.len() as u64) as usize
    }

    pub(super) fn faults(&mut self) {
        let odds = self.odds;
        let until = Instant::now() + Duration::from_secs(10);
        let random = Arc::new(Mutex::new(Random::new(!self.seed)));
        let others = Arc::clone(&random);
        self.memory.on_message(move |_, _| {
            let mut random = random.lock().unwrap();
            let late = Duration::from_millis(random.of(&[1, 2, 20, 200]));
            match random.below(100) {
                _ if Instant::now() > until => Fault::None,
                roll if roll < odds.lose => Fault::Lose,
                roll if roll < odds.lose + odds.twice => Fault::Twice,
                roll if roll < odds.lose + odds.twice + odds.late => Fault::Overtaken(late),
                _ => Fault::None,
            }
        });
        self.memory.on_operation(move |_, _| {
            let mut random = others.lock().unwrap();
            let late = Duration::from_millis(random.of(&[1, 2, 20, 200, 400]));
            match random.below(100) {
                _ if Instant::now() > until => Fault::None,
                roll if roll < odds.fail => Fault::Fail,
                roll if roll < odds.fail + odds.late / 2 => Fault::Delay(late),
                roll if roll < odds.fail + odds.late => Fault::Answer(late),
                _ => Fault::None,
            }
        });
    }
}
