//! The body of a response: its own, as it streams, or of a fetch that is shared.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use coalesce_runtime::SharedError;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{body_error::BodyError, client::Client};

pin_project! {
    /// The body of a response of a [`HttpCoalesceService`](super::HttpCoalesceService).
    pub struct ResponseBody<D> {
        #[pin]
        kind: Kind<D>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<D> {
        // Its own.
        Through { #[pin] body: D },
        Shared { client: Client },
    }
}

impl<D> ResponseBody<D> {
    pub(crate) fn through(body: D) -> Self {
        let kind = Kind::Through { body };
        Self { kind }
    }

    pub(crate) fn shared(client: Client) -> Self {
        let kind = Kind::Shared { client };
        Self { kind }
    }
}

/// Any error, as Tower's and axum's bodies have it.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<D> Body for ResponseBody<D>
where
    D: Body,
    D::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.project().kind.project() {
            KindProjection::Through { body } => {
                let frame = ready!(body.poll_frame(cx));
                Poll::Ready(frame.map(|frame| match frame {
                    Ok(frame) => Ok(frame.map_data(to_bytes)),
                    Err(error) => Err(BodyError::origin(SharedError::new(error))),
                }))
            }
            KindProjection::Shared { client } => client.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Through { body } => body.is_end_stream(),
            Kind::Shared { client } => client.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Through { body } => body.size_hint(),
            Kind::Shared { client } => client.size_hint(),
        }
    }
}

/// Copies nothing if it is `Bytes` already.
pub(crate) fn to_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

impl<D> fmt::Debug for ResponseBody<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Through { .. } => "its own",
            Kind::Shared { .. } => "shared",
        })
    }
}
