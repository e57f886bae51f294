//! An engine in memory: for tests, and for simulations of many members in one process.

mod fault;
mod port;
mod world;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::runtime::Handle;

pub use self::{
    fault::{Fault, Message, Operation},
    port::Port,
};
use self::{
    port::{Asked, Line, message},
    world::World,
};
use crate::engine::{Event, Place, Space, random_number};

/// An engine in the memory of this process: its clones are one place, where clusters meet.
///
/// ```
/// use std::time::Duration;
///
/// use coalesced::cluster::{Cluster, Memory};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let place = Memory::new();
/// let (one, other) = (Cluster::new("shop"), Cluster::new("shop"));
/// one.connect(place.clone())?;
/// other.connect(place)?;
/// assert!(one.connected(Duration::from_secs(1)).await);
/// assert!(other.connected(Duration::from_secs(1)).await);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    space: Space,
    runtime: Option<Handle>,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    world: Mutex<World>,
    // Of each member, by its inbox.
    lines: Mutex<Vec<Arc<Line>>>,
    operations: Mutex<Option<OnOperation>>,
    messages: Mutex<Option<OnMessage>>,
}

type OnOperation = Box<dyn FnMut(Operation, usize) -> Fault + Send>;
type OnMessage = Box<dyn FnMut(Message, usize) -> Fault + Send>;

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty one, whose members run on threads of their own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            space: Space::default(),
            runtime: None,
            inner: Arc::default(),
        }
    }

    /// An empty one, whose members run on this Tokio runtime, and by its clock, which tests can pause.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn simulated() -> Self {
        Self {
            runtime: Some(Handle::current()),
            ..Self::new()
        }
    }

    /// Members of other namespaces are never met.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.space.namespace = name.into();
        self
    }

    /// Members who don't know it can neither be met nor give values.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.space.secret = Some(secret.into());
        self
    }

    /// Decides what becomes of each operation of each member; they are numbered as they connected their clusters,
    /// from 0.
    pub fn on_operation(&self, fault: impl FnMut(Operation, usize) -> Fault + Send + 'static) {
        *lock(&self.inner.operations) = Some(Box::new(fault));
    }

    /// Decides what becomes of each message to each member.
    pub fn on_message(&self, fault: impl FnMut(Message, usize) -> Fault + Send + 'static) {
        *lock(&self.inner.messages) = Some(Box::new(fault));
    }

    /// This member loses its connection, and notices. What it has sent may still arrive.
    pub fn disconnect(&self, member: usize) {
        lock(&self.inner.lines)[member].disconnect();
    }

    /// This member can't be reached any more, and can reach nobody, without noticing: as if it had been killed.
    pub fn cut_off(&self, member: usize) {
        lock(&self.inner.lines)[member].cut_off(true);
    }

    /// It can connect again.
    pub fn heal(&self, member: usize) {
        lock(&self.inner.lines)[member].cut_off(false);
    }

    /// All leases run out now.
    pub fn expire(&self) {
        lock(&self.inner.world).expire();
    }

    /// It forgets everything, as if restarted.
    pub fn clear(&self) {
        *lock(&self.inner.world) = World::default();
    }

    /// How much it remembers: leases, lists of who waits, values, ended tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.inner.world).len()
    }

    /// Whether it remembers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn fault_of(&self, operation: Operation, member: usize) -> Fault {
        let mut fault = lock(&self.inner.operations);
        fault
            .as_mut()
            .map_or(Fault::None, |fault| fault(operation, member))
    }

    fn execute(&self, asked: Asked, member: usize) -> Event {
        let mut messages = Vec::new();
        let mut world = lock(&self.inner.world);
        let answer = match asked {
            Asked::Connect => Event::Up,
            Asked::Begin(begin) => {
                Event::Begun(begin.token, world.begin(&begin, member, &mut messages))
            }
            Asked::End(end) => Event::Ended(end.token, Some(world.end(&end, &mut messages))),
            Asked::Fetch(token) => Event::Fetched(token, world.fetch(token)),
            Asked::Renew(key, token, lease) => {
                Event::Renewed(token, world.renew(key, token, lease))
            }
            Asked::Forget(key) => {
                world.forget(key, &mut messages);
                Event::Forgot(key)
            }
            Asked::Beat(number) => {
                drop(world);
                self.tell(member, Message::Beat, Event::Beat(number));
                return Event::Sent;
            }
        };
        drop(world);
        for (inbox, key, token, told) in messages {
            self.tell(inbox, message(&told), Event::Told(key, token, told));
        }
        answer
    }

    fn tell(&self, member: usize, message: Message, event: Event) {
        let fault = lock(&self.inner.messages)
            .as_mut()
            .map_or(Fault::None, |fault| fault(message, member));
        let line = lock(&self.inner.lines).get(member).cloned();
        if let Some(line) = line {
            line.deliver(event, fault);
        }
    }
}

impl Place for Memory {
    type Engine = Port;

    fn name(&self) -> String {
        format!("memory {:p}", self.inner)
    }

    fn space(&self) -> &Space {
        &self.space
    }

    fn runtime(&self) -> Option<Handle> {
        self.runtime.clone()
    }

    /// In a simulation what is drawn at random is the same each time.
    fn number(&self) -> u64 {
        match self.runtime {
            Some(_) => lock(&self.inner.lines).len() as u64 + 1,
            None => random_number(),
        }
    }

    fn engine(self, _member: u64) -> Port {
        let line = Arc::new(Line::default());
        let mut lines = lock(&self.inner.lines);
        let inbox = lines.len();
        lines.push(Arc::clone(&line));
        drop(lines);
        Port::new(self, inbox, line)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
}
