//! Other servers, that say what a test has them say.

use coalesced::__private::across::{Across, Brief, Elsewhere, Ended, Lead, Verdict};
use std::{
    any::Any,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};

/// What is told to the other servers, in order, and what they say.
#[derive(Debug, Default)]
pub(super) struct World {
    told: Mutex<Vec<String>>,
    answer: Mutex<Option<Answer>>,
    asks: Mutex<Vec<Waker>>,
    pub(super) out_of_sight: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Run,
    Given(u64),
    Panic,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Servers(pub(super) Arc<World>);

impl Servers {
    pub(super) fn tell(&self, what: impl Into<String>) {
        self.0.told.lock().unwrap().push(what.into());
    }

    /// What was told since this was asked last.
    pub(super) fn told(&self) -> String {
        mem::take(&mut *self.0.told.lock().unwrap()).join(", ")
    }

    pub(super) fn answer(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = Some(answer);
        let asks = mem::take(&mut *self.0.asks.lock().unwrap());
        asks.into_iter().for_each(Waker::wake);
    }

    pub(super) fn silent(&self) {
        *self.0.answer.lock().unwrap() = None;
    }
}

impl<V: From<u64> + std::fmt::Debug> Across<V> for Servers {
    type Lead = Asking;

    fn lead(&self, group: &'static str, _: &'static str, _: &'static str) -> Asking {
        assert_eq!(group, "served");
        Asking {
            servers: self.clone(),
            is_told: false,
        }
    }
}

pub(super) struct Asking {
    servers: Servers,
    is_told: bool,
}

impl<V: From<u64> + std::fmt::Debug> Lead<V> for Asking {
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        self.is_told = true;
        let kept: Arc<Kept> = Arc::clone(of).into_any().downcast().unwrap();
        self.servers.tell(format!("succeed {}", kept.what));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>> {
        assert!(self.is_told, "who leads was told of what");
        let answer = *self.servers.0.answer.lock().unwrap();
        match answer {
            Some(Answer::Run) => Poll::Ready(Verdict::Run),
            Some(Answer::Given(value)) => {
                self.is_told = false;
                Poll::Ready(Verdict::Given(value.into()))
            }
            Some(Answer::Panic) => std::panic::resume_unwind(Box::new("the servers")),
            None => {
                self.servers.0.asks.lock().unwrap().push(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn hurry(&mut self) {
        self.servers.tell("hurry");
    }

    fn end(&mut self, ended: Ended<'_, V>) {
        // Told of each body of a caller, also of those that share with nobody.
        if mem::take(&mut self.is_told) {
            self.servers.tell(match ended {
                Ended::Value(value) => format!("end {value:?}"),
                Ended::Nothing => "end".into(),
            });
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.is_told {
            self.servers.tell("give up");
        }
    }
}

impl<Q> Brief<Q> for Asking {
    fn brief(&mut self, _: &Q, is_fresh: bool) -> Arc<dyn Elsewhere> {
        self.is_told = true;
        let what = if is_fresh { "fresh" } else { "new" };
        self.servers.tell(format!("lead {what}"));
        Arc::new(Kept {
            servers: self.servers.clone(),
            what: "the same",
        })
    }

    fn forget(&mut self, _: &Q) {
        self.servers.tell("forget");
    }
}

#[derive(Debug)]
pub(super) struct Kept {
    servers: Servers,
    what: &'static str,
}

impl Elsewhere for Kept {
    fn may_be_joined(&self) -> bool {
        !self.servers.0.out_of_sight.load(SeqCst)
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        Arc::new(Self {
            servers: self.servers.clone(),
            what: "a newer one",
        })
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
