//! What members meet in, as they see it: a queue of operations, and a stream of events.
//!
//! The duties of an engine:
//!
//! 1. An operation takes effect once or not at all, after those that were queued before it, and is answered by
//!    one event; those that were not answered when the connection is lost never are.
//! 2. `begin` gives the lease of a key to one token at a time, and of those who come while it is held it
//!    remembers the inboxes. It answers, in this order: the awaited flight's frame, if there is one ·
//!    `Dead`, if this token has been ended · `Lead`, if the lease is this token's · if fresh, `Lead`, and the old
//!    leader and those who wait for it are told `Displaced` · `Join` of the awaited flight, if this inbox
//!    still waits for it · `Lead`, if the lease is free · else `Join`.
//! 3. `end` frees the lease if it is this token's, and tells those who wait for the token. It may be called while
//!    `begin` of that token is out (`unsure`); afterwards that `begin` has no effect. A value is kept for
//!    [`KEPT`], for those who missed the message, and found by nobody who does not ask for that very token;
//!    nothing else is kept.
//! 4. A lease that is not renewed runs out, by the engine's own clock, and the waiters of its token with it.
//! 5. What a member is told comes to its inbox, which is open before [`Event::Up`].
//! 6. After a lost message, a lost connection or a restart an engine may have forgotten anything.
//!
//! How many wait, how much time is left, and a frame itself may be unknown to an engine: see the `Option`s.

