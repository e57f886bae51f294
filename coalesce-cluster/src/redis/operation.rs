//! The operations as commands, and the replies, and messages, as events.

use std::{str, time::Duration};

use redis::{Cmd, Value, cmd};

use super::scripts::{Script, Scripts};
use crate::engine::{Begin, Begun, Digest, End, Event, Frame, How, KEPT, LARGE, Token, Told};

/// As much may be published to the waiters of one flight in all: more would stop the server.
const PUBLISHED: usize = 512 << 10;

/// An operation that is queued, or was sent.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Begin(Begin),
    End(End),
    Fetch(Digest, Token),
    Renew(Digest, Token, Duration),
    Forget(Digest),
    Beat(u64),
}

/// How keys and channels are called.
#[derive(Debug, Clone)]
pub(super) struct Names {
    prefix: String,
    /// The member's own.
    pub(super) inbox: String,
}

impl Names {
    pub(super) fn new(prefix: &str, member: u64) -> Self {
        Self {
            prefix: prefix.into(),
            inbox: format!("{prefix}in:{member:016x}"),
        }
    }

    fn lease(&self, key: Digest) -> String {
        format!("{}{{{key}}}", self.prefix)
    }

    /// What a message to the inbox says; `None`: nothing that a member wrote.
    pub(super) fn message(&self, message: &[u8]) -> Option<Event> {
        let mut parts = message.splitn(4, |byte| *byte == b'|');
        let about = str::from_utf8(parts.next()?).ok()?;
        let token = str::from_utf8(parts.next()?).ok()?;
        if about == "beat" {
            return token.parse().ok().map(Event::Beat);
        }
        let key = about
            .strip_prefix(&self.prefix)?
            .strip_prefix('{')?
            .strip_suffix('}')?;
        let told = match (parts.next()?, parts.next()) {
            (b"value", Some(frame)) => Told::Value(frame.into()),
            (b"fetch", None) => Told::Fetch,
            (b"nothing", None) => Told::Nothing,
            (b"abandoned", None) => Told::Abandoned,
            (b"displaced", None) => Told::Displaced,
            _ => return None,
        };
        Some(Event::Told(Digest::parse(key)?, Token::parse(token)?, told))
    }
}

impl Operation {
    /// Whether it goes over the connection for what is large, on which nothing waits.
    pub(super) fn is_large(&self) -> bool {
        match self {
            Self::Fetch(..) => true,
            Self::End(end) => end.is_large(),
            _ => false,
        }
    }

    pub(super) fn command(&self, names: &Names, scripts: &Scripts) -> Cmd {
        let run = |script, key| {
            let mut run = cmd("EVALSHA");
            run.arg(scripts.name(script)).arg(1).arg(names.lease(key));
            run
        };
        match self {
            Self::Begin(begin) => {
                let awaited = begin
                    .awaited
                    .map(|token| token.to_string())
                    .unwrap_or_default();
                let mut command = run(Script::Begin, begin.key);
                command
                    .arg(begin.token.to_string())
                    .arg(millis(begin.lease))
                    .arg(&names.inbox);
                command
                    .arg(awaited)
                    .arg(if begin.fresh { "fresh" } else { "" })
                    .arg(LARGE);
                command
            }
            Self::End(end) => {
                let (how, frame): (_, &[u8]) = match &end.how {
                    How::Ask => ("ask", &[]),
                    How::Value(frame) => ("value", frame),
                    How::Nothing => ("nothing", &[]),
                    How::Abandoned => ("abandoned", &[]),
                };
                let mut command = run(Script::End, end.key);
                command
                    .arg(end.token.to_string())
                    .arg(how)
                    .arg(frame)
                    .arg(millis(KEPT));
                command
                    .arg(if end.unsure { "unsure" } else { "" })
                    .arg(millis(end.lease))
                    .arg(PUBLISHED);
                command
            }
            Self::Fetch(key, token) => {
                let mut command = cmd("GET");
                command.arg(format!("{}:r:{token}", names.lease(*key)));
                command
            }
            Self::Renew(key, token, lease) => {
                let mut command = run(Script::Renew, *key);
                command.arg(token.to_string()).arg(millis(*lease));
                command
            }
            Self::Forget(key) => run(Script::Forget, *key),
            Self::Beat(number) => {
                let mut command = cmd("PUBLISH");
                command.arg(&names.inbox).arg(format!("beat|{number}"));
                command
            }
        }
    }

    /// What the reply says; `None`: nothing that the scripts answer.
    pub(super) fn answer(&self, reply: Value) -> Option<Event> {
        Some(match (self, reply) {
            (Self::Begin(begin), Value::Array(reply)) => Event::Begun(begin.token, begun(reply)?),
            (Self::End(end), Value::Int(waiters)) => {
                Event::Ended(end.token, usize::try_from(waiters).ok())
            }
            (Self::Fetch(_, token), Value::BulkString(frame)) => {
                Event::Fetched(*token, Some(frame.into()))
            }
            (Self::Fetch(_, token), Value::Nil) => Event::Fetched(*token, None),
            (Self::Renew(_, token, _), Value::Int(mine)) => Event::Renewed(*token, mine == 1),
            (Self::Forget(key), Value::Int(_)) => Event::Forgot(*key),
            (Self::Beat(_), Value::Int(_)) => Event::Sent,
            _ => return None,
        })
    }
}

fn begun(reply: Vec<Value>) -> Option<Begun> {
    let mut reply = reply.into_iter();
    Some(
        match (
            &*text(reply.next()?)?,
            reply.next(),
            reply.next(),
            reply.next(),
        ) {
            (b"lead", None, ..) => Begun::Lead,
            (b"dead", None, ..) => Begun::Dead,
            (b"fetch", None, ..) => Begun::Landed(None),
            (b"landed", Some(Value::BulkString(frame)), ..) => {
                Begun::Landed(Some(Frame::from(frame)))
            }
            (b"join", Some(token), Some(Value::Int(left)), Some(displaced)) => Begun::Join {
                token: Token::parse(str::from_utf8(&text(token)?).ok()?)?,
                left: u64::try_from(left).ok().map(Duration::from_millis),
                displaced: *text(displaced)? == *b"displaced",
            },
            _ => return None,
        },
    )
}

fn text(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(text) => Some(text),
        _ => None,
    }
}

/// At least one.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}
