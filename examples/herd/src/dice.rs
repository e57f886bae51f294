//! Chance that can be repeated.

use std::time::Duration;

/// `SplitMix64`: eight bytes of state, and the same throws for the same seed.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 up to, but without, one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits are what an `f64` holds"
    )]
    fn fraction(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in four of five throws.
    pub(crate) fn four_in_five(&mut self) -> bool {
        self.fraction() < 0.8
    }

    /// Some time shorter than `limit`.
    pub(crate) fn within(&mut self, limit: Duration) -> Duration {
        limit.mul_f64(self.fraction())
    }
}
