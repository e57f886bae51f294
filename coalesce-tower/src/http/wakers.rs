//! The wakers of those who wait: all are woken together, and then the list is empty.

use std::task::Waker;

#[derive(Debug, Default)]
pub(crate) struct Wakers {
    list: Vec<Option<Waker>>,
    /// Places of those who went.
    free: Vec<usize>,
    /// How often all were woken.
    round: u64,
}

/// Where a waker is in the list, until all are woken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    round: u64,
    index: usize,
}

impl Wakers {
    /// Whether this one is there.
    pub(crate) fn has(&self, spot: Option<Spot>, waker: &Waker) -> bool {
        let kept = self
            .current(spot)
            .and_then(|index| self.list[index].as_ref());
        kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Puts it in, and returns another one of the same client.
    pub(crate) fn put(&mut self, spot: &mut Option<Spot>, waker: Waker) -> Option<Waker> {
        if let Some(index) = self.current(*spot) {
            return self.list[index].replace(waker);
        }
        let index = match self.free.pop() {
            Some(index) => {
                self.list[index] = Some(waker);
                index
            }
            None => {
                self.list.push(Some(waker));
                self.list.len() - 1
            }
        };
        *spot = Some(Spot {
            round: self.round,
            index,
        });
        None
    }

    /// A client goes.
    pub(crate) fn remove(&mut self, spot: Option<Spot>) -> Option<Waker> {
        let index = self.current(spot)?;
        self.free.push(index);
        self.list[index].take()
    }

    /// All of them, to be woken outside of the lock.
    #[must_use]
    pub(crate) fn take(&mut self) -> Vec<Option<Waker>> {
        self.round += 1;
        self.free.clear();
        std::mem::take(&mut self.list)
    }

    fn current(&self, spot: Option<Spot>) -> Option<usize> {
        spot.filter(|spot| spot.round == self.round)
            .map(|spot| spot.index)
    }
}

pub(crate) fn wake_all(wakers: Vec<Option<Waker>>) {
    wakers.into_iter().flatten().for_each(Waker::wake);
}
