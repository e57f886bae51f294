//! The table of what waits and what leads: by part, by key for messages, by token for answers, by time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio::time::Instant;

use super::{answer::Answer, part::Asked};
use crate::engine::{Digest, Token, Told};

/// A local flight's part in a cluster flight.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) asked: Asked,
    pub(super) answer: Arc<Answer>,
    pub(super) fresh: bool,
    pub(super) state: State,
    /// The `begin` that is out.
    pub(super) asking: Option<Asking>,
    /// Since when no newcomer joins the local flight.
    pub(super) displaced: Option<Instant>,
    /// How many leases have run out while it waited.
    pub(super) run_out: u32,
    /// When to look at it next.
    due: Option<Instant>,
}

/// A `begin` that was not answered.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) token: Token,
    pub(super) since: Instant,
    /// What came meanwhile, which may be about the flight that the answer names.
    pub(super) kept: Vec<(Token, Told)>,
}

#[derive(Debug)]
pub(super) enum State {
    /// Neither leads nor waits yet.
    Beginning,
    Waiting(Wait),
    Leading {
        token: Token,
        since: Instant,
    },
}

#[derive(Debug)]
pub(super) struct Wait {
    pub(super) awaited: Token,
    /// It had not ended at this time.
    pub(super) confirmed: Instant,
    /// When to ask again.
    pub(super) recheck: Instant,
    /// How often that was.
    pub(super) rechecks: u32,
    /// Until when its frame may take to be fetched.
    pub(super) fetching: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Parts {
    // In order, so that who came first asks first after a reconnection.
    entries: BTreeMap<u64, Entry>,
    keys: HashMap<Digest, Vec<u64>>,
    tokens: HashMap<Token, u64>,
    times: BTreeSet<(Instant, u64)>,
}

impl Parts {
    pub(super) fn insert(&mut self, part: u64, asked: Asked, fresh: bool, answer: Arc<Answer>) {
        self.keys.entry(asked.key).or_default().push(part);
        let entry = Entry {
            asked,
            answer,
            fresh,
            state: State::Beginning,
            asking: None,
            displaced: None,
            run_out: 0,
            due: None,
        };
        self.entries.insert(part, entry);
    }

    pub(super) fn get(&mut self, part: u64) -> Option<&mut Entry> {
        self.entries.get_mut(&part)
    }

    pub(super) fn remove(&mut self, part: u64) -> Option<Entry> {
        let entry = self.entries.remove(&part)?;
        if let Some(asking) = &entry.asking {
            self.tokens.remove(&asking.token);
        }
        if let State::Leading { token, .. } = entry.state {
            self.tokens.remove(&token);
        }
        if let Some(due) = entry.due {
            self.times.remove(&(due, part));
        }
        if let Some(parts) = self.keys.get_mut(&entry.asked.key) {
            parts.retain(|other| *other != part);
            if parts.is_empty() {
                self.keys.remove(&entry.asked.key);
            }
        }
        Some(entry)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All, in the order in which they came.
    pub(super) fn all(&self) -> Vec<u64> {
        self.entries.keys().copied().collect()
    }

    pub(super) fn of_key(&self, key: Digest) -> Vec<u64> {
        self.keys.get(&key).cloned().unwrap_or_default()
    }

    /// The part that begins, or leads, with this token.
    pub(super) fn of_token(&self, token: Token) -> Option<u64> {
        self.tokens.get(&token).copied()
    }

    /// The parts that wait for this flight's frame to be fetched.
    pub(super) fn fetching(&self, token: Token) -> Vec<u64> {
        let fetches = |entry: &Entry| matches!(&entry.state, State::Waiting(wait) if wait.awaited == token && wait.fetching.is_some());
        self.entries
            .iter()
            .filter(|(_, entry)| fetches(entry))
            .map(|(part, _)| *part)
            .collect()
    }

    /// The leases whose leaders have come for them, and may hold them longer.
    pub(super) fn leases(&self, now: Instant) -> Vec<(Digest, Token)> {
        let held = |entry: &Entry| match entry.state {
            State::Leading { token, since }
                if now - since < entry.asked.max_hold && entry.answer.is_taken() =>
            {
                Some((entry.asked.key, token))
            }
            _ => None,
        };
        self.entries.values().filter_map(held).collect()
    }

    /// A `begin` is out.
    pub(super) fn asks(&mut self, part: u64, token: Token, since: Instant) {
        if let Some(entry) = self.entries.get_mut(&part) {
            self.tokens.insert(token, part);
            let kept = Vec::new();
            let old = entry.asking.replace(Asking { token, since, kept });
            if let Some(old) = old {
                self.tokens.remove(&old.token);
            }
        }
    }

    /// It was answered, or is given up.
    pub(super) fn answered(&mut self, part: u64) -> Option<Asking> {
        let asking = self.entries.get_mut(&part)?.asking.take()?;
        self.tokens.remove(&asking.token);
        Some(asking)
    }

    pub(super) fn leads(&mut self, part: u64, token: Token, since: Instant) {
        if let Some(entry) = self.entries.get_mut(&part) {
            entry.state = State::Leading { token, since };
            self.tokens.insert(token, part);
        }
    }

    /// When to look at this part.
    pub(super) fn wake_at(&mut self, part: u64, due: Option<Instant>) {
        if let Some(entry) = self.entries.get_mut(&part) {
            if let Some(old) = std::mem::replace(&mut entry.due, due) {
                self.times.remove(&(old, part));
            }
            if let Some(due) = due {
                self.times.insert((due, part));
            }
        }
    }

    /// When to look at the first.
    pub(super) fn next(&self) -> Option<Instant> {
        self.times.first().map(|(due, _)| *due)
    }

    /// A part to look at now.
    pub(super) fn due(&mut self, now: Instant) -> Option<u64> {
        let (due, part) = *self.times.first()?;
        (due <= now).then(|| {
            self.wake_at(part, None);
            part
        })
    }
}
