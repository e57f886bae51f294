//! Forgetting the key of an annotated function, whose key only the function can make: [`forget`]; and how its body
//! comes to know: [`is_forgotten`].
//!
//! 1. The wish to forget is given to the first coalesced call in the wrapper, like any other (`wish.rs`).
//! 2. The call makes its key, has its flight forgotten, and leaves the answer to the thread. It is at its end: it
//!    neither leads nor follows, and is never ready.
//! 3. The wrapper, whose poll it is, finds the answer, and ends.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::call::{
    cycle,
    wish::{How, Wished, wish},
};

/// Lets no later call join the flight of the first coalesced call in `future`, and says whether there was one.
///
/// It is [`Group::forget`](crate::Group::forget) for annotated functions, which know how their keys are made. That call
/// is not made: its body does not run.
///
/// Those who wait for the flight still get its value. To be called after a write, and its commit, that the flight
/// may not have seen.
///
/// ```
/// use coalesced::{coalesce, forget};
///
/// #[coalesce]
/// async fn fetch_user(id: u64) -> String {
///     format!("user {id}") // a query, say
/// }
///
/// # futures::executor::block_on(async {
/// // Write, commit, and then:
/// let was_in_flight = forget(fetch_user(42)).await;
/// assert!(!was_in_flight);
/// # });
/// ```
///
/// It ends when that call would start, and whatever else is in `future` is dropped where it is then. Where no
/// coalesced call is made, since a cache answered, it forgets nothing: name the annotated function itself. The
/// function's `bypass` does not count here, nor that its group is disabled.
///
/// # Panics
///
/// If the call is one of a plain `fn`, whose thread cannot go on without a value. [`fresh`](crate::fresh()) around
/// the next call does the same, for one that is made anyway.
///
/// # Cancel safety
///
/// It waits for nothing, unless `future` does before its first coalesced call. If it is dropped before that,
/// nothing is forgotten.
pub fn forget<F: Future>(future: F) -> impl Future<Output = bool> {
    Forgetting {
        wished: wish(Some(How::Forget), None, future),
    }
}

/// Whether no later call joins the flight whose body this is, as after [`forget`].
///
/// It was forgotten, here or by another server of its cluster, or a newer one took its place, by
/// [`fresh`](crate::fresh()) or a limit; or the call runs alone ([`alone`](crate::alone()), `bypass`, `max_in_flight`,
/// [`set_enabled`](crate::set_enabled)), so that a writer's `forget` could not reach it. Asked in the body of an annotated
/// function, or of a [`Group::call`](crate::Group::call).
///
/// What the body has read may be older than the write that had it forgotten. So a body that fills a cache fills it,
/// *then* asks, and takes its value out again; and the writer forgets first, and takes out of the cache then.
/// However the two meet, no old value stays, if neither is dropped between its two steps: where to fill is to await, as
/// it is with moka, let the body be on a task of its own (`detach`), or do both in one step of the cache's.
///
/// ```
/// # use coalesced::{coalesce, forget, is_forgotten};
/// # struct Cache;
/// # impl Cache { fn insert(&self, _: u64, _: String) {} fn remove(&self, _: u64) {} }
/// # static CACHE: Cache = Cache;
/// # async fn query(id: u64) -> String { format!("user {id}") }
/// # async fn update(_: u64) {}
/// #[coalesce]
/// async fn fetch_user(id: u64) -> String {
///     let user = query(id).await;
///     CACHE.insert(id, user.clone());
///     if is_forgotten() {
///         CACHE.remove(id);
///     }
///     user
/// }
///
/// async fn rename(id: u64) {
///     update(id).await; // and commit
///     forget(fetch_user(id)).await;
///     CACHE.remove(id);
/// }
/// # futures::executor::block_on(async { fetch_user(7).await; rename(7).await; });
/// ```
///
/// It is about the innermost coalesced body that this thread is polling, spawned ones too; on a task or thread that
/// the body started itself, and outside of all bodies, it is false. Once true it stays so; a body that takes over a
/// forgotten flight sees it from its start. A body above another coalesced function has a flight of its own: a writer
/// forgets the inner one first, since the outer one could else join it once more.
#[must_use]
pub fn is_forgotten() -> bool {
    cycle::is_displaced()
}

crate::sync::per_thread! {
    /// Whether the call that took the wish was in flight.
    static ANSWER: Cell<Option<bool>> = Cell::new(None);
}

/// The call has forgotten its flight, if there was one.
pub(super) fn answer(was_in_flight: bool) {
    ANSWER.with(|answer| answer.set(Some(was_in_flight)));
}

pin_project! {
    struct Forgetting<F> {
        #[pin]
        wished: Wished<F>,
    }
}

impl<F: Future> Future for Forgetting<F> {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        /// Gives back what the wrapper around this one was answered, also in a panic.
        struct GiveBack(Option<bool>);

        impl Drop for GiveBack {
            fn drop(&mut self) {
                ANSWER.with(|answer| answer.set(self.0));
            }
        }

        let give_back = GiveBack(ANSWER.with(Cell::take));
        let polled = self.project().wished.poll(cx);
        let answer = ANSWER.with(Cell::take);
        drop(give_back);
        match (answer, polled) {
            (Some(was_in_flight), _) => Poll::Ready(was_in_flight),
            (None, Poll::Ready(_)) => Poll::Ready(false),
            (None, Poll::Pending) => Poll::Pending,
        }
    }
}
