//! What is counted under locks, for those who wait until it is so.

/// Flights and callers, counted one shard after the other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Census {
    /// Flights in the air, and bodies of calls that share with nobody.
    pub(crate) running: u64,
    /// Followers that wait.
    pub(crate) waiting: u64,
    /// All that ever ran: it rises with each that begins.
    pub(crate) ever: u64,
}

impl Census {
    /// Whether nothing runs at one moment. Since things are counted one after the other, what was not there yet when
    /// it was looked for may have begun meanwhile: so they are counted twice.
    pub(crate) fn is_idle(count: impl Fn(&mut Self)) -> bool {
        let now = || {
            let mut census = Self::default();
            count(&mut census);
            census
        };
        loop {
            let (first, second) = (now(), now());
            if first.running + second.running > 0 {
                return false;
            }
            if first.ever == second.ever {
                return true;
            }
        }
    }
}
