//! The gRPC service `demo.Users`: its messages, its client and its server.
//!
//! By hand, so that nobody needs `protoc`; `tonic-prost-build` would write the same from
//!
//! ```proto
//! service Users {
//!   rpc GetUser(GetUserRequest) returns (User);
//!   rpc RenameUser(RenameUserRequest) returns (User);
//! }
//! message GetUserRequest { string id = 1; }
//! message RenameUserRequest { string id = 1; string name = 2; }
//! message User { string id = 1; string name = 2; }
//! ```

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use async_graphql::SimpleObject;
use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use tonic::{
    Request, Response, Status, body::Body, metadata::AsciiMetadataValue, server::NamedService,
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::{backend::Backend, channel::SharedCalls};

/// The path of the method that reads.
pub(crate) const GET_USER: &str = "/demo.Users/GetUser";
/// The path of the method that writes.
const RENAME_USER: &str = "/demo.Users/RenameUser";

/// Whom to get.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetUserRequest {
    /// The user's number.
    #[prost(string, tag = "1")]
    pub id: String,
}

/// Whom to call what.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RenameUserRequest {
    /// The user's number.
    #[prost(string, tag = "1")]
    pub id: String,
    /// What they are called from now on.
    #[prost(string, tag = "2")]
    pub name: String,
}

/// A user, to gRPC and to GraphQL.
#[derive(Clone, PartialEq, prost::Message, SimpleObject)]
pub struct User {
    /// The number.
    #[prost(string, tag = "1")]
    pub id: String,
    /// What they are called.
    #[prost(string, tag = "2")]
    pub name: String,
}

/// The client.
#[derive(Debug, Clone)]
pub struct UsersClient(tonic::client::Grpc<SharedCalls>);

impl UsersClient {
    pub(crate) fn new(channel: SharedCalls) -> Self {
        Self(tonic::client::Grpc::new(channel))
    }

    /// A user, as whoever has this token may see them.
    pub async fn get_user(&self, token: Option<&str>, id: &str) -> Result<User, Status> {
        self.send(as_whom(token, GetUserRequest { id: id.into() })?)
            .await
    }

    /// The same, with metadata of the caller's choice.
    pub async fn send(&self, request: Request<GetUserRequest>) -> Result<User, Status> {
        self.call(GET_USER, request).await
    }

    /// Gives a user another name, as whoever has this token.
    pub async fn rename_user(
        &self,
        token: Option<&str>,
        request: RenameUserRequest,
    ) -> Result<User, Status> {
        self.call(RENAME_USER, as_whom(token, request)?).await
    }

    async fn call<M>(&self, path: &'static str, request: Request<M>) -> Result<User, Status>
    where
        M: prost::Message + 'static,
    {
        let mut grpc = self.0.clone();
        grpc.ready().await?;
        let path = PathAndQuery::from_static(path);
        let answer = grpc.unary(request, path, ProstCodec::default()).await;
        answer.map(Response::into_inner)
    }
}

fn as_whom<M>(token: Option<&str>, message: M) -> Result<Request<M>, Status> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        let token = AsciiMetadataValue::try_from(token)
            .map_err(|_| Status::unauthenticated("no token looks like this"))?;
        request.metadata_mut().insert("authorization", token);
    }
    Ok(request)
}

/// The server.
#[derive(Debug, Clone)]
pub(crate) struct UsersServer(pub(crate) Arc<Backend>);

impl NamedService for UsersServer {
    const NAME: &'static str = "demo.Users";
}

impl Service<http::Request<Body>> for UsersServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let backend = Arc::clone(&self.0);
        Box::pin(async move {
            let mut get = tonic::server::Grpc::new(ProstCodec::default());
            let mut rename = tonic::server::Grpc::new(ProstCodec::default());
            Ok(match request.uri().path() {
                GET_USER => {
                    let method = service_fn(move |request| Arc::clone(&backend).get_user(request));
                    get.unary(method, request).await
                }
                RENAME_USER => {
                    let method =
                        service_fn(move |request| Arc::clone(&backend).rename_user(request));
                    rename.unary(method, request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}
