//! Many futures of one type on one thread, and the smallest executor that they can share.
//!
//! A future is polled when it takes its seat, and again each time it was woken, in the order of waking.
//! Wakers are counted references, as an executor's are; they and the seats are made in advance.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

pub(crate) struct Crowd<F> {
    seats: Pin<Box<[Option<F>]>>,
    wakers: Vec<Waker>,
    woken: Arc<Mutex<VecDeque<usize>>>,
}

struct Task {
    seat: usize,
    woken: Arc<Mutex<VecDeque<usize>>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        woken.push_back(self.seat);
    }
}

impl<F: Future> Crowd<F> {
    pub(crate) fn new(seats: usize) -> Self {
        let woken = Arc::new(Mutex::new(VecDeque::with_capacity(2 * seats)));
        let waker = |seat| {
            let woken = Arc::clone(&woken);
            Waker::from(Arc::new(Task { seat, woken }))
        };
        let wakers = (0..seats).map(waker).collect();
        Self {
            wakers,
            woken,
            ..Self::unwoken(seats)
        }
    }

    /// A crowd that is polled by hand alone.
    pub(crate) fn unwoken(seats: usize) -> Self {
        Self {
            seats: Box::into_pin((0..seats).map(|_| None).collect::<Box<[_]>>()),
            wakers: Vec::new(),
            woken: Arc::default(),
        }
    }

    /// Seats a future, and polls it.
    pub(crate) fn seat(&mut self, seat: usize, future: F) -> Poll<F::Output> {
        self.at(seat).set(Some(future));
        self.poll(seat).expect("the seat is taken")
    }

    /// `None` where nobody sits any more.
    pub(crate) fn poll(&mut self, seat: usize) -> Option<Poll<F::Output>> {
        // SAFETY: the slice is pinned, and so is each of its elements; none is moved out.
        let mut future = unsafe {
            self.seats
                .as_mut()
                .map_unchecked_mut(|seats| &mut seats[seat])
        };
        let waker = self.wakers.get(seat).unwrap_or(Waker::noop());
        let polled = future
            .as_mut()
            .as_pin_mut()?
            .poll(&mut Context::from_waker(waker));
        if polled.is_ready() {
            future.set(None);
        }
        Some(polled)
    }

    /// Polls whoever is woken, until nobody is.
    pub(crate) fn run(&mut self, mut arrived: impl FnMut(F::Output)) {
        loop {
            let next = self
                .woken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            let Some(seat) = next else { return };
            if let Some(Poll::Ready(value)) = self.poll(seat) {
                arrived(value);
            }
        }
    }

    /// Lets go whoever still waits, and says how many those were.
    pub(crate) fn clear(&mut self) -> usize {
        (0..self.seats.len())
            .filter(|seat| {
                let mut seat = self.at(*seat);
                let waits = seat.is_some();
                seat.set(None);
                waits
            })
            .count()
    }

    fn at(&mut self, seat: usize) -> Pin<&mut Option<F>> {
        // SAFETY: as in `poll`.
        unsafe {
            self.seats
                .as_mut()
                .map_unchecked_mut(|seats| &mut seats[seat])
        }
    }
}

impl<F> fmt::Debug for Crowd<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crowd")
            .field("seats", &self.seats.len())
            .finish_non_exhaustive()
    }
}
