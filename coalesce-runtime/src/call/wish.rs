//! What the next coalesced call is asked to do, and to tell: [`fresh`], [`alone`], [`observe`].
//!
//! 1. While the wrapper polls what is in it, its wish is the thread's.
//! 2. The first coalesced call that starts takes it, so that the calls of its body don't find it.
//! 3. A wish that nobody took goes back to its wrapper, for the next poll.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::call::report::{Observer, Report};

/// Has the first coalesced call in `future` open a new flight, and join none: for reading one's own write.
///
/// The new flight takes the key's place.
///
/// ```
/// # use coalesced::{Group, fresh};
/// # static USERS: Group<u64, u64> = Group::new();
/// # async fn fetch_user(id: u64) -> u64 { USERS.call(id, async { 1 }).await }
/// # futures::executor::block_on(async {
/// let user = fresh(fetch_user(42)).await;
/// # });
/// ```
///
/// Calls that its body makes are not concerned. Where no coalesced call is made, since a cache answered, it does
/// nothing.
pub fn fresh<F: Future>(future: F) -> impl Future<Output = F::Output> {
    wish(Some(How::Fresh), None, future)
}

/// Lets the first coalesced call in `future` run by itself: it joins no flight, and nobody joins it.
///
/// ```
/// # use coalesced::{Group, Role, alone, observe};
/// # static USERS: Group<u64, u64> = Group::new();
/// # async fn fetch_user(id: u64) -> u64 { USERS.call(id, async { 1 }).await }
/// # futures::executor::block_on(async {
/// let (user, report) = observe(alone(fetch_user(42))).await;
/// assert_eq!(report.map(|report| report.role), Some(Role::Alone));
/// # });
/// ```
///
/// Calls that its body makes are not concerned. Where no coalesced call is made, since a cache answered, it does
/// nothing.
pub fn alone<F: Future>(future: F) -> impl Future<Output = F::Output> {
    wish(Some(How::Alone), None, future)
}

/// Tells what the first coalesced call in `future` was, and how long it waited.
///
/// `None`: there was no coalesced call.
///
/// ```
/// # use coalesced::{Group, Role, observe};
/// # static USERS: Group<u64, u64> = Group::new();
/// # async fn fetch_user(id: u64) -> u64 { USERS.call(id, async { 1 }).await }
/// # futures::executor::block_on(async {
/// let (user, report) = observe(fetch_user(42)).await;
/// assert_eq!(report.map(|report| report.role), Some(Role::Leader));
/// # });
/// ```
pub fn observe<F: Future>(future: F) -> impl Future<Output = (F::Output, Option<Report>)> {
    let observer = Observer::default();
    let observed = wish(None, Some(observer.clone()), future);
    async move {
        let value = observed.await;
        (value, observer.report())
    }
}

/// How a call is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Fresh,
    Alone,
    /// Not at all: see `forget.rs`.
    Forget,
}

#[derive(Debug, Default)]
pub(crate) struct Wish {
    pub(crate) how: Option<How>,
    pub(crate) observer: Option<Observer>,
}

impl Wish {
    const NONE: Self = Self {
        how: None,
        observer: None,
    };

    fn is_none(&self) -> bool {
        self.how.is_none() && self.observer.is_none()
    }
}

crate::sync::per_thread! {
    static WISH: RefCell<Wish> = RefCell::new(Wish::NONE);
    /// Whether there is one, for the calls that nobody wishes anything of: it needs no destructor,
    /// which makes it cheap to look at.
    static WISHED: Cell<bool> = Cell::new(false);
}

/// Whether anything is asked of the call that starts now.
#[inline]
pub(crate) fn is_wished() -> bool {
    WISHED.with(Cell::get)
}

/// Takes what the call that starts now is asked for.
pub(crate) fn take() -> Wish {
    if !WISHED.with(|wished| wished.replace(false)) {
        return Wish::NONE;
    }
    WISH.try_with(|wish| mem::take(&mut *wish.borrow_mut()))
        .unwrap_or_default()
}

fn put(wish: Wish) {
    WISHED.with(|wished| wished.set(!wish.is_none()));
    let _ = WISH.try_with(|place| *place.borrow_mut() = wish);
}

/// Whether the call that starts now is to be forgotten, and not made.
pub(crate) fn is_to_be_forgotten() -> bool {
    is_wished() && WISH.with(|wish| wish.borrow().how == Some(How::Forget))
}

pub(super) fn wish<F: Future>(
    how: Option<How>,
    observer: Option<Observer>,
    future: F,
) -> Wished<F> {
    Wished {
        future,
        wish: Wish { how, observer },
    }
}

pin_project! {
    /// A future with a wish for the first coalesced call in it.
    pub(super) struct Wished<F> {
        #[pin]
        future: F,
        wish: Wish,
    }
}

impl<F: Future> Future for Wished<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        /// Gives back what nobody took, to this wrapper and to the one around it, also in a panic.
        struct GiveBack<'w>(&'w mut Wish, Wish);

        impl Drop for GiveBack<'_> {
            fn drop(&mut self) {
                if take().is_none() {
                    // A call that takes the wish takes that of the wrapper around it, too.
                    *self.0 = Wish::NONE;
                } else {
                    put(mem::take(&mut self.1));
                }
            }
        }

        let this = self.project();
        if this.wish.is_none() {
            return this.future.poll(cx);
        }
        let outer = take();
        put(Wish {
            how: match outer.how {
                Some(How::Forget) => outer.how,
                _ => this.wish.how.or(outer.how),
            },
            observer: match &this.wish.observer {
                Some(observer) => Some(observer.clone().within(outer.observer.clone())),
                None => outer.observer.clone(),
            },
        });
        let give_back = GiveBack(this.wish, outer);
        let output = ready!(this.future.poll(cx));
        drop(give_back);
        Poll::Ready(output)
    }
}
