//! The users, behind gRPC: it notes every call, and answers none before its gate is open.
//!
//! The gate opens for good when that many *different* calls have arrived. So calls overlap because they
//! must, and not because something takes long: a call that could have been shared is still in flight when
//! its twin starts.

use std::{collections::HashSet, io, net::SocketAddr, sync::Arc};

use tokio::{net::TcpListener, sync::watch};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

use crate::users::{GetUserRequest, User, UsersServer};

/// Who may see user 3.
pub const ADMIN: &str = "admin";

/// Number, name.
const USERS: [(&str, &str); 3] = [("1", "Ada"), ("2", "Grace"), ("3", "Alan")];

/// A call, as the backend saw it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The caller's token.
    pub token: Option<String>,
    /// Whom they asked for.
    pub id: String,
}

/// The backend.
#[derive(Debug)]
pub struct Backend {
    calls: watch::Sender<Vec<Call>>,
    /// As many different calls open the gate.
    opens_at: usize,
}

impl Backend {
    /// Starts one on a port of its own.
    pub async fn start(opens_at: usize) -> io::Result<(Arc<Self>, SocketAddr)> {
        let backend = Arc::new(Self {
            calls: watch::Sender::new(Vec::new()),
            opens_at,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = Server::builder().add_service(UsersServer(Arc::clone(&backend)));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Ok((backend, address))
    }

    /// The calls so far, in the order of their arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    pub(crate) async fn get_user(
        self: Arc<Self>,
        request: Request<GetUserRequest>,
    ) -> Result<Response<User>, Status> {
        let token = request.metadata().get("authorization");
        let token = token.and_then(|token| token.to_str().ok().map(String::from));
        let id = request.into_inner().id;
        let call = Call { token, id };
        self.calls.send_modify(|calls| calls.push(call.clone()));
        let open = |calls: &Vec<Call>| calls.iter().collect::<HashSet<_>>().len() >= self.opens_at;
        let mut arrivals = self.calls.subscribe();
        arrivals.wait_for(open).await.expect("it is ours");

        if call.id == "3" && call.token.as_deref() != Some(ADMIN) {
            return Err(Status::permission_denied("user 3 is not for everybody"));
        }
        let Some((id, name)) = USERS.into_iter().find(|(id, _)| *id == call.id) else {
            return Err(Status::not_found(format!("there is no user {}", call.id)));
        };
        Ok(Response::new(User {
            id: id.into(),
            name: name.into(),
        }))
    }
}
