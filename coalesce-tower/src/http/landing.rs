//! What a flight lands with, for those who waited.

use std::sync::Arc;

use coalesce_runtime::private::OnlyOk;
use http::{Response, response::Parts};
use http_body::Body;

use super::response_body::{Read, ResponseBody};

/// What a flight lands with.
#[derive(Debug, Clone)]
pub enum Landing {
    #[doc(hidden)]
    Shared(Arc<Shared>),
    #[doc(hidden)]
    NotShared,
}

/// A response for those who waited.
#[derive(Debug)]
pub struct Shared {
    head: Parts,
    read: Read,
}

impl Shared {
    pub(crate) fn new(head: Parts, read: Read) -> Self {
        Self { head, read }
    }

    pub(crate) fn response<D: Body>(&self) -> Response<ResponseBody<D>> {
        let body = ResponseBody::whole(self.read.clone());
        Response::from_parts(self.head.clone(), body)
    }
}

/// The service or the body failed, and its own request has been told.
#[derive(Debug)]
pub struct Failed;

/// How a flight is shared: a failure is its own request's.
pub(crate) type Sharing = OnlyOk<Result<Landing, Failed>>;
