//! The chunks of a body that are kept: see `frames`.

use std::{collections::VecDeque, mem};

use bytes::Bytes;
use tokio::time::Instant;

/// Frames that are smaller run together.
const SMALL: usize = 4 << 10;
/// What they run together into.
const LARGE: usize = 16 << 10;

/// In their order.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// Many bodies are no more than one: that takes no list. None if there are none.
    first: Option<Chunk>,
    others: VecDeque<Chunk>,
}

#[derive(Debug)]
pub(crate) struct Chunk {
    data: Data,
    start: u64,
    pub(crate) readers: usize,
    /// When its first byte came.
    pub(crate) since: Instant,
}

#[derive(Debug)]
enum Data {
    Whole(Bytes),
    Growing(Vec<u8>),
}

impl Chunks {
    pub(crate) fn first(&self) -> Option<&Chunk> {
        self.first.as_ref()
    }

    pub(crate) fn last(&mut self) -> Option<&mut Chunk> {
        self.others.back_mut().or(self.first.as_mut())
    }

    pub(crate) fn push(&mut self, chunk: Chunk) {
        match self.first {
            None => self.first = Some(chunk),
            Some(_) => self.others.push_back(chunk),
        }
    }

    /// Takes the first one out.
    pub(crate) fn pop(&mut self) -> Option<Chunk> {
        let next = self.others.pop_front();
        mem::replace(&mut self.first, next)
    }

    /// The one in which this position is.
    pub(crate) fn at(&mut self, position: u64) -> Option<&mut Chunk> {
        let first = self.first.as_mut()?;
        if position < first.end() {
            return Some(first);
        }
        // Most are at the end.
        if position >= self.others.back()?.start {
            return self.others.back_mut().filter(|last| position < last.end());
        }
        let index = self.others.partition_point(|chunk| chunk.end() <= position);
        self.others.get_mut(index)
    }
}

impl Chunk {
    pub(crate) fn new(start: u64, data: Bytes) -> Self {
        Self {
            data: Data::Whole(data),
            start,
            readers: 0,
            since: Instant::now(),
        }
    }

    fn length(&self) -> usize {
        match &self.data {
            Data::Whole(data) => data.len(),
            Data::Growing(buffer) => buffer.len(),
        }
    }

    pub(crate) fn end(&self) -> u64 {
        self.start + self.length() as u64
    }

    pub(crate) fn cost(&self) -> usize {
        let data = match &self.data {
            Data::Whole(data) => data.len(),
            Data::Growing(buffer) => buffer.capacity(),
        };
        size_of::<Self>() + data
    }

    /// Whether this runs together with it.
    pub(crate) fn takes(&self, more: &Bytes) -> bool {
        let may_grow = match &self.data {
            Data::Whole(data) => data.len() < SMALL,
            Data::Growing(_) => true,
        };
        may_grow && more.len() < SMALL
    }

    pub(crate) fn append(&mut self, more: &Bytes) {
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

    pub(crate) fn after(&self, position: u64) -> Bytes {
        #[expect(clippy::cast_possible_truncation, reason = "it is in memory")]
        let offset = (position - self.start) as usize;
        match &self.data {
            Data::Whole(data) => data.slice(offset..),
            Data::Growing(buffer) => Bytes::copy_from_slice(&buffer[offset..]),
        }
    }
}
