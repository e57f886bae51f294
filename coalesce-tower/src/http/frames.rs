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

use std::mem;

use bytes::Bytes;
use tokio::time::Instant;

use super::chunks::{Chunk, Chunks};

#[derive(Debug, Default)]
pub(crate) struct Frames {
    chunks: Chunks,
    /// The first byte that is kept.
    first: u64,
    /// The bytes that came so far.
    total: u64,
    /// Readers that have read everything.
    behind: usize,
    /// What all that is kept takes.
    cost: usize,
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
        self.chunks.first().map(|chunk| chunk.since)
    }

    /// A reader begins, at the beginning, which must be there.
    pub(crate) fn begin(&mut self) {
        debug_assert_eq!(self.first, 0, "the beginning is gone");
        *self.readers_at(0) += 1;
    }

    pub(crate) fn push(&mut self, data: Bytes) {
        let length = data.len() as u64;
        let behind = mem::take(&mut self.behind);
        if let Some(last) = self.chunks.last().filter(|last| last.takes(&data)) {
            self.cost -= last.cost();
            last.append(&data);
            self.cost += last.cost();
            last.readers += behind;
        } else {
            let mut chunk = Chunk::new(self.total, data);
            chunk.readers = behind;
            self.cost += chunk.cost();
            self.chunks.push(chunk);
        }
        self.total += length;
    }

    /// What is there, after which the reader goes on.
    pub(crate) fn read(&mut self, position: &mut u64) -> Found {
        if *position < self.first {
            return Found::Lost;
        }
        let Some(chunk) = self.chunks.at(*position) else {
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
        while self.chunks.first().is_some_and(|chunk| chunk.readers == 0) {
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
        if let Some(chunk) = self.chunks.pop() {
            self.first = chunk.end();
            self.cost -= chunk.cost();
        }
    }

    fn readers_at(&mut self, position: u64) -> &mut usize {
        if position >= self.total {
            return &mut self.behind;
        }
        match self.chunks.at(position) {
            Some(chunk) => &mut chunk.readers,
            None => unreachable!("what came is kept until it is read, or its reader cut off"),
        }
    }
}
