//! The limits of a group while calls read them.
//!
//! A group that never had any pays for one look, and one that has some reads them without a lock: they are a handful
//! of numbers under a version, which is odd while they are written (a sequence lock, as in the Linux kernel). Who
//! writes them has a lock, so that of two configurations set at once one holds, whole, and not a mixture of both.

use std::{
    hint::spin_loop,
    sync::{
        Mutex, PoisonError,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
            fence,
        },
    },
    time::Duration,
};

use once_cell::race::OnceBox;

use crate::config::Config;

#[derive(Debug, Default)]
pub(crate) struct Limits {
    set: OnceBox<Shared>,
}

/// A [`Config`] that is read while it is changed.
#[derive(Debug)]
struct Shared {
    /// Whether there are any limits now.
    some: AtomicBool,
    writing: Mutex<()>,
    version: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl Limits {
    pub(crate) fn new(config: Config) -> Self {
        let limits = Self::default();
        limits.set(config);
        limits
    }

    #[inline]
    pub(crate) fn are_some(&self) -> bool {
        self.set.get().is_some_and(|set| set.some.load(Relaxed))
    }

    pub(crate) fn get(&self) -> Config {
        self.set.get().map_or(Config::new(), Shared::read)
    }

    pub(crate) fn set(&self, config: Config) {
        if config == Config::new() && self.set.get().is_none() {
            return;
        }
        let set = self.set.get_or_init(|| Box::new(Shared::new()));
        set.write(config);
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            some: AtomicBool::new(false),
            writing: Mutex::new(()),
            version: AtomicU64::new(0),
            words: words(Config::new()).map(AtomicU64::new),
        }
    }

    fn read(&self) -> Config {
        loop {
            let version = self.version.load(Acquire);
            let words = self.words.each_ref().map(|word| word.load(Relaxed));
            fence(Acquire);
            if version % 2 == 0 && self.version.load(Relaxed) == version {
                return config(words);
            }
            spin_loop();
        }
    }

    fn write(&self, config: Config) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.version.load(Relaxed);
        self.version.store(version + 1, Relaxed);
        fence(Release);
        for (word, number) in self.words.iter().zip(words(config)) {
            word.store(number, Relaxed);
        }
        self.some.store(config != Config::new(), Relaxed);
        self.version.store(version + 2, Release);
    }
}

const WORDS: usize = 5;

/// No limit.
const NONE: u64 = u64::MAX;

fn words(config: Config) -> [u64; WORDS] {
    let Config {
        enabled,
        max_age,
        max_wait,
        max_followers,
        max_in_flight,
    } = config;
    let nanos = |limit: Option<Duration>| {
        limit.map_or(NONE, |limit| {
            u64::try_from(limit.as_nanos()).unwrap_or(NONE)
        })
    };
    let number = |limit: Option<usize>| limit.map_or(NONE, |limit| limit as u64);
    [
        enabled.into(),
        nanos(max_age),
        nanos(max_wait),
        number(max_followers),
        number(max_in_flight),
    ]
}

fn config([enabled, max_age, max_wait, max_followers, max_in_flight]: [u64; WORDS]) -> Config {
    let some = |word| (word != NONE).then_some(word);
    #[expect(clippy::cast_possible_truncation, reason = "it was a usize")]
    let number = |word| some(word).map(|number| number as usize);
    Config {
        enabled: enabled != 0,
        max_age: some(max_age).map(Duration::from_nanos),
        max_wait: some(max_wait).map(Duration::from_nanos),
        max_followers: number(max_followers),
        max_in_flight: number(max_in_flight),
    }
}
