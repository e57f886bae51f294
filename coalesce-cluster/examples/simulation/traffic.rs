//! Which key is called, when, and how long its body takes: the same for a seed each time.

use std::time::Duration;

/// SplitMix64.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// From 0 to 1, and not 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Keys by Zipf's law: the second is called half as often as the first, the third a third as often.
pub(super) struct Traffic {
    random: Random,
    /// How many of all calls, as a part, are of this key or of one before.
    parts: Vec<f64>,
    calls_a_second: f64,
}

impl Traffic {
    pub(super) fn new(keys: usize, calls_a_second: usize, seed: u64) -> Self {
        let mut sum = 0.0;
        let mut parts: Vec<f64> = (1..=keys)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        parts.iter_mut().for_each(|part| *part /= sum);
        Self {
            random: Random::new(seed),
            parts,
            calls_a_second: calls_a_second as f64,
        }
    }

    pub(super) fn key(&mut self) -> usize {
        let part = self.random.part();
        self.parts.partition_point(|upto| *upto <= part)
    }

    /// Until the next call: they come independently of each other.
    pub(super) fn gap(&mut self) -> Duration {
        Duration::from_secs_f64(-(1.0 - self.random.part()).ln() / self.calls_a_second)
    }
}

/// How long the bodies of this key take: 50 to 500 ms, and of one key in fifty five seconds, which is longer than a
/// lease.
pub(super) fn body_time(key: usize) -> Duration {
    if key % 50 == 49 {
        return Duration::from_secs(5);
    }
    Duration::from_millis(50 + mixed(key as u64 + 1) % 451)
}
