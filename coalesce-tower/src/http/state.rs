//! What a fetch and its clients share, under the lock of the fetch: see `fetch`.

use std::{any::Any, task::Waker};

use coalesce_runtime::SharedError;
use http::HeaderMap;
use http_body::SizeHint;
use tokio::{task::AbortHandle, time::Instant};

use super::{frames::Frames, head::Head, reason::Reason, wakers::Wakers};

/// What a panic leaves behind.
pub(crate) type Payload = Box<dyn Any + Send>;

pub(crate) struct State {
    pub(super) stage: Stage,
    pub(super) frames: Frames,
    /// Of the budget.
    pub(super) taken: usize,
    /// Whether the head may be had.
    pub(super) announced: bool,
    pub(super) clients: usize,
    /// Those of them who wait for the head, or have not taken it yet.
    pub(super) headless: usize,
    pub(super) waiting: Wakers,
    pub(super) task: Option<AbortHandle>,
    /// The task's, while it waits for room.
    pub(super) room: Option<Waker>,
    /// When the slowest client moved last while the task waited, or the task began to wait.
    pub(super) moved: Option<Instant>,
}

impl State {
    /// Of a fetch that has its first client, and has taken so much of the budget.
    pub(super) fn new(taken: usize) -> Self {
        let mut frames = Frames::default();
        frames.begin();
        Self {
            stage: Stage::Awaited,
            frames,
            taken,
            announced: false,
            clients: 1,
            headless: 1,
            waiting: Wakers::default(),
            task: None,
            room: None,
            moved: None,
        }
    }

    /// Whether the body is over, and all of it is before this position.
    pub(super) fn is_all(&self, position: u64) -> bool {
        match &self.stage {
            Stage::Shared(shared) => {
                matches!(shared.end, Some(End::Complete))
                    && shared.trailers.is_none()
                    && position == self.frames.total()
            }
            _ => false,
        }
    }
}

pub(crate) enum Stage {
    Awaited,
    Own {
        /// A `Result<Response<D>, E>` of the service's types.
        first: Option<Payload>,
        others: Others,
    },
    Panicked(Option<Payload>),
    Shared(Shared),
    Gone,
}

/// What becomes of those who waited, where the fetch is the first client's own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Others {
    RunTheirOwn(Reason),
    TryAgain,
}

pub(crate) struct Shared {
    pub(super) head: Head,
    pub(super) hint: SizeHint,
    /// Few have any.
    pub(super) trailers: Option<Box<HeaderMap>>,
    pub(super) end: Option<End>,
}

/// How a body ended.
pub(crate) enum End {
    Complete,
    Failed(SharedError),
    /// For the first client.
    Panicked(Option<Payload>),
    /// It was given up.
    Broken,
}

impl Stage {
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Awaited => false,
            Self::Shared(shared) => shared.end.is_some(),
            _ => true,
        }
    }
}
