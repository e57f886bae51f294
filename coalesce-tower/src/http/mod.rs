//! Coalescing for HTTP: [`HttpCoalesceLayer`], the service that it makes, the future of a request and the
//! body of its response.
//!
//! 1. A request is looked at before anything else (`request`): its method, body and headers say whether it
//!    may share at all. If not, it is *left alone*: it goes through, with its streaming body.
//! 2. Else its key is made of its method, its target URI with `Host`, the headers that the layer was told
//!    of, and what the key function says. A key whose response could not be shared a while ago is
//!    *remembered* (`memory`), and left alone as well.
//! 3. It joins when its future is first polled (`future`, `policy`). The request and the clone of the
//!    service that it may have to lead with are kept while it waits (`waiting`), and its lead takes them.
//! 4. The one that leads (`lead`) makes its instance ready, calls it, and looks at the head
//!    of the response (`response`). If others may have it, it collects the body up to a limit and leaves
//!    its own response where the request was; the flight lands with a copy of the head, the bytes and the
//!    trailers.
//! 5. If others may not have it, or it is too large, the response goes to the leader's future as it streams,
//!    the key is remembered, and the flight lands at once with *not shared*: each of those who waited
//!    takes its own request and runs it, all in parallel, outside of the flight.
//! 6. If the service or the body fails, the error is the leader's own, and one of those who waited
//!    runs next, as with `share = ok`.
//!
//! Invariant: a response reaches a request other than its own only as the value of a flight, and a flight
//! lands with a value only where `response` said that others may have it.

mod collect;
pub mod future;
mod landing;
mod layer;
mod lead;
mod memory;
mod policy;
mod request;
mod response;
mod response_body;
mod service;
mod waiting;

pub use landing::Landing;
pub use layer::HttpCoalesceLayer;
pub use lead::Lead;
pub use request::RequestKey;
pub use response_body::ResponseBody;
pub use service::HttpCoalesceService;
