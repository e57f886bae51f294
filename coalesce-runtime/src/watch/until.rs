//! Those who wait until something is so: that nothing is in flight, or that so many callers wait.
//!
//! 1. Who waits enters the list, which raises a mark for all flights to see, and only then looks whether it is so.
//! 2. Who changes what is looked at looks for the mark afterwards. If it is up, all in the list are woken, and look
//!    again, having entered their wakers again before.
//!
//! What is looked at is looked at, and changed, under the lock of its shard. So either the change is seen, or who
//! makes it comes to the lock later, and sees the mark. (Calls that run by themselves have no lock, but as strict an
//! order.) While nobody waits, a flight's end pays one look at the mark.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};

use crate::panic::aside;

/// How many wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

static LIST: Mutex<List> = Mutex::new(List {
    entered: 0,
    wakers: Vec::new(),
});

struct List {
    /// How many ever entered.
    entered: u64,
    /// `None`: it was woken, and has not looked since.
    wakers: Vec<(u64, Option<Waker>)>,
}

fn list() -> MutexGuard<'static, List> {
    LIST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether anybody waits.
#[inline]
pub(crate) fn is_watched() -> bool {
    // As strict as it can be, which is a plain load on most machines.
    WAITING.load(SeqCst) != 0
}

/// Something has changed: who waits looks again.
#[cold]
pub(crate) fn changed() {
    let mut list = list();
    let wakers = list.wakers.iter_mut();
    let woken: Vec<Waker> = wakers.filter_map(|(_, waker)| waker.take()).collect();
    drop(list);
    for waker in woken {
        aside(|| waker.wake());
    }
}

/// Waits until this is so.
pub(crate) fn until(is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
    Until {
        is_so,
        number: None,
    }
}

struct Until<C> {
    is_so: C,
    /// While it is in the list.
    number: Option<u64>,
}

impl<C> Until<C> {
    fn enter(&mut self, waker: Waker) {
        let mut list = list();
        let number = *self.number.get_or_insert_with(|| {
            WAITING.fetch_add(1, SeqCst);
            list.entered += 1;
            let number = list.entered;
            list.wakers.push((number, None));
            number
        });
        let place = list.wakers.iter_mut().find(|(it, _)| *it == number);
        let old = place.map(|(_, place)| place.replace(waker));
        drop(list);
        drop(old);
    }

    fn leave(&mut self) {
        let Some(number) = self.number.take() else {
            return;
        };
        let mut list = list();
        let place = list.wakers.iter().position(|(it, _)| *it == number);
        let old = place.map(|place| list.wakers.swap_remove(place));
        drop(list);
        WAITING.fetch_sub(1, SeqCst);
        aside(|| drop(old));
    }
}

// Nothing in it is pinned.
impl<C> Unpin for Until<C> {}

impl<C: Fn() -> bool> Future for Until<C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.enter(cx.waker().clone());
        if !(self.is_so)() {
            return Poll::Pending;
        }
        self.leave();
        Poll::Ready(())
    }
}

impl<C> Drop for Until<C> {
    fn drop(&mut self) {
        self.leave();
    }
}
