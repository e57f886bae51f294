//! What is kept of a body, and where its readers are in it.
//!
//! 1. Data is kept in *chunks*. A frame is a chunk as it is, without a copy; small ones that follow each other run
//!    together into one buffer, which grows up to a size and is then a chunk like any other.
//! 2. A reader is at a *position*, a number of bytes from the beginning. Each chunk knows how many readers have still
//!    to read something of it, and so nobody looks for the slowest one: it is in the first chunk that has any.
//! 3. A reader is given all that is there of its chunk: a slice, or a copy where the chunk may still grow.
//! 4. `trim` drops the chunks before the first reader; `cut` drops the first chunk whoever is in it, whose position
//!    is then before the first byte that is kept: it finds out when it reads on.
//!
//! Invariant: the readers of all chunks and those *behind* them are the readers that were not cut off.

use std::{collections::VecDeque, mem};

use bytes::Bytes;
use tokio::time::Instant;

/// Frames that are smaller run together.
const SMALL: usize = 4 << 10;
/// What they run together into.
const LARGE: usize = 16 << 10;

#[derive(Debug, Default)]
pub(crate) struct Frames {
    chunks: VecDeque<Chunk>,
    /// The first byte that is kept.
    first: u64,
    /// The bytes that came so far.
    total: u64,
    /// Readers that have read everything.
    behind: usize,
    /// What all that is kept takes.
    cost: usize,
}

#[derive(Debug)]
struct Chunk {
    data: Data,
    start: u64,
    readers: usize,
    /// When its first byte came.
    since: Instant,
}

#[derive(Debug)]
enum Data {
    Whole(Bytes),
    Growing(Vec<u8>),
}

/// What is at a position.
#[derive(Debug)]
pub(crate) enum Found {
    Data(Bytes),
    /// Nothing yet.
    Nothing,
    /// It was cut off.
    Lost,
}

impl Frames {
    /// The bytes that are kept.
    pub(crate) fn length(&self) -> u64 {
        self.total - self.first
    }

    /// The bytes that came so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// What all that is kept takes, everything counted.
    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    /// Whether somebody has read everything.
    pub(crate) fn has_readers_behind(&self) -> bool {
        self.behind > 0
    }

    /// When the oldest came that is kept.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.chunks.front().map(|chunk| chunk.since)
    }

    /// A reader begins, at the beginning, which must be there.
    pub(crate) fn begin(&mut self) {
        debug_assert_eq!(self.first, 0, "the beginning is gone");
        *self.readers_at(0) += 1;
    }

    pub(crate) fn push(&mut self, data: Bytes) {
        let length = data.len() as u64;
        let behind = mem::take(&mut self.behind);
        if let Some(last) = self.chunks.back_mut().filter(|last| last.takes(&data)) {
            self.cost -= last.cost();
            last.append(&data);
            self.cost += last.cost();
            last.readers += behind;
        } else {
            let chunk = Chunk {
                data: Data::Whole(data),
                start: self.total,
                readers: behind,
                since: Instant::now(),
            };
            self.cost += chunk.cost();
            self.chunks.push_back(chunk);
        }
        self.total += length;
    }

    /// What is there, after which the reader goes on.
    pub(crate) fn read(&mut self, position: &mut u64) -> Found {
        if *position < self.first {
            return Found::Lost;
        }
        let Some(chunk) = self.chunk_at(*position) else {
            return Found::Nothing;
        };
        let data = chunk.after(*position);
        chunk.readers -= 1;
        *position += data.len() as u64;
        *self.readers_at(*position) += 1;
        Found::Data(data)
    }

    /// A reader goes.
    pub(crate) fn leave(&mut self, position: u64) {
        if position >= self.first {
            *self.readers_at(position) -= 1;
        }
    }

    /// Drops what all have read; says whether there was any.
    pub(crate) fn trim(&mut self) -> bool {
        let first = self.first;
        while self.chunks.front().is_some_and(|chunk| chunk.readers == 0) {
            self.drop_first();
        }
        self.first > first
    }

    /// Drops the first chunk, and so cuts off those who have not read it.
    pub(crate) fn cut(&mut self) {
        self.drop_first();
        self.trim();
    }

    fn drop_first(&mut self) {
        if let Some(chunk) = self.chunks.pop_front() {
            self.first = chunk.end();
            self.cost -= chunk.cost();
        }
    }

    fn chunk_at(&mut self, position: u64) -> Option<&mut Chunk> {
        // Most are at the end.
        if position >= self.chunks.back()?.start {
            return self.chunks.back_mut().filter(|last| position < last.end());
        }
        let index = self.chunks.partition_point(|chunk| chunk.end() <= position);
        self.chunks.get_mut(index)
    }

    fn readers_at(&mut self, position: u64) -> &mut usize {
        if position >= self.total {
            return &mut self.behind;
        }
        match self.chunk_at(position) {
            Some(chunk) => &mut chunk.readers,
            None => unreachable!("what came is kept until it is read, or its reader cut off"),
        }
    }
}

impl Chunk {
    fn length(&self) -> usize {
        match &self.data {
            Data::Whole(data) => data.len(),
            Data::Growing(buffer) => buffer.len(),
        }
    }

    fn end(&self) -> u64 {
        self.start + self.length() as u64
    }

    fn cost(&self) -> usize {
        let data = match &self.data {
            Data::Whole(data) => data.len(),
            Data::Growing(buffer) => buffer.capacity(),
        };
        size_of::<Self>() + data
    }

    /// Whether this runs together with it.
    fn takes(&self, more: &Bytes) -> bool {
        let may_grow = match &self.data {
            Data::Whole(data) => data.len() < SMALL,
            Data::Growing(_) => true,
        };
        may_grow && more.len() < SMALL
    }

    fn append(&mut self, more: &Bytes) {
        let mut buffer = match &mut self.data {
            Data::Whole(data) => data.to_vec(),
            Data::Growing(buffer) => mem::take(buffer),
        };
        buffer.extend_from_slice(more);
        self.data = if buffer.len() < LARGE {
            Data::Growing(buffer)
        } else {
            Data::Whole(buffer.into())
        };
    }

    fn after(&self, position: u64) -> Bytes {
        #[expect(clippy::cast_possible_truncation, reason = "it is in memory")]
        let offset = (position - self.start) as usize;
        match &self.data {
            Data::Whole(data) => data.slice(offset..),
            Data::Growing(buffer) => Bytes::copy_from_slice(&buffer[offset..]),
        }
    }
}
