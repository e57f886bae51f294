//! The body of a response: as it streams, or as it was collected.

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of a coalesced response.
    pub struct ResponseBody<D>
    where
        D: Body,
    {
        #[pin]
        kind: Kind<D, D::Error>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<D, E> {
        // It streams.
        Through { #[pin] body: D },
        // It was read until it turned out that it could not be shared.
        Rest { read: Read, then: Then<D, E> },
        // It was collected.
        Whole { read: Read },
    }
}

/// What follows after what has been read already.
pub(crate) enum Then<D, E> {
    Body(Pin<Box<D>>),
    Error(E),
    End,
}

/// What has been read of a body.
#[derive(Debug, Default, Clone)]
pub(crate) struct Read {
    pub(crate) data: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

impl<D: Body> ResponseBody<D> {
    pub(crate) fn through(body: D) -> Self {
        let kind = Kind::Through { body };
        Self { kind }
    }

    pub(crate) fn whole(read: Read) -> Self {
        let kind = Kind::Whole { read };
        Self { kind }
    }

    pub(crate) fn rest(read: Read, then: Then<D, D::Error>) -> Self {
        let kind = Kind::Rest { read, then };
        Self { kind }
    }
}

impl Read {
    fn pop<E>(&mut self) -> Option<Result<Frame<Bytes>, E>> {
        if !self.data.is_empty() {
            return Some(Ok(Frame::data(mem::take(&mut self.data))));
        }
        let trailers = self.trailers.take()?;
        Some(Ok(Frame::trailers(trailers)))
    }

    fn is_empty(&self) -> bool {
        self.data.is_empty() && self.trailers.is_none()
    }

    fn len(&self) -> u64 {
        self.data.len() as u64
    }
}

impl<D: Body> Body for ResponseBody<D> {
    type Data = Bytes;
    type Error = D::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, D::Error>>> {
        let frame = match self.project().kind.project() {
            KindProjection::Through { body } => ready!(body.poll_frame(cx)),
            KindProjection::Whole { read } => return Poll::Ready(read.pop()),
            KindProjection::Rest { read, then } => {
                if let Some(frame) = read.pop() {
                    return Poll::Ready(Some(frame));
                }
                match then {
                    Then::Body(body) => ready!(body.as_mut().poll_frame(cx)),
                    Then::End => None,
                    Then::Error(_) => match mem::replace(then, Then::End) {
                        Then::Error(error) => Some(Err(error)),
                        _ => unreachable!("it is an error"),
                    },
                }
            }
        };
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(to_bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Through { body } => body.is_end_stream(),
            Kind::Whole { read } => read.is_empty(),
            Kind::Rest { read, then } => {
                read.is_empty()
                    && match then {
                        Then::Body(body) => body.is_end_stream(),
                        Then::Error(_) => false,
                        Then::End => true,
                    }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Through { body } => body.size_hint(),
            // HTTP/1 sends trailers only after a body that does not announce its length.
            Kind::Whole { read } if read.trailers.is_none() => SizeHint::with_exact(read.len()),
            Kind::Whole { read } => at_least(read.len()),
            Kind::Rest { read, then } => {
                let Then::Body(body) = then else {
                    return at_least(read.len());
                };
                let rest = body.size_hint();
                let mut hint = at_least(read.len().saturating_add(rest.lower()));
                if let Some(upper) = rest.upper().and_then(|it| it.checked_add(read.len())) {
                    hint.set_upper(upper);
                }
                hint
            }
        }
    }
}

fn at_least(lower: u64) -> SizeHint {
    let mut hint = SizeHint::new();
    hint.set_lower(lower);
    hint
}

/// Copies nothing if it is `Bytes` already.
pub(crate) fn to_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

impl<D: Body> fmt::Debug for ResponseBody<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Through { .. } => "streaming",
            Kind::Rest { .. } => "streaming, partly read",
            Kind::Whole { .. } => "collected",
        })
    }
}
