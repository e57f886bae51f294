//! One caller's part in a flight across servers: the runtime's seam, on a member.
//!
//! 1. *Here*: nobody is asked. The cluster is not connected, or away; the key can't be shared; or the cluster
//!    has said so. The body runs, and its end interests nobody.
//! 2. *Briefed*: the caller leads a local flight, and has not been polled. The first poll asks.
//! 3. *Asking*: the member answers: here; or leading; or a frame, which is decoded by the caller, and if it can't
//!    be, the body runs here.
//! 4. *Leading*: the body runs under a lease; its end is encoded, and queued, before the local flight lands.
//!
//! What is asked is kept with the flight ([`Kept`]), since whoever leads it after this caller has no key any more. A
//! caller that goes leaves there, if it was asking, its question, so that its successor goes on waiting and learns
//! what came meanwhile. A lease is given back, and its successor asks behind that. A flight that nobody leads any more
//! drops what was left with itself, and so what was asked is given up.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use coalesce_runtime::{
    Key,
    private::{
        Owning,
        across::{self, Elsewhere, Ended, Verdict},
    },
};

use super::{
    crossing::Crossing,
    function::Function,
    kept::{Kept, Left},
};
use crate::{
    engine::{Frame, How, Token},
    frame::{Codec, Keyed, Unshared},
    member::{Asked, Part, Question, Said},
    warn,
};

/// One caller's part in a flight across servers.
pub struct Lead<'c, V, C: Codec<V>> {
    crossing: Crossing<'c, C>,
    function: Function,
    phase: Phase,
    /// Of the flight that it leads.
    kept: Option<Arc<Kept>>,
    values: PhantomData<fn(V) -> V>,
}

#[derive(Debug)]
enum Phase {
    Here,
    Briefed { fresh: bool },
    Asking(Part),
    Leading(Part, Token),
}

impl<'c, V, C: Codec<V>> Lead<'c, V, C> {
    pub(crate) fn new(crossing: Crossing<'c, C>, function: Function) -> Self {
        Self {
            crossing,
            function,
            phase: Phase::Here,
            kept: None,
            values: PhantomData,
        }
    }

    /// It leads the flight that keeps this.
    fn keep(&mut self, kept: Arc<Kept>) {
        let asked = kept.question.as_ref();
        self.phase = match kept.take() {
            Left::Asked(part) => {
                part.attend();
                Phase::Asking(part)
            }
            Left::Ask { fresh } if asked.is_some_and(Question::may_be_asked) => {
                Phase::Briefed { fresh }
            }
            Left::Ask { .. } => Phase::Here,
        };
        self.kept = Some(kept);
    }

    fn ask(&mut self, fresh: bool) {
        let Some(kept) = &self.kept else { return };
        if let Some(question) = kept.question.clone() {
            self.phase = Phase::Asking(Part::ask(question, fresh, kept.displaced.clone()));
        }
    }

    /// The value in a frame, if it is one.
    fn open(question: &Question, token: Token, frame: &Frame) -> Option<V> {
        let (shared, asked) = (&question.link.shared, question.asked);
        let key = asked.key;
        let value = shared.digests.open(key, token, frame).and_then(C::decode);
        if value.is_some() {
            shared.tally.elsewhere();
        } else {
            shared.tally.unshared(asked.function);
            shared.shun(key);
        }
        value
    }
}

impl<V, C: Codec<V>> across::Lead<V> for Lead<'_, V, C> {
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        if let Ok(kept) = Arc::clone(of).into_any().downcast() {
            self.keep(kept);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>> {
        loop {
            match mem::replace(&mut self.phase, Phase::Here) {
                Phase::Briefed { fresh } => self.ask(fresh),
                Phase::Asking(mut part) => match part.poll(cx) {
                    Poll::Pending => {
                        self.phase = Phase::Asking(part);
                        return Poll::Pending;
                    }
                    Poll::Ready(Said::Again) => self.ask(false),
                    Poll::Ready(Said::Run(None)) => {}
                    Poll::Ready(Said::Run(Some(token))) => {
                        warn::token(token);
                        self.phase = Phase::Leading(part, token);
                    }
                    Poll::Ready(Said::Given(token, frame)) => {
                        warn::token(token);
                        if let Some(value) = Self::open(&part.question, token, &frame) {
                            return Poll::Ready(Verdict::Given(value));
                        }
                    }
                },
                run => {
                    self.phase = run;
                    return Poll::Ready(Verdict::Run);
                }
            }
        }
    }

    /// A flight that was displaced has a newer one, which it joins.
    fn hurry(&mut self) {
        let phase = mem::replace(&mut self.phase, Phase::Here);
        let Phase::Asking(part) = phase else {
            self.phase = phase;
            return;
        };
        drop(part);
        let is_displaced = self
            .kept
            .as_ref()
            .is_some_and(|kept| kept.displaced.is_set());
        self.ask(!is_displaced);
    }

    fn end(&mut self, ended: Ended<'_, V>) {
        self.kept = None;
        let Phase::Leading(part, token) = mem::replace(&mut self.phase, Phase::Here) else {
            return;
        };
        let Ended::Value(value) = ended else {
            return part.end(How::Nothing);
        };
        let shared = Arc::clone(&part.question.link.shared);
        let Asked { key, function, .. } = part.question.asked;
        part.end(match C::encode(value, shared.settings.max_payload) {
            Ok(frame) => How::Value(shared.digests.seal(key, token, frame).into()),
            Err(why) => {
                shared.tally.unshared(function);
                if why != Unshared::Own {
                    shared.shun(key);
                }
                How::Nothing
            }
        });
    }
}

impl<V, C, Q> across::Brief<Q> for Lead<'_, V, C>
where
    C: Codec<V>,
    Q: Owning<Owned: Keyed> + Key<<Q as Owning>::Owned>,
{
    fn brief(&mut self, key: &Q, fresh: bool) -> Arc<dyn Elsewhere> {
        let question = self.crossing.question::<V, _>(self.function, &key.to_key());
        let kept = Kept::new(question, fresh);
        self.keep(Arc::clone(&kept));
        kept
    }

    fn forget(&mut self, key: &Q) {
        let instance = self.function.instance();
        self.crossing.forget_of::<V, _>(instance, &key.to_key());
    }
}

/// It goes, and leaves what it has to the next one, if there will be one.
impl<V, C: Codec<V>> Drop for Lead<'_, V, C> {
    fn drop(&mut self) {
        let Some(kept) = self.kept.take() else {
            return;
        };
        kept.leave(match mem::replace(&mut self.phase, Phase::Here) {
            Phase::Asking(part) => {
                part.leave();
                Left::Asked(part)
            }
            Phase::Briefed { fresh } => Left::Ask { fresh },
            // Dropped, it gives the lease back.
            Phase::Leading(..) | Phase::Here => Left::Ask { fresh: false },
        });
    }
}

impl<V, C: Codec<V>> fmt::Debug for Lead<'_, V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead")
            .field("function", &self.function)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
