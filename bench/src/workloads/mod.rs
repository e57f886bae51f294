//! What contenders are asked to do: one round of each workload, and how that is presented.

mod fan_in;
mod hot_key;
mod http;
mod lone;
mod many_keys;
mod open;
mod pool;
mod runtime;
mod slow_bodies;
mod threads;

use std::sync::Arc;

use crate::{
    body::{Gate, Tally},
    contender::{Card, Contender, Side},
    contenders::{Stage, enter_all},
    key::Key,
    report::Sheet,
    rounds::{Lane, Outcome, interleaved},
    workload::{Effort, Workload},
};
use runtime::two_threads;

pub(crate) fn sheet<K: Key>(workload: Workload, effort: Effort) -> Sheet {
    match workload {
        Workload::Lone => lone::sheet::<K>(),
        Workload::FanIn => fan_in::sheet::<K>(),
        Workload::HotKey => hot_key::sheet(),
        Workload::SlowBodies => slow_bodies::sheet(),
        Workload::ManyKeys => many_keys::sheet(),
        Workload::Open => open::sheet::<K>(effort),
        Workload::Pool => pool::sheet(),
        Workload::Http => http::sheet(),
    }
}

/// Measures the limits, and every contender whose name contains `only`; and says who can't do it,
/// and why.
pub(crate) fn run<K: Key>(
    workload: Workload,
    effort: Effort,
    only: &str,
) -> (Vec<Outcome>, Vec<Absent>) {
    let mut lanes = Lanes {
        workload,
        effort,
        only,
        lanes: vec![],
        absent: vec![],
    };
    match workload {
        Workload::Http => http::enter_all(&mut lanes.lanes),
        _ => enter_all::<K>(&mut lanes),
    }
    (
        interleaved(lanes.lanes, workload.rounds(effort), effort.patience()),
        lanes.absent,
    )
}

/// Who can't do it, and why.
pub(crate) type Absent = (&'static Card, &'static str);

struct Lanes<'a> {
    workload: Workload,
    effort: Effort,
    only: &'a str,
    lanes: Vec<Lane>,
    absent: Vec<Absent>,
}

impl<K: Key> Stage<K> for Lanes<'_> {
    fn enter<C: Contender<K>>(&mut self, card: &'static Card, new: fn() -> C) {
        if card.side != Side::Limit && !card.name.contains(self.only) {
            return;
        }
        if let Some(reason) = card.cannot(self.workload) {
            // A limit is of what it can do.
            if card.side != Side::Limit {
                self.absent.push((card, reason));
            }
            return;
        }
        let (tally, gate, contender) = (Tally::new(), Gate::new(), Arc::new(new()));
        let (side, effort) = (card.side, self.effort);
        self.lanes.push(match self.workload {
            Workload::Lone => Lane::new(card, move || lone::round::<K>(&*contender, tally)),
            Workload::FanIn => {
                Lane::new(card, move || fan_in::round::<K>(&*contender, tally, gate))
            }
            Workload::HotKey => Lane::new(card, move || {
                threads::round::<K, C>(&contender, two_threads(), &hot_key::COURSES, side)
            }),
            Workload::SlowBodies => {
                let courses = slow_bodies::courses();
                Lane::new(card, move || {
                    threads::round::<K, C>(&contender, two_threads(), &courses, side)
                })
            }
            Workload::ManyKeys => Lane::new(card, move || {
                threads::round::<K, C>(&contender, two_threads(), &[many_keys::COURSE], side)
            }),
            Workload::Open => {
                // With a new one each time, whose map has no room yet.
                let sizes = open::sizes(effort);
                Lane::new(card, move || open::round::<K>(&new(), tally, gate, sizes))
            }
            Workload::Pool => {
                let mut rounds = 0;
                Lane::new(card, move || {
                    rounds += 1;
                    pool::round::<K, C>(&contender, two_threads(), side, rounds)
                })
            }
            Workload::Http => unreachable!("services are no contenders for a key"),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future, pending},
        sync::atomic::{AtomicU64, Ordering::SeqCst},
    };

    use super::*;
    use crate::{
        body::Body,
        key::Text,
        reading::{Faults, Reading},
    };

    /// Answers all with the first value that there ever was.
    #[derive(Default)]
    struct Keeps(AtomicU64);

    impl Contender<u64> for Keeps {
        async fn call(&self, _: u64, body: Body) -> u64 {
            match self.0.load(SeqCst) {
                0 => {
                    let value = body.await;
                    self.0.store(value, SeqCst);
                    value
                }
                kept => kept,
            }
        }
    }

    /// Runs every body.
    struct SharesNothing;

    impl Contender<u64> for SharesNothing {
        fn call(&self, _: u64, body: Body) -> impl Future<Output = u64> + Send {
            body
        }
    }

    struct AnswersNobody;

    impl Contender<u64> for AnswersNobody {
        fn call(&self, _: u64, _: Body) -> impl Future<Output = u64> + Send {
            pending()
        }
    }

    fn flights_of_four<K: Key>(contender: &impl Contender<K>) -> Faults {
        let mut faults = Faults::default();
        let keys = (0..5).map(K::nth).collect();
        fan_in::flights_of(contender, Tally::new(), Gate::new(), 3, keys, &mut faults);
        faults
    }

    fn hot_key(contender: impl Contender<u64>) -> Faults {
        threads::round(
            &Arc::new(contender),
            two_threads(),
            &hot_key::COURSES,
            Side::Peer,
        )
        .faults
    }

    fn slow(contender: impl Contender<u64>) -> Reading {
        let courses = &slow_bodies::courses()[..1];
        threads::round(&Arc::new(contender), two_threads(), courses, Side::Peer)
    }

    #[test]
    fn everyone_shares_as_it_should() {
        struct Checks;

        impl<K: Key> Stage<K> for Checks {
            fn enter<C: Contender<K>>(&mut self, card: &'static Card, new: fn() -> C) {
                let contender = new();
                if card.cannot(Workload::FanIn).is_none() {
                    assert_eq!(flights_of_four(&contender), Faults::default(), "{card}");
                }
                if card.cannot(Workload::Lone).is_none() {
                    let faults = lone::round(&contender, Tally::new()).faults;
                    assert_eq!(faults, Faults::default(), "{card}");
                }
            }
        }

        enter_all::<u64>(&mut Checks);
        enter_all::<Text>(&mut Checks);
    }

    #[test]
    fn who_does_not_is_found_out() {
        let faults = flights_of_four(&SharesNothing);
        assert_eq!(
            faults,
            Faults {
                extra: 15,
                wrong: 0,
                stuck: 15,
                ..Faults::default()
            }
        );
        let faults = flights_of_four(&AnswersNobody);
        assert_eq!(
            faults,
            Faults {
                missing: 5,
                stuck: 20,
                ..Faults::default()
            }
        );
        assert!(lone::round(&Keeps::default(), Tally::new()).faults.wrong > 0);
        assert!(hot_key(Keeps::default()).stale > 0);
        assert!(hot_key(SharesNothing).overlapping > 0);
        assert!(slow(SharesNothing).faults.overlapping > 0);
    }

    #[test]
    fn a_slow_body_is_shared_by_all_who_come_while_it_waits() {
        let Reading { values, faults } = slow(coalesced::Group::<u64, u64>::new());
        assert_eq!(faults, Faults::default());
        // What is left over is of tasks that come late, on a machine that does something else.
        let bodies_per_call = values[threads::bodies(0)];
        assert!(bodies_per_call < 0.5, "{bodies_per_call}");
    }
}
