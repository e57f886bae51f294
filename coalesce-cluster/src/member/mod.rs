//! A member: what the callers of a process have in common in the cluster.
//!
//! 1. `Link` is the callers' end: a queue of commands, which a `Drop` can use, and what they read without asking.
//! 2. `Driver` is the other: one task that owns the connection and all that waits. It runs on a thread of its
//!    own, so that it outlives the runtimes of callers, serves those who have none, and renews leases while theirs
//!    are busy.
//! 3. Commands take effect at the engine in the order in which they were queued.
//!
//! Invariant: whoever asked is answered, at the latest when the driver is dropped.

mod answer;
mod closing;
mod displaced;
mod driver;
mod ends;
mod flights;
mod line;
mod part;
mod parts;
mod settle;

use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize},
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime,
    sync::{mpsc, oneshot},
    time::Instant,
};

use self::{answer::Answer, driver::Driver};
pub(crate) use self::{
    answer::Said,
    displaced::Displaced,
    part::{Asked, Part, Question},
};
use crate::{
    digest::Digests,
    engine::{Digest, How, Place},
    health::Pulse,
    stats::Tally,
};

/// How long a key that can't be shared is not asked for.
const SHUNNED: Duration = Duration::from_secs(30);

/// How many such keys are remembered.
const SHUNNED_KEYS: usize = 4096;

/// What the callers of a process tell their member.
pub(crate) enum Command {
    /// A leader asks.
    Begin {
        part: u64,
        asked: Asked,
        fresh: bool,
        answer: Arc<Answer>,
    },
    /// Its body has ended.
    End { part: u64, how: How },
    /// It has gone.
    Abandon { part: u64 },
    /// No newcomer shall join the flight of this key.
    Forget { key: Digest },
    /// Tell me when the engine has told the others what was forgotten so far; not at all: it is away.
    Flush { told: oneshot::Sender<()> },
    /// Tell me when you are connected; `false`: not within this time.
    Connected {
        within: Duration,
        told: oneshot::Sender<bool>,
    },
    /// Give all leases back.
    Close { told: oneshot::Sender<()> },
}

/// How a member is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) lease: Duration,
    pub(crate) max_payload: usize,
}

/// What callers and driver both see.
pub(crate) struct Shared {
    pub(crate) pulse: Pulse,
    pub(crate) tally: Arc<Tally>,
    pub(crate) digests: Digests,
    pub(crate) settings: Settings,
    /// How many parts there are, and ends that were not acknowledged.
    pub(crate) in_flight: AtomicUsize,
    /// Until when a key is not asked for.
    shunned: Mutex<HashMap<Digest, Instant>>,
}

impl Shared {
    /// The key can't be shared, and stays away from the engine for a while.
    pub(crate) fn shun(&self, key: Digest) {
        let mut shunned = self.shunned.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if shunned.len() >= SHUNNED_KEYS {
            shunned.retain(|_, until| *until > now);
        }
        if shunned.len() < SHUNNED_KEYS {
            shunned.insert(key, now + SHUNNED);
        }
    }

    /// Whether to ask for this key.
    pub(crate) fn may_ask(&self, key: Digest) -> bool {
        self.pulse.is_here() && !self.is_shunned(key)
    }

    fn is_shunned(&self, key: Digest) -> bool {
        let shunned = self.shunned.lock().unwrap_or_else(PoisonError::into_inner);
        shunned
            .get(&key)
            .is_some_and(|until| *until > Instant::now())
    }
}

/// The callers' end of a member. Its last drop closes the member.
pub(crate) struct Link {
    pub(crate) shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
    parts: AtomicU64,
}

impl Link {
    /// Starts a member.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had.
    pub(crate) fn start(
        place: impl Place,
        cluster: &'static str,
        settings: Settings,
        tally: Arc<Tally>,
    ) -> io::Result<Arc<Self>> {
        let shared = Arc::new(Shared {
            pulse: Pulse::connecting(cluster),
            tally,
            digests: Digests::new(place.space(), cluster),
            settings,
            in_flight: AtomicUsize::new(0),
            shunned: Mutex::default(),
        });
        let (commands, queue) = mpsc::unbounded_channel();
        let (number, runtime, driven) = (place.number(), place.runtime(), Arc::clone(&shared));
        match runtime {
            Some(runtime) => {
                let driver = Driver::new(place.engine(number), number, driven, queue);
                drop(runtime.spawn(driver.run()));
            }
            None => {
                let runtime = runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                thread::Builder::new()
                    .name(format!("cluster {cluster}"))
                    .spawn(move || {
                        let member = async {
                            Driver::new(place.engine(number), number, driven, queue)
                                .run()
                                .await
                        };
                        runtime.block_on(member);
                    })?;
            }
        }
        Ok(Arc::new(Self {
            shared,
            commands,
            parts: AtomicU64::new(0),
        }))
    }

    /// Queues a command; a member that has ended ignores it.
    pub(crate) fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("pulse", &self.shared.pulse)
            .finish_non_exhaustive()
    }
}
