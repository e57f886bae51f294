//! One caller's part in a cluster flight.
//!
//! 1. *Here*: nobody is asked. The cluster is not connected, or away; the key can't be shared; or the cluster
//!    has said so. The body runs, and its end interests nobody.
//! 2. *Briefed*: the caller leads a local flight, and has not been polled. The first poll asks.
//! 3. *Asking*: the member answers: here; or leading; or a frame, which is decoded by the caller, and if it can't
//!    be, the body runs here.
//! 4. *Leading*: the body runs under a lease; its end is encoded, and queued, before the local flight lands.
//!
//! A caller that goes leaves a note: the question, and if it was asking, that it was asked, so that its successor
//! goes on waiting and learns what came meanwhile. A lease is given back, and its successor asks behind that.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use super::crossing::Crossing;
use crate::{
    engine::{How, Token},
    frame::{Codec, Keyed, Unshared},
    member::{Part, Question, Said},
    seam::{self, Brief, Displace, Ended, Note, Verdict},
};

/// One caller's part in a cluster flight.
pub struct Lead<'c, V, C> {
    crossing: Crossing<'c, C>,
    function: &'static str,
    phase: Phase,
    displace: Option<Displace>,
    values: PhantomData<fn(V) -> V>,
}

#[derive(Debug)]
enum Phase {
    Here(Option<Question>),
    Briefed(Question, bool),
    Asking(Part),
    Leading(Part, Token),
}

/// What a note says.
enum Left {
    /// To be asked.
    Question(Question),
    /// Asked, and not answered.
    Part(Part),
}

impl<'c, V, C: Codec<V>> Lead<'c, V, C> {
    pub(crate) fn new(crossing: Crossing<'c, C>, function: &'static str) -> Self {
        Self {
            crossing,
            function,
            phase: Phase::Here(None),
            displace: None,
            values: PhantomData,
        }
    }

    /// What it is to ask, or asked.
    pub(crate) fn question(&self) -> Option<Question> {
        match &self.phase {
            Phase::Here(question) => question.clone(),
            Phase::Briefed(question, _) => Some(question.clone()),
            Phase::Asking(part) | Phase::Leading(part, _) => Some(part.question.clone()),
        }
    }

    /// Asks this, which another caller of the same key knew.
    pub(crate) fn resume(&mut self, question: Option<Question>, fresh: bool) {
        self.phase = match question {
            Some(question) if question.link.shared.may_ask(question.asked.key) => {
                Phase::Briefed(question, fresh)
            }
            question => Phase::Here(question),
        };
    }

    fn ask(&mut self, question: Question, fresh: bool) {
        self.phase = Phase::Asking(Part::ask(question, fresh, self.displace.clone()));
    }
}

impl<V, C: Codec<V>> seam::Lead<V> for Lead<'_, V, C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>> {
        loop {
            match mem::replace(&mut self.phase, Phase::Here(None)) {
                Phase::Briefed(question, fresh) => self.ask(question, fresh),
                Phase::Asking(mut part) => {
                    let said = match part.poll(cx) {
                        Poll::Ready(said) => said,
                        Poll::Pending => {
                            self.phase = Phase::Asking(part);
                            return Poll::Pending;
                        }
                    };
                    let question = part.question.clone();
                    match said {
                        Said::Run(Some(token)) => {
                            self.phase = Phase::Leading(part, token);
                            return Poll::Ready(Verdict::Run);
                        }
                        Said::Run(None) => {
                            self.phase = Phase::Here(Some(question));
                            return Poll::Ready(Verdict::Run);
                        }
                        Said::Again => self.ask(question, false),
                        Said::Given(token, frame) => {
                            let shared = &question.link.shared;
                            let key = question.asked.key;
                            if let Some(value) =
                                shared.digests.open(key, token, &frame).and_then(C::decode)
                            {
                                shared.tally.elsewhere.add_one();
                                return Poll::Ready(Verdict::Given(value));
                            }
                            shared.tally.unshared.add_one();
                            shared.shun(key);
                            self.phase = Phase::Here(Some(question));
                            return Poll::Ready(Verdict::Run);
                        }
                    }
                }
                phase => {
                    self.phase = phase;
                    return Poll::Ready(Verdict::Run);
                }
            }
        }
    }

    fn end(&mut self, ended: Ended<'_, V>) {
        let phase = mem::replace(&mut self.phase, Phase::Here(None));
        let Phase::Leading(part, token) = phase else {
            return;
        };
        let Ended::Value(value) = ended else {
            return part.end(How::Nothing);
        };
        let shared = Arc::clone(&part.question.link.shared);
        let key = part.question.asked.key;
        part.end(match C::encode(value, shared.settings.max_payload) {
            Ok(frame) => How::Value(shared.digests.seal(key, token, frame).into()),
            Err(why) => {
                shared.tally.unshared.add_one();
                if why != Unshared::Own {
                    shared.shun(key);
                }
                How::Nothing
            }
        });
    }

    fn abandon(&mut self) -> Option<Note> {
        let left = match mem::replace(&mut self.phase, Phase::Here(None)) {
            Phase::Here(question) => Left::Question(question?),
            Phase::Briefed(question, _) => Left::Question(question),
            Phase::Asking(part) => {
                part.leave();
                Left::Part(part)
            }
            Phase::Leading(part, _) => Left::Question(part.question.clone()),
        };
        Some(Note::new(left))
    }

    fn succeed(&mut self, note: Option<Note>) {
        match note.and_then(Note::into) {
            Some(Left::Part(part)) => {
                part.attend();
                self.phase = Phase::Asking(part);
            }
            Some(Left::Question(question)) if question.link.shared.may_ask(question.asked.key) => {
                self.phase = Phase::Briefed(question, false);
            }
            Some(Left::Question(question)) => self.phase = Phase::Here(Some(question)),
            None => {}
        }
    }

    fn local(&mut self, displace: Displace) {
        if let Phase::Asking(part) | Phase::Leading(part, _) = &self.phase {
            part.local(displace.clone());
        }
        self.displace = Some(displace);
    }
}

impl<V, C: Codec<V>, Q: Keyed> Brief<Q> for Lead<'_, V, C> {
    fn brief(&mut self, key: &Q, fresh: bool) {
        self.phase = match self.crossing.question::<V, Q>(self.function, key) {
            Some(question) => Phase::Briefed(question, fresh),
            None => Phase::Here(None),
        };
    }
}

impl<V, C> fmt::Debug for Lead<'_, V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead")
            .field("function", &self.function)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
