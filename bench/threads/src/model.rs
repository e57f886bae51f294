//! Many cores that call and call, with a queue before each shard.
//!
//! A core's call takes a shard's lock twice, when it joins and when it lands: each time it goes to the end of the
//! lock's line, and has it for as long as was measured. In between it has its work, of which the mean is given; the
//! rest of the call is its own. Keys are spread over the shards by chance. Calls of a group that an argument owns also
//! come to one count twice, at their start and at their end.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::lock::Held;

const CALLS: u64 = 400_000;

pub(crate) fn table(lone: f64, held: Held) {
    let rest = (lone - 2.0 * held.alone).max(0.0);
    println!(
        "\n{:8}{:>9}{:>16}{:>16}{:>16}{:>16}{:>9}",
        "cores", "work, us", "1 shard", "4 shards", "grown", "owner's, grown", "shards"
    );
    for cores in [16, 64, 128] {
        for work in [1.0, 10.0, 100.0] {
            print!("{cores:<8}{work:>9}");
            let grown = (cores * 4_usize).next_power_of_two();
            for (shards, counted) in [
                (1, None),
                (4, None),
                (grown, None),
                (grown, Some(held.counted)),
            ] {
                let load = Load {
                    cores,
                    work: work * 1e3,
                    rest,
                    held: held.crossing,
                    counted,
                    shards,
                };
                let calls = load.calls_per_ns();
                let part = 100.0 * calls / load.calls_without_waiting();
                print!("{:>16}", format!("{:.1} ({part:.0} %)", calls * 1e3));
            }
            println!("{grown:>9}");
        }
    }
    println!(
        "\nMillions of calls a second, and how much that is of what they make where none waits for another."
    );
}

struct Load {
    cores: usize,
    /// Nanoseconds, as all times here.
    work: f64,
    rest: f64,
    held: f64,
    /// What it takes to raise or lower the owner's count, where there is one.
    counted: Option<f64>,
    shards: usize,
}

/// Where a call is: what it comes to next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Raise,
    Join,
    Land,
    Lower,
}

impl Load {
    fn calls_without_waiting(&self) -> f64 {
        let own = self.work + self.rest + 2.0 * (self.held + self.counted.unwrap_or(0.0));
        self.cores as f64 / own
    }

    fn calls_per_ns(&self) -> f64 {
        let mut chance = Chance(1);
        // When each shard, and the count behind them, is free again.
        let mut free = vec![0.0_f64; self.shards + 1];
        let first = if self.counted.is_some() {
            At::Raise
        } else {
            At::Join
        };
        // When each core comes to something next, in picoseconds, to be ordered; to what, and its call's shard.
        let mut arrivals = BinaryHeap::new();
        for _ in 0..self.cores {
            let at = (self.work + self.rest) * chance.part();
            arrivals.push(Reverse((ps(at), first, chance.below(self.shards))));
        }
        let mut ended = 0;
        while let Some(Reverse((arrived, at, shard))) = arrivals.pop() {
            let (place, takes) = match at {
                At::Join | At::Land => (shard, self.held),
                At::Raise | At::Lower => (self.shards, self.counted.unwrap_or(0.0)),
            };
            let gone = free[place].max(arrived as f64 / 1e3) + takes;
            free[place] = gone;
            arrivals.push(Reverse(match at {
                At::Raise => (ps(gone), At::Join, shard),
                At::Join => (ps(gone - self.work * chance.part().ln()), At::Land, shard),
                At::Land if self.counted.is_some() => (ps(gone), At::Lower, shard),
                At::Land | At::Lower => {
                    ended += 1;
                    if ended == CALLS {
                        return CALLS as f64 / gone;
                    }
                    (ps(gone + self.rest), first, chance.below(self.shards))
                }
            }));
        }
        unreachable!("cores never stop")
    }
}

fn ps(ns: f64) -> u64 {
    (ns * 1e3) as u64
}

/// Numbers that look random and are the same in each run: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    }

    /// Above 0, and at most 1.
    fn part(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD: Load = Load {
        cores: 1,
        work: 1e3,
        rest: 60.0,
        held: 50.0,
        counted: None,
        shards: 1,
    };

    #[test]
    fn one_core_waits_for_nobody() {
        let counted = Load {
            counted: Some(30.0),
            ..LOAD
        };
        for load in [LOAD, counted] {
            let part = load.calls_per_ns() / load.calls_without_waiting();
            assert!((0.98..1.02).contains(&part), "{part}");
        }
    }

    #[test]
    fn a_thousand_cores_make_as_many_calls_as_the_shards_take() {
        for shards in [1, 4] {
            let load = Load {
                cores: 1_000,
                shards,
                ..LOAD
            };
            let most = shards as f64 / (2.0 * load.held);
            let part = load.calls_per_ns() / most;
            assert!((0.95..=1.0).contains(&part), "{part}");
        }
    }
}
