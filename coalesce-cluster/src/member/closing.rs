//! How a member ends: closed, with its leases given back; or with its runtime, or by a panic. Whoever waits is answered.

use std::sync::atomic::Ordering::Relaxed;

use tokio::{
    select,
    time::{Instant, sleep_until},
};

use super::{Command, Said, driver::Driver, line::SILENCE};
use crate::{engine::Engine, health::Health};

impl<E: Engine> Driver<E> {
    /// Gives all leases back, and waits until the engine knows.
    pub(super) async fn give_back(&mut self) {
        self.answer_all();
        let until = Instant::now() + SILENCE;
        while self.line.is_up() && (self.line.is_asked() || self.ends.len() > 0) {
            select! {
                event = self.engine.event() => self.event(event),
                () = sleep_until(until) => break,
            }
        }
    }

    /// Tells everybody who waits to run, and ends what is led.
    fn answer_all(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Begin { answer, .. } => drop(answer.say(Said::Run(None))),
                Command::End { part, how } => self.end_part(part, how),
                _ => {}
            }
        }
        for part in self.parts.all() {
            self.run_here(part);
            self.abandon(part);
        }
    }
}

/// A member that ends with its runtime, or by a panic, answers all the same.
impl<E> Drop for Driver<E> {
    fn drop(&mut self) {
        self.shared.pulse.set(Health::Closed);
        self.shared.in_flight.store(0, Relaxed);
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Begin { answer, .. } = command {
                answer.say(Said::Run(None));
            }
        }
        for part in self.parts.all() {
            match self.parts.remove(part) {
                Some(entry) if !entry.is_leading() => drop(entry.answer.say(Said::Run(None))),
                _ => {}
            }
        }
    }
}
