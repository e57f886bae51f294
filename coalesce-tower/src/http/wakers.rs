//! The wakers of those who wait: all are woken together, and then the list is empty.

use std::{mem, task::Waker};

#[derive(Debug, Default)]
pub(crate) struct Wakers {
    /// Most who wait do so alone: that takes no list.
    first: Option<Waker>,
    others: Vec<Place>,
    /// Of those places of `others` that are free, the first.
    free: Option<usize>,
    /// How often all were woken.
    round: u64,
}

#[derive(Debug)]
enum Place {
    Taken(Waker),
    /// The next one that is free.
    Free(Option<usize>),
}

/// Where a waker is, until all are woken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    round: u64,
    /// In `others`; else it is the first.
    index: Option<usize>,
}

impl Wakers {
    /// Whether this one is there.
    pub(crate) fn has(&self, spot: Option<Spot>, waker: &Waker) -> bool {
        let kept = match self.current(spot) {
            Some(Spot { index: None, .. }) => self.first.as_ref(),
            Some(Spot {
                index: Some(index), ..
            }) => match &self.others[index] {
                Place::Taken(waker) => Some(waker),
                Place::Free(_) => None,
            },
            None => None,
        };
        kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Puts it in, and returns another one of the same client.
    pub(crate) fn put(&mut self, spot: &mut Option<Spot>, waker: Waker) -> Option<Waker> {
        if let Some(spot) = self.current(*spot) {
            return match spot.index {
                None => self.first.replace(waker),
                Some(index) => self.replace(index, Place::Taken(waker)),
            };
        }
        let index = if self.first.is_none() {
            self.first = Some(waker);
            None
        } else if let Some(index) = self.free {
            if let Place::Free(next) = self.others[index] {
                self.free = next;
            }
            self.others[index] = Place::Taken(waker);
            Some(index)
        } else {
            self.others.push(Place::Taken(waker));
            Some(self.others.len() - 1)
        };
        let round = self.round;
        *spot = Some(Spot { round, index });
        None
    }

    /// A client goes.
    pub(crate) fn remove(&mut self, spot: Option<Spot>) -> Option<Waker> {
        match self.current(spot)?.index {
            None => self.first.take(),
            Some(index) => {
                let next = self.free.replace(index);
                self.replace(index, Place::Free(next))
            }
        }
    }

    /// All of them, to be woken outside of the lock.
    #[must_use]
    pub(crate) fn take(&mut self) -> Taken {
        self.round += 1;
        self.free = None;
        Taken {
            first: self.first.take(),
            others: mem::take(&mut self.others),
        }
    }

    fn replace(&mut self, index: usize, place: Place) -> Option<Waker> {
        match mem::replace(&mut self.others[index], place) {
            Place::Taken(waker) => Some(waker),
            Place::Free(_) => None,
        }
    }

    fn current(&self, spot: Option<Spot>) -> Option<Spot> {
        spot.filter(|spot| spot.round == self.round)
    }
}

/// Those who were taken together.
#[derive(Debug)]
pub(crate) struct Taken {
    first: Option<Waker>,
    others: Vec<Place>,
}

impl Taken {
    pub(crate) fn wake(self) {
        if let Some(first) = self.first {
            first.wake();
        }
        for place in self.others {
            if let Place::Taken(waker) = place {
                waker.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        task::Wake,
    };

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// Each is woken once, whoever came and went before, and none who has gone.
    #[test]
    fn those_who_are_there_are_woken_once() {
        const CLIENTS: u32 = 5;
        for leaving in 0..1_u32 << CLIENTS {
            let counts: Vec<_> = (0..2 * CLIENTS)
                .map(|_| Arc::new(Count::default()))
                .collect();
            let waker = |client: u32| Waker::from(Arc::clone(&counts[client as usize]));
            let mut spots = [None; 2 * CLIENTS as usize];
            let mut wakers = Wakers::default();
            let goes = |client: u32| client < CLIENTS && leaving >> client & 1 == 1;
            for client in 0..CLIENTS {
                assert!(
                    wakers
                        .put(&mut spots[client as usize], waker(client))
                        .is_none()
                );
            }
            for client in (0..CLIENTS).filter(|client| goes(*client)) {
                assert!(wakers.remove(spots[client as usize]).is_some());
            }
            for client in CLIENTS..2 * CLIENTS {
                assert!(
                    wakers
                        .put(&mut spots[client as usize], waker(client))
                        .is_none()
                );
            }
            assert!(wakers.others.len() < 2 * CLIENTS as usize - leaving.count_ones() as usize);
            for client in (0..2 * CLIENTS).filter(|client| !goes(*client)) {
                let (spot, waker) = (&mut spots[client as usize], waker(client));
                assert!(wakers.has(*spot, &waker));
                let before = wakers
                    .put(spot, waker.clone())
                    .expect("it is the same one's");
                assert!(before.will_wake(&waker));
            }
            wakers.take().wake();
            wakers.take().wake();
            for (client, count) in (0..).zip(&counts) {
                let expected = usize::from(!goes(client));
                assert_eq!(count.0.load(Relaxed), expected, "{client} of {leaving:b}");
                assert!(wakers.remove(spots[client as usize]).is_none());
            }
        }
    }
}
