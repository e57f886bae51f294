//! What an engine remembers, and what its operations do to it: the duties of [`engine`](crate::engine), in order.

use std::collections::{BTreeSet, HashMap};

use tokio::time::Instant;

use crate::engine::{Begin, Begun, Digest, End, Frame, How, KEPT, Token, Told};

/// A member's inbox.
pub(super) type Inbox = usize;

/// A message to an inbox.
pub(super) type Message = (Inbox, Digest, Token, Told);

#[derive(Debug, Default)]
pub(super) struct World {
    leases: HashMap<Digest, Until<(Token, Inbox)>>,
    waiters: HashMap<Token, Until<BTreeSet<Inbox>>>,
    frames: HashMap<Token, Until<Frame>>,
    dead: HashMap<Token, Until<()>>,
}

#[derive(Debug)]
struct Until<T> {
    what: T,
    until: Instant,
}

impl World {
    pub(super) fn begin(
        &mut self,
        begin: &Begin,
        inbox: Inbox,
        messages: &mut Vec<Message>,
    ) -> Begun {
        let now = Instant::now();
        self.sweep(now);
        let Begin {
            key,
            token,
            awaited,
            ..
        } = *begin;
        let until = now + begin.lease;
        if let Some(frame) = awaited.and_then(|awaited| self.frames.get(&awaited)) {
            return Begun::Landed(Some(Frame::clone(&frame.what)));
        }
        if self.dead.contains_key(&token) {
            return Begun::Dead;
        }
        let held = self
            .leases
            .get(&key)
            .map(|lease| (lease.what.0, lease.until));
        if held.is_some_and(|(current, _)| current == token) {
            return Begun::Lead;
        }
        let lost = awaited.filter(|awaited| held.is_none_or(|(current, _)| current != *awaited));
        if begin.fresh {
            self.displace(key, messages);
        } else if let Some((token, until)) = lost.and_then(|lost| self.waits_for(lost, inbox)) {
            let left = Some(until - now);
            return Begun::Join {
                token,
                left,
                displaced: true,
            };
        } else if let Some((token, until)) = held {
            let what = BTreeSet::new();
            let waiters = self.waiters.entry(token).or_insert(Until { what, until });
            waiters.what.insert(inbox);
            waiters.until = until;
            let left = Some(until - now);
            return Begun::Join {
                token,
                left,
                displaced: false,
            };
        }
        let what = (token, inbox);
        self.leases.insert(key, Until { what, until });
        Begun::Lead
    }

    pub(super) fn end(&mut self, end: &End, messages: &mut Vec<Message>) -> usize {
        let now = Instant::now();
        self.sweep(now);
        let End { key, token, .. } = *end;
        if self.is_held(key, token) {
            self.leases.remove(&key);
        }
        if end.unsure {
            let until = now + end.lease;
            self.dead.insert(token, Until { what: (), until });
        }
        let told = match &end.how {
            How::Ask => {
                return self
                    .waiters
                    .get(&token)
                    .map_or(0, |waiters| waiters.what.len());
            }
            How::Value(frame) => Told::Value(Frame::clone(frame)),
            How::Nothing => Told::Nothing,
            How::Abandoned => Told::Abandoned,
        };
        let Some(waiters) = self.waiters.remove(&token) else {
            return 0;
        };
        if let Told::Value(what) = &told {
            let (what, until) = (Frame::clone(what), now + KEPT);
            self.frames.insert(token, Until { what, until });
        }
        messages.extend(
            waiters
                .what
                .iter()
                .map(|inbox| (*inbox, key, token, told.clone())),
        );
        waiters.what.len()
    }

    pub(super) fn fetch(&mut self, token: Token) -> Option<Frame> {
        self.sweep(Instant::now());
        self.frames
            .get(&token)
            .map(|frame| Frame::clone(&frame.what))
    }

    pub(super) fn renew(&mut self, key: Digest, token: Token, lease: std::time::Duration) -> bool {
        let now = Instant::now();
        self.sweep(now);
        if let Some(waiters) = self.waiters.get_mut(&token) {
            waiters.until = now + lease;
        }
        let mine = self.is_held(key, token);
        if let Some(lease_of) = self.leases.get_mut(&key).filter(|_| mine) {
            lease_of.until = now + lease;
        }
        mine
    }

    pub(super) fn forget(&mut self, key: Digest, messages: &mut Vec<Message>) {
        self.sweep(Instant::now());
        self.displace(key, messages);
    }

    /// All leases run out, and the waiters of their tokens.
    pub(super) fn expire(&mut self) {
        for (token, _) in self.leases.drain().map(|(_, lease)| lease.what) {
            self.waiters.remove(&token);
        }
    }

    /// How much it remembers.
    pub(super) fn len(&mut self) -> usize {
        self.sweep(Instant::now());
        self.leases.len() + self.waiters.len() + self.frames.len() + self.dead.len()
    }

    /// This flight, which has lost the lease, and until when it lives, if the inbox still waits for it.
    fn waits_for(&self, token: Token, inbox: Inbox) -> Option<(Token, Instant)> {
        let waiters = self.waiters.get(&token)?;
        waiters
            .what
            .contains(&inbox)
            .then_some((token, waiters.until))
    }

    fn is_held(&self, key: Digest, token: Token) -> bool {
        self.leases
            .get(&key)
            .is_some_and(|lease| lease.what.0 == token)
    }

    fn displace(&mut self, key: Digest, messages: &mut Vec<Message>) {
        let Some(lease) = self.leases.remove(&key) else {
            return;
        };
        let (token, leader) = lease.what;
        let waiters = self
            .waiters
            .get(&token)
            .into_iter()
            .flat_map(|waiters| &waiters.what);
        messages.extend(
            waiters
                .chain([&leader])
                .map(|inbox| (*inbox, key, token, Told::Displaced)),
        );
    }

    fn sweep(&mut self, now: Instant) {
        self.leases.retain(|_, it| it.until > now);
        self.waiters.retain(|_, it| it.until > now);
        self.frames.retain(|_, it| it.until > now);
        self.dead.retain(|_, it| it.until > now);
    }
}
