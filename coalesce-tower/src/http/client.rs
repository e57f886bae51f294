//! A client of a fetch: it waits for the head, then reads the body in its own pace, and leaves when it is dropped.
//!
//! What if it is dropped, at any point: its waker is taken out, its position in the body holds nothing any more, and if
//! it was the last one the fetch is ended (`fetch`).

use std::{
    fmt,
    panic::resume_unwind,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, response::Parts};
use http_body::{Frame, SizeHint};

use super::{
    body_error::BodyError,
    fetch::Fetch,
    frames::Found,
    head::Taken,
    reason::Reason,
    state::{End, Others, Payload, Shared, Stage, State},
    wakers::Spot,
};

pub(crate) struct Client {
    fetch: Arc<Fetch>,
    pub(super) is_first: bool,
    pub(super) has_head: bool,
    pub(super) position: u64,
    pub(super) spot: Option<Spot>,
    /// Whether it has had the trailers, or an error, or there is nothing more.
    is_done: bool,
}

/// What becomes of a client that waited.
pub(crate) enum Answer {
    /// The response is shared; the body follows.
    Head(Parts),
    /// It is the first client's own: a `Result` of the service's types.
    Own(Payload),
    /// The handler panicked, for the first client.
    Panicked(Payload),
    /// It is another's, for this reason: run your own request.
    RunYourOwn(Reason),
    /// The service failed another, or it has taken too long: try once more. The outcome is for those who trace it.
    TryAgain(&'static str),
}

impl Client {
    /// The one who opened the fetch.
    pub(crate) fn first(fetch: Arc<Fetch>) -> Self {
        Self::new(fetch, true)
    }

    /// Joins, if newcomers may.
    pub(crate) fn enter(fetch: &Arc<Fetch>) -> Option<Self> {
        fetch.enter().then(|| Self::new(Arc::clone(fetch), false))
    }

    fn new(fetch: Arc<Fetch>, is_first: bool) -> Self {
        Self {
            fetch,
            is_first,
            has_head: false,
            position: 0,
            spot: None,
            is_done: false,
        }
    }

    pub(crate) fn fetch(&self) -> &Arc<Fetch> {
        &self.fetch
    }

    /// Waits for the head.
    pub(crate) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        enum Told {
            Head(Taken),
            Other(Answer),
        }
        const GONE: Answer = Answer::RunYourOwn(Reason::Gone);
        let is_first = self.is_first;
        // Who comes for the first time will wait.
        let waker = self.spot.is_none().then(|| cx.waker().clone());
        let told = self.poll(cx, waker, |fetch, _, state| {
            Some(Told::Other(match &mut state.stage {
                Stage::Awaited => return None,
                Stage::Shared(_) => {
                    let head = fetch.head(state, is_first)?;
                    return Some((Told::Head(head), None));
                }
                Stage::Own { first, .. } if is_first => first.take().map_or(GONE, Answer::Own),
                Stage::Panicked(panic) if is_first => panic.take().map_or(GONE, Answer::Panicked),
                Stage::Own { others, .. } => match others {
                    Others::RunTheirOwn(reason) => Answer::RunYourOwn(*reason),
                    Others::TryAgain => Answer::TryAgain("failed"),
                },
                Stage::Panicked(_) => Answer::RunYourOwn(Reason::Panicked),
                Stage::Gone => GONE,
            }))
            .map(|told| (told, None))
        });
        told.map(|told| match told {
            Told::Head(head) => {
                self.has_head = true;
                Answer::Head(head.finish())
            }
            Told::Other(answer) => answer,
        })
    }

    /// The next frame of the body.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        enum Next {
            Data { data: Bytes, is_last: bool },
            Trailers(HeaderMap),
            Error(BodyError),
            Panic(Payload),
            End,
        }
        if self.is_done {
            return Poll::Ready(None);
        }
        let is_first = self.is_first;
        let next = self.poll(cx, None, |fetch, position, state| {
            let (found, task) = fetch.read(state, position);
            let next = match found {
                Found::Data(data) => {
                    let is_last = state.is_all(*position);
                    Next::Data { data, is_last }
                }
                Found::Lost => Next::Error(BodyError::too_slow()),
                Found::Nothing => {
                    let Stage::Shared(shared) = &mut state.stage else {
                        return Some((Next::Error(BodyError::broken()), task));
                    };
                    match shared.end.as_mut()? {
                        End::Complete => match &shared.trailers {
                            Some(trailers) => Next::Trailers(HeaderMap::clone(trailers)),
                            None => Next::End,
                        },
                        End::Failed(error) => Next::Error(BodyError::origin(error.clone())),
                        End::Panicked(panic) => match panic.take_if(|_| is_first) {
                            Some(panic) => Next::Panic(panic),
                            None => Next::Error(BodyError::broken()),
                        },
                        End::Broken => Next::Error(BodyError::broken()),
                    }
                }
            };
            Some((next, task))
        });
        next.map(|next| {
            self.is_done = !matches!(next, Next::Data { is_last: false, .. });
            Some(match next {
                Next::Data { data, .. } => Ok(Frame::data(data)),
                Next::Trailers(trailers) => Ok(Frame::trailers(trailers)),
                Next::Error(error) => Err(error),
                Next::Panic(panic) => resume_unwind(panic),
                Next::End => return None,
            })
        })
    }

    /// Looks under the lock, and waits if there is nothing yet, with this waker, if it is there already.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut waker: Option<Waker>,
        look: impl Fn(&Fetch, &mut u64, &mut State) -> Option<(T, Option<Waker>)>,
    ) -> Poll<T> {
        loop {
            let mut state = self.fetch.lock();
            if let Some((found, task)) = look(&self.fetch, &mut self.position, &mut state) {
                drop(state);
                if let Some(task) = task {
                    task.wake();
                }
                return Poll::Ready(found);
            }
            if state.waiting.has(self.spot, cx.waker()) {
                return Poll::Pending;
            }
            if let Some(waker) = waker.take() {
                let old = state.waiting.put(&mut self.spot, waker);
                drop(state);
                drop(old);
                return Poll::Pending;
            }
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    /// Whether there is nothing to come.
    pub(crate) fn is_end_stream(&self) -> bool {
        self.is_done || self.fetch.lock().is_all(self.position)
    }

    /// What is to come: as much as is known of what the service said, or all, if it is there.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.of_body(|shared, total| {
            if matches!(shared.end, Some(End::Complete)) && shared.trailers.is_none() {
                return SizeHint::with_exact(total - self.position);
            }
            let mut rest = SizeHint::new();
            if let Some(upper) = shared.hint.upper() {
                rest.set_upper(upper.saturating_sub(self.position));
            }
            let lower = shared.hint.lower().max(total);
            let lower = lower.saturating_sub(self.position);
            rest.set_lower(lower.min(rest.upper().unwrap_or(u64::MAX)));
            rest
        })
    }

    fn of_body<T: Default>(&self, look: impl FnOnce(&Shared, u64) -> T) -> T {
        let state = self.fetch.lock();
        match &state.stage {
            Stage::Shared(shared) => look(shared, state.frames.total()),
            _ => T::default(),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.fetch.leave(self);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
