//! Whether the engine can be asked.
//!
//! 1. It is away if something is outstanding and nothing was heard for [`SILENCE`]; one slow answer among others
//!    is no sign of it. It is away at once if it answers with an error, or refuses.
//! 2. A lost connection is made anew at once; the engine is away if that is not done within [`SILENCE`], or if the
//!    connection had only just been made.
//! 3. Away, it is tried again after 1 s, then after twice as long each time, up to 30 s, with jitter; and after 1 s
//!    again once a connection has held for [`HELD`].
//! 4. A heartbeat each second goes through both connections. If one does not come, those who wait ask again; if
//!    two in a row don't, the connection is made anew.

use std::time::Duration;

use tokio::time::Instant;

/// As long an engine may be silent that was asked something.
pub(super) const SILENCE: Duration = Duration::from_millis(250);

/// As long an attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(5);

/// How often leases are renewed, and a heartbeat is sent.
const BEAT: Duration = Duration::from_secs(1);

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// A connection that held this long was a good one.
const HELD: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Line {
    state: State,
    /// When the connection was made.
    made: Instant,
    /// How many operations are not answered.
    outstanding: usize,
    heard: Instant,
    retry: Duration,
    beat: Instant,
    /// The number of the last heartbeat sent, and of the last that came.
    sent: u64,
    came: u64,
    /// A number that jitter comes from.
    random: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Connecting, and taken for away if it is not done by then.
    Connecting {
        until: Instant,
    },
    Away {
        until: Instant,
    },
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Connect; the engine is away.
    Connect,
    /// It is silent.
    Silent,
    /// Send a heartbeat, and renew; after one that is late, ask again, too.
    Beat { number: u64, late: bool },
    /// Heartbeats don't come.
    Deaf,
}

impl Line {
    /// One that connects for the first time.
    pub(super) fn new(random: u64, now: Instant) -> Self {
        Self {
            state: State::Connecting {
                until: now + ATTEMPT,
            },
            made: now,
            outstanding: 0,
            heard: now,
            retry: FIRST_RETRY,
            beat: now,
            sent: 0,
            came: 0,
            random: random | 1,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.state == State::Up
    }

    pub(super) fn up(&mut self, now: Instant) {
        self.state = State::Up;
        self.made = now;
        self.heard = now;
        self.outstanding = 0;
        self.beat = now;
        self.came = self.sent;
    }

    /// An operation was queued.
    pub(super) fn asked(&mut self, now: Instant) {
        if self.outstanding == 0 {
            self.heard = now;
        }
        self.outstanding += 1;
    }

    /// The engine has said something.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// An operation was answered.
    pub(super) fn answered(&mut self) {
        self.outstanding = self.outstanding.saturating_sub(1);
    }

    /// Whether an answer is out.
    pub(super) fn is_asked(&self) -> bool {
        self.outstanding > 0
    }

    pub(super) fn beaten(&mut self, number: u64) {
        self.came = self.came.max(number);
    }

    pub(super) fn is_away(&self) -> bool {
        matches!(self.state, State::Away { .. })
    }

    /// Whether it is worth while to connect anew at once: the connection had not only just been made.
    pub(super) fn is_good(&self, now: Instant) -> bool {
        self.is_up() && now >= self.made + FIRST_RETRY
    }

    /// The connection is lost, and made anew.
    pub(super) fn lost(&mut self, now: Instant) {
        self.held(now);
        self.state = State::Connecting {
            until: now + SILENCE,
        };
    }

    /// The engine is away; it is tried again after this time at least.
    pub(super) fn away(&mut self, at_least: Option<Duration>, now: Instant) {
        self.held(now);
        let wait = at_least.unwrap_or(self.retry);
        self.state = State::Away {
            until: now + self.jittered(wait),
        };
        self.retry = (self.retry * 2).min(LAST_RETRY);
        self.outstanding = 0;
    }

    /// If the connection was a good one, the next attempts come as soon as the first ones did.
    fn held(&mut self, now: Instant) {
        if self.is_up() && now >= self.made + HELD {
            self.retry = FIRST_RETRY;
        }
    }

    pub(super) fn refused(&mut self, now: Instant) {
        self.away(Some(LAST_RETRY), now);
    }

    /// This time or up to a quarter less, so that members don't act together.
    pub(super) fn jittered(&mut self, time: Duration) -> Duration {
        // Xorshift.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        time - time / 4 * u32::from(self.random as u8) / 256
    }

    /// When there is something to be done.
    pub(super) fn next(&self) -> Instant {
        match self.state {
            State::Up if self.outstanding > 0 => self.beat.min(self.heard + SILENCE),
            State::Up => self.beat,
            State::Connecting { until } | State::Away { until } => until,
        }
    }

    /// What is to be done now.
    pub(super) fn due(&mut self, now: Instant) -> Option<Due> {
        match self.state {
            State::Up if self.outstanding > 0 && now >= self.heard + SILENCE => Some(Due::Silent),
            State::Up if now >= self.beat => Some(self.beat(now)),
            State::Connecting { until } if now >= until => Some(Due::Silent),
            State::Away { until } if now >= until => {
                self.state = State::Connecting {
                    until: now + ATTEMPT,
                };
                Some(Due::Connect)
            }
            _ => None,
        }
    }

    fn beat(&mut self, now: Instant) -> Due {
        let missing = self.sent - self.came;
        if missing >= 2 {
            return Due::Deaf;
        }
        self.beat = now + BEAT;
        self.sent += 1;
        Due::Beat {
            number: self.sent,
            late: missing > 0,
        }
    }
}
