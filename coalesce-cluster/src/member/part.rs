//! A local flight's part in a cluster flight, held by its leader, and by its successors.

use std::{
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use super::{
    Command, Link,
    answer::{Answer, Said},
    displaced::Displaced,
};
use crate::engine::{Digest, How};

/// What a leader asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) key: Digest,
    pub(crate) function: &'static str,
    /// After this a body's lease is not renewed any more.
    pub(crate) max_hold: Duration,
}

/// The same, and whom.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) link: Arc<Link>,
    pub(crate) asked: Asked,
}

impl Question {
    /// Whether the member would ask it now.
    pub(crate) fn may_be_asked(&self) -> bool {
        self.link.shared.may_ask(self.asked.key)
    }
}

/// A question that was asked. Dropped, it is given up, and so is a lease.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) question: Question,
    id: u64,
    answer: Arc<Answer>,
    over: bool,
}

impl Part {
    /// Asks for a local flight with this mark; `fresh`: not to join.
    pub(crate) fn ask(question: Question, fresh: bool, displaced: Displaced) -> Self {
        let id = question.link.parts.fetch_add(1, Ordering::Relaxed);
        let answer = Arc::new(Answer::new(displaced));
        question.link.send(Command::Begin {
            part: id,
            asked: question.asked,
            fresh,
            answer: Arc::clone(&answer),
        });
        // A member that has ended drops what comes too late, and says nothing any more.
        if question.link.commands.is_closed() {
            answer.say(Said::Run(None));
        }
        Self {
            question,
            id,
            answer,
            over: false,
        }
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Said> {
        let said = self.answer.poll(cx);
        // The member has no part of this any more.
        if matches!(
            said,
            Poll::Ready(Said::Run(None) | Said::Given(..) | Said::Again)
        ) {
            self.over = true;
        }
        said
    }

    /// The body has ended.
    pub(crate) fn end(mut self, how: How) {
        self.over = true;
        self.question.link.send(Command::End { part: self.id, how });
    }

    /// The leader goes without an answer, and somebody may come after it.
    pub(crate) fn leave(&self) {
        if !self.answer.leave() {
            self.question.link.send(Command::Abandon { part: self.id });
        }
    }

    /// Somebody has come.
    pub(crate) fn attend(&self) {
        self.answer.attend();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.over {
            self.question.link.send(Command::Abandon { part: self.id });
        }
    }
}
