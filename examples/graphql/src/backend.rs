//! The users, behind gRPC: it notes every call, and answers none before its gate is open.
//!
//! The gate opens for good when that many *different* calls have arrived. So calls overlap because they
//! must, and not because something takes long: a call that could have been shared is still in flight when
//! its twin starts. What is answered was read before, and [`Mood`] holds answers back as well, or has them fail.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{net::TcpListener, sync::watch};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

use crate::users::{GetUserRequest, RenameUserRequest, User, UsersServer};

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

/// How it takes its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Up,
    /// Reads wait until it is in another mood.
    Slow,
    /// Its answers get lost: each call fails as `Unavailable`.
    Down,
}

/// The backend.
#[derive(Debug)]
pub struct Backend {
    names: Mutex<BTreeMap<String, String>>,
    mood: watch::Sender<Mood>,
    calls: watch::Sender<Vec<Call>>,
    /// As many different calls open the gate.
    opens_at: usize,
}

impl Backend {
    /// Starts one on a port of its own.
    pub async fn start(opens_at: usize) -> io::Result<(Arc<Self>, SocketAddr)> {
        let names = USERS.map(|(id, name)| (id.into(), name.into()));
        let backend = Arc::new(Self {
            names: Mutex::new(BTreeMap::from(names)),
            mood: watch::Sender::new(Mood::Up),
            calls: watch::Sender::new(Vec::new()),
            opens_at,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = Server::builder().add_service(UsersServer(Arc::clone(&backend)));
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        tokio::spawn(server.serve_with_incoming(incoming));
        Ok((backend, address))
    }

    /// The calls so far, in the order of their arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// From now on, also for the calls that wait.
    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Waits until so many calls have arrived.
    pub async fn called(&self, times: usize) {
        let mut calls = self.calls.subscribe();
        let arrived = calls.wait_for(|calls| calls.len() >= times).await;
        arrived.expect("it is ours");
    }

    pub(crate) async fn get_user(
        self: Arc<Self>,
        request: Request<GetUserRequest>,
    ) -> Result<Response<User>, Status> {
        let token = token(&request);
        let id = request.into_inner().id;
        let call = Call { token, id };
        let name = self.names.lock().unwrap().get(&call.id).cloned();
        self.calls.send_modify(|calls| calls.push(call.clone()));
        let open = |calls: &Vec<Call>| calls.iter().collect::<HashSet<_>>().len() >= self.opens_at;
        let mut arrivals = self.calls.subscribe();
        arrivals.wait_for(open).await.expect("it is ours");
        self.answers().await?;

        if call.id == "3" && call.token.as_deref() != Some(ADMIN) {
            return Err(Status::permission_denied("user 3 is not for everybody"));
        }
        let id = call.id;
        let name = name.ok_or_else(|| Status::not_found(format!("there is no user {id}")))?;
        Ok(Response::new(User { id, name }))
    }

    pub(crate) async fn rename_user(
        self: Arc<Self>,
        request: Request<RenameUserRequest>,
    ) -> Result<Response<User>, Status> {
        if token(&request).as_deref() != Some(ADMIN) {
            return Err(Status::permission_denied("the admin renames users"));
        }
        let RenameUserRequest { id, name } = request.into_inner();
        match self.names.lock().unwrap().get_mut(&id) {
            Some(old) => old.clone_from(&name),
            None => return Err(Status::not_found(format!("there is no user {id}"))),
        }
        Self::told(*self.mood.borrow())?;
        Ok(Response::new(User { id, name }))
    }

    /// When it answers a read, and if it does.
    async fn answers(&self) -> Result<(), Status> {
        let mut mood = self.mood.subscribe();
        let mood = mood.wait_for(|&mood| mood != Mood::Slow).await;
        Self::told(*mood.expect("it is ours"))
    }

    fn told(mood: Mood) -> Result<(), Status> {
        match mood {
            Mood::Up | Mood::Slow => Ok(()),
            Mood::Down => Err(Status::unavailable("the users are away")),
        }
    }
}

fn token<T>(request: &Request<T>) -> Option<String> {
    let token = request.metadata().get("authorization")?;
    token.to_str().ok().map(String::from)
}