use std::{
    fmt,
    future::Future,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

/// How long a value can be found by who missed the message.
pub const KEPT: Duration = Duration::from_secs(5);

/// Frames of more bytes may go over a connection of their own, so that nothing waits behind them.
pub const LARGE: usize = 64 << 10;

/// What identifies a key of a function of a cluster: 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u128);

/// A cluster flight's identity: the member's number, drawn at random, and one that it counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u128);

macro_rules! hex {
    ($name:ident) => {
        impl fmt::Display for $name {
            /// 32 hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl $name {
            /// What [`Display`](fmt::Display) wrote.
            #[must_use]
            pub fn parse(digits: &str) -> Option<Self> {
                // A sign would be taken by `from_str_radix`.
                let hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                hex.then(|| u128::from_str_radix(digits, 16).ok().map(Self))?
            }
        }
    };
}

hex!(Digest);
hex!(Token);

impl Token {
    pub(crate) fn new(member: u64, number: u64) -> Self {
        Self(u128::from(member) << 64 | u128::from(number))
    }

    /// Whether this member made it.
    pub(crate) fn is_of(self, member: u64) -> bool {
        self.0 >> 64 == u128::from(member)
    }
}

/// A value as it crosses.
pub type Frame = Arc<[u8]>;

/// A wish to run the body of a key, or to wait for who does.
#[derive(Debug, Clone)]
pub struct Begin {
    /// The key.
    pub key: Digest,
    /// The flight, should this member come to lead it.
    pub token: Token,
    /// The flight that the caller has waited for so far.
    pub awaited: Option<Token>,
    /// Whether to lead in any case.
    pub fresh: bool,
    /// How long the lease lasts.
    pub lease: Duration,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Begun {
    /// The lease is this token's.
    Lead,
    /// The inbox waits for this flight.
    Join {
        /// The flight.
        token: Token,
        /// Its lease's time, where the engine knows it.
        left: Option<Duration>,
        /// Whether newcomers open another.
        displaced: bool,
    },
    /// The awaited flight has ended with this; `None`: it has to be fetched.
    Landed(Option<Frame>),
    /// The token has been ended.
    Dead,
}

/// The end of a flight.
#[derive(Debug, Clone)]
pub struct End {
    /// The key.
    pub key: Digest,
    /// The flight.
    pub token: Token,
    /// What its waiters are told.
    pub how: How,
    /// Whether `begin` of this token was not answered.
    pub unsure: bool,
    /// How long a lease lasts: as long a `begin` that comes later has no effect.
    pub lease: Duration,
}

impl End {
    pub(crate) fn is_large(&self) -> bool {
        matches!(&self.how, How::Value(frame) if frame.len() > LARGE)
    }
}

/// What the waiters of a flight that ends are told.
#[derive(Debug, Clone)]
pub enum How {
    /// Nothing yet: how many are there?
    Ask,
    /// This.
    Value(Frame),
    /// That there is nothing to share.
    Nothing,
    /// That nobody runs it any more.
    Abandoned,
}

/// What comes to an inbox.
#[derive(Debug, Clone)]
pub enum Told {
    /// The flight ended with this.
    Value(Frame),
    /// It ended with a value that has to be fetched.
    Fetch,
    /// It ended with nothing to share.
    Nothing,
    /// Nobody runs it any more.
    Abandoned,
    /// It runs on; newcomers open another.
    Displaced,
}

/// What an engine says to its member.
#[derive(Debug, Clone)]
pub enum Event {
    /// Connected, the inbox too.
    Up,
    /// The connection is lost, or could not be made.
    Down(String),
    /// It does not work now, though it is there: it loads, or is full, or read-only.
    Failed(String),
    /// It will not work before somebody changes something.
    Refused(String),
    /// The answer to [`Engine::begin`].
    Begun(Token, Begun),
    /// The answer to [`Engine::end`]: how many waited.
    Ended(Token, Option<usize>),
    /// The answer to [`Engine::fetch`].
    Fetched(Token, Option<Frame>),
    /// The answer to [`Engine::renew`], for each lease: whether it is still this token's.
    Renewed(Token, bool),
    /// The answer to [`Engine::forget`].
    Forgot(Digest),
    /// The answer to [`Engine::beat`].
    Sent,
    /// A message to the inbox, about this flight.
    Told(Digest, Token, Told),
    /// A heartbeat has come to the inbox.
    Beat(u64),
}

/// A connection of a member; see the duties above.
pub trait Engine: Send + 'static {
    /// Connects, anew if it was connected: [`Event::Up`], `Down` or `Refused` follows.
    fn connect(&mut self);

    /// Queues a `begin`.
    fn begin(&mut self, begin: Begin);

    /// Queues an `end`.
    fn end(&mut self, end: End);

    /// Queues the question for a value that is kept.
    fn fetch(&mut self, key: Digest, token: Token);

    /// Queues the prolongation of these leases, and of the waiters of their tokens, whose lease it was or not.
    fn renew(&mut self, leases: &[(Digest, Token)], lease: Duration);

    /// Queues that no newcomer shall join the flight of this key; those in it are told `Displaced`.
    fn forget(&mut self, key: Digest);

    /// Queues a message to the own inbox.
    fn beat(&mut self, number: u64);

    /// The next event; safe to drop and to call again.
    fn event(&mut self) -> impl Future<Output = Event> + Send;
}

/// Where members meet: what [`Cluster::connect`](crate::Cluster::connect) takes.
pub trait Place: Send + 'static {
    /// The connection of a member.
    type Engine: Engine;

    /// What tells this place from others, without secrets.
    fn name(&self) -> String;

    /// What keeps members apart that meet in one place.
    fn space(&self) -> &Space;

    /// Where the member runs; `None`: on a thread of its own.
    fn runtime(&self) -> Option<tokio::runtime::Handle> {
        None
    }

    /// A number for the member that no other member has.
    fn number(&self) -> u64 {
        random_number()
    }

    /// The connection of the member with this number, not connected yet.
    fn engine(self, member: u64) -> Self::Engine;
}

/// 64 bits, from what the operating system seeds the hashers of maps with.
pub(crate) fn random_number() -> u64 {
    RandomState::new().hash_one("member")
}

/// What keeps members apart that meet in one place.
#[derive(Clone, PartialEq, Eq)]
pub struct Space {
    /// Members of other namespaces are never met: `default`.
    pub namespace: String,
    /// Members who don't know it can neither be met nor give values.
    pub secret: Option<String>,
}

impl Default for Space {
    fn default() -> Self {
        Self {
            namespace: "default".into(),
            secret: None,
        }
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space")
            .field("namespace", &self.namespace)
            .field("secret", &self.secret.as_ref().map(|_| ".."))
            .finish()
    }
}
