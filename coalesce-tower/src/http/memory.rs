//! What the responses of keys were like: those who ask for what is not shared are not made to wait for each
//! other, and what responses vary by is in the key of the next ones.
//!
//! A table of fixed size, indexed by a hash that nobody outside knows. Eight places, a cache line, are for all keys
//! with the same low bits. A place that was looked at since it was written is written over last, so keys that
//! are asked for again are not washed away by those that come once. What is remembered for more than half of its time is
//! looked at again by whoever asks, in passing. What is lost or mistaken costs a shared
//! response, and never shares one. Where there is no clock, nothing is remembered.

use std::{
    sync::{
        OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use coalesce_runtime::private::{Instant, now};
use http::HeaderName;

use super::key::Names;

const LINES: usize = 1 << 13;
/// No more sets of names than there are numbers for in a place.
const SETS: usize = 100;

/// What is remembered of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Memo {
    /// Its responses are not shared.
    Own,
    /// Its key has these headers.
    Names(Names),
}

#[derive(Debug)]
pub(crate) struct Memory {
    /// For how long, in milliseconds.
    span: u64,
    /// Made when there is something to remember.
    table: OnceLock<Table>,
    sets: RwLock<Vec<Names>>,
}

#[derive(Debug)]
struct Table {
    epoch: Instant,
    lines: Box<[Line]>,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Line([AtomicU64; 8]);

/// A place, unpacked: which key, what of it, whether it was looked at, until when (in milliseconds, wrapping).
#[derive(Debug, Clone, Copy)]
struct Place {
    tag: u64,
    kind: u64,
    seen: bool,
    until: u64,
}

const TAG_BITS: u32 = 26;
const KIND_BITS: u32 = 7;
const TIME_BITS: u32 = 30;

impl Place {
    fn unpack(bits: u64) -> Self {
        Self {
            tag: bits >> (64 - TAG_BITS),
            kind: bits >> (TIME_BITS + 1) & ((1 << KIND_BITS) - 1),
            seen: bits >> TIME_BITS & 1 == 1,
            until: bits & ((1 << TIME_BITS) - 1),
        }
    }

    fn pack(self) -> u64 {
        self.tag << (64 - TAG_BITS)
            | self.kind << (TIME_BITS + 1)
            | u64::from(self.seen) << TIME_BITS
            | self.until
    }

    /// For how long it still holds at this time; nought, if for longer than anything is remembered: then it is one of
    /// long ago, since times wrap.
    fn left(self, now: u64, span: u64) -> u64 {
        let left = self.until.wrapping_sub(now) & ((1 << TIME_BITS) - 1);
        if self.kind > 0 && left <= span {
            left
        } else {
            0
        }
    }
}

impl Memory {
    pub(crate) fn new(span: Duration) -> Self {
        let longest = (1 << (TIME_BITS - 1)) - 1;
        Self {
            span: u64::try_from(span.as_millis()).map_or(longest, |span| span.min(longest)),
            table: OnceLock::new(),
            sets: RwLock::default(),
        }
    }

    /// What is remembered, and whether more than half of its time is over.
    pub(crate) fn recall(&self, hash: u64) -> Option<(Memo, bool)> {
        let table = self.table.get()?;
        let (place, found) = table.find(hash)?;
        let left = found.left(table.millis(), self.span);
        if left == 0 {
            return None;
        }
        if !found.seen {
            let seen = Place {
                seen: true,
                ..found
            };
            place.store(seen.pack(), Relaxed);
        }
        let memo = match found.kind {
            1 => Memo::Own,
            kind => {
                let sets = self.sets.read().unwrap_or_else(PoisonError::into_inner);
                Memo::Names(sets.get(kind as usize - 2)?.clone())
            }
        };
        Some((memo, left <= self.span / 2))
    }

    /// Says whether it is news.
    pub(crate) fn remember(&self, hash: u64, memo: &Memo) -> bool {
        let Some(now) = now().filter(|_| self.span > 0) else {
            return true;
        };
        let kind = match memo {
            Memo::Own => 1,
            Memo::Names(names) => self.number(names).map_or(1, |number| number as u64 + 2),
        };
        let table = self.table.get_or_init(|| Table {
            epoch: now,
            lines: (0..LINES).map(|_| Line::default()).collect(),
        });
        let now = table.millis();
        let known = table.find(hash);
        let place = known.map_or_else(|| table.worst(hash, now, self.span), |(place, _)| place);
        let known = known.filter(|(_, known)| known.left(now, self.span) > 0);
        let written = Place {
            tag: hash >> (64 - TAG_BITS),
            kind,
            seen: known.is_some_and(|(_, known)| known.seen),
            until: (now + self.span) & ((1 << TIME_BITS) - 1),
        };
        place.store(written.pack(), Relaxed);
        known.is_none_or(|(_, known)| known.kind != kind)
    }

    /// The number of a set of names, if there is one.
    fn number(&self, names: &[HeaderName]) -> Option<usize> {
        let same = |set: &Names| **set == *names;
        let sets = self.sets.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = sets.iter().position(same) {
            return Some(number);
        }
        drop(sets);
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = sets.iter().position(same) {
            return Some(number);
        }
        (sets.len() < SETS).then(|| {
            sets.push(names.into());
            sets.len() - 1
        })
    }
}

impl Table {
    fn millis(&self) -> u64 {
        let millis = self.epoch.elapsed().as_millis();
        #[expect(clippy::cast_possible_truncation, reason = "it wraps")]
        let millis = millis as u64;
        millis & ((1 << TIME_BITS) - 1)
    }

    fn places(&self, hash: u64) -> &[AtomicU64; 8] {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
        let line = hash as usize % LINES;
        &self.lines[line].0
    }

    fn find(&self, hash: u64) -> Option<(&AtomicU64, Place)> {
        let places = self.places(hash).iter();
        places
            .map(|place| (place, Place::unpack(place.load(Relaxed))))
            .find(|(_, found)| found.tag == hash >> (64 - TAG_BITS) && found.kind > 0)
    }

    /// The place that is written over: one that holds nothing, else the oldest that nobody looked at, else the oldest,
    /// and then all have to be looked at again.
    fn worst(&self, hash: u64, now: u64, span: u64) -> &AtomicU64 {
        let places = self.places(hash);
        let rank = |place: &&AtomicU64| {
            let found = Place::unpack(place.load(Relaxed));
            let left = found.left(now, span);
            (left > 0, found.seen, left)
        };
        let worst = places.iter().min_by_key(rank).unwrap_or(&places[0]);
        if Place::unpack(worst.load(Relaxed)).seen {
            for place in places {
                place.fetch_and(!(1 << TIME_BITS), Relaxed);
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::{BuildHasher, RandomState};

    /// Keys that come once must not wash away one that is asked for again and again.
    #[test]
    fn a_key_that_is_asked_for_outlives_a_hundred_thousand_others() {
        let memory = Memory::new(Duration::from_secs(120));
        let hasher = RandomState::new();
        memory.remember(hasher.hash_one("asked for"), &Memo::Own);
        for other in 0..500_000 {
            memory.remember(hasher.hash_one(other), &Memo::Own);
            if other % 10_000 == 0 {
                let memo = memory.recall(hasher.hash_one("asked for"));
                assert_eq!(memo, Some((Memo::Own, false)), "after {other}");
            }
        }
    }

    #[test]
    fn it_says_what_is_news() {
        let memory = Memory::new(Duration::from_secs(120));
        assert!(memory.recall(7).is_none());
        assert!(memory.remember(7, &Memo::Own));
        assert!(!memory.remember(7, &Memo::Own));
        let names: Names = [http::header::ACCEPT].into();
        assert!(memory.remember(7, &Memo::Names(names.clone())));
        assert_eq!(memory.recall(7), Some((Memo::Names(names), false)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_forgets_in_time_also_where_the_clock_wraps() {
        let memory = Memory::new(Duration::from_secs(5));
        let wrap = Duration::from_millis(1 << TIME_BITS);
        for _ in 0..3 {
            memory.remember(7, &Memo::Own);
            tokio::time::advance(Duration::from_secs(4)).await;
            assert!(memory.recall(7).is_some());
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(memory.recall(7).is_none());
            tokio::time::advance(wrap / 4).await;
            assert!(memory.recall(7).is_none());
        }
    }
}
