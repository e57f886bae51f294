//! What can be seen of the model.

use crate::pairs::{
    body::Fate,
    model::{Body, Model, State},
    servers::Says,
};
use coalesced::Stats;

impl Model {
    /// Whose bodies are there.
    pub(in crate::pairs) fn running(&self) -> Vec<usize> {
        let there = |body: &Body| body.started && body.ended.is_none();
        let bodies = self.bodies.iter().filter(|(_, body)| there(body));
        bodies.map(|(number, _)| *number).collect()
    }

    /// Who is there to be told to end its body, or will be.
    pub(in crate::pairs) fn unfinished(&self) -> Vec<usize> {
        let mut numbers: Vec<_> = self
            .callers
            .keys()
            .chain(self.bodies.keys())
            .copied()
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Whether a poll of this caller would do anything, so that it must have been woken.
    pub(in crate::pairs) fn is_due(&self, number: usize, fate: Fate) -> bool {
        let caller = &self.callers[&number];
        let flight = caller.flight.map(|flight| &self.flights[flight]);
        match (caller.state, flight) {
            (State::Follows, Some(flight)) => {
                flight.landed.is_some()
                    || flight.leader.is_none()
                    || caller.patience == 0
                    || caller.until.is_some_and(|until| until <= self.now)
            }
            (State::Runs, _) if self.options.spawns() => self.bodies[&number].ended.is_some(),
            (State::Runs, _) if self.asks(number) => self.says != Says::Nothing,
            (State::Runs, _) => fate != Fate::Waits,
            _ => true,
        }
    }

    /// How long it will wait, if it does so for a limited time.
    pub(in crate::pairs) fn patience(&self, number: usize) -> Option<u64> {
        let caller = self.callers.get(&number)?;
        let until = caller.until.filter(|_| caller.state == State::Follows)?;
        until.checked_sub(self.now).filter(|left| *left > 0)
    }

    /// Whether it is known what a poll of this caller, which is due, would do.
    pub(in crate::pairs) fn is_certain(&self, number: usize) -> bool {
        let caller = &self.callers[&number];
        let Some(index) = caller.flight.filter(|_| caller.state == State::Follows) else {
            return true;
        };
        self.flights[index].landed.is_some() || caller.patience == 0
    }

    pub(in crate::pairs) fn stats(&self) -> Stats {
        let mut stats = self.counted;
        stats.calls = stats.led + stats.followed + stats.alone;
        stats.in_flight = self.alive().count() as u64;
        stats.waiting = self
            .alive()
            .map(|flight| self.followers(flight) as u64)
            .sum();
        stats
    }
}
