//! Reads a body to its end, or until it turns out that it can't be shared.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;

use super::response_body::{Read, ResponseBody, Then, to_bytes};

pub(crate) struct Collect<D> {
    /// In a box, since it may have to go on with what it has not been read yet.
    body: Option<Pin<Box<D>>>,
    limit: usize,
    chunks: Vec<Bytes>,
    length: usize,
    trailers: Option<HeaderMap>,
}

/// What came of it.
pub(crate) enum Collected<D: Body> {
    Whole(Read),
    TooLarge(ResponseBody<D>),
    Failed(ResponseBody<D>),
}

impl<D: Body> Collect<D> {
    /// `Err`: the body says itself that it is too large.
    pub(crate) fn new(body: D, limit: usize) -> Result<Self, D> {
        if body.size_hint().lower() > limit as u64 {
            return Err(body);
        }
        Ok(Self {
            body: Some(Box::pin(body)),
            limit,
            chunks: Vec::new(),
            length: 0,
            trailers: None,
        })
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Collected<D>> {
        loop {
            let Some(body) = &mut self.body else {
                unreachable!("a body that has been collected is not polled again")
            };
            let frame = match ready!(body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(Collected::Whole(self.read())),
                Some(Err(error)) => {
                    let rest = ResponseBody::rest(self.read(), Then::Error(error));
                    return Poll::Ready(Collected::Failed(rest));
                }
                Some(Ok(frame)) => frame,
            };
            match frame.into_data() {
                Ok(data) => {
                    let data = to_bytes(data);
                    self.length += data.len();
                    if !data.is_empty() {
                        self.chunks.push(data);
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.trailers.get_or_insert_default().extend(trailers);
                    }
                }
            }
            if self.length > self.limit {
                let then = self.body.take().map_or(Then::End, Then::Body);
                return Poll::Ready(Collected::TooLarge(ResponseBody::rest(self.read(), then)));
            }
        }
    }

    /// What has been read; a single chunk is not copied.
    fn read(&mut self) -> Read {
        let mut chunks = mem::take(&mut self.chunks);
        let data = if chunks.len() == 1 {
            chunks.swap_remove(0)
        } else {
            chunks.concat().into()
        };
        Read {
            data,
            trailers: self.trailers.take(),
        }
    }
}
