//! Flights that go across to other servers: of a flight, one caller at a time asks.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};

use coalesce_runtime::{
    Group,
    private::across::{Across, Brief, Elsewhere, Ended, Lead, Verdict},
};
use loom::thread;

use crate::{body::Bodies, caller::Caller, scene::model};

/// How many ask, and how many did at one time.
#[derive(Debug, Clone, Default)]
struct Servers(Arc<[AtomicUsize; 2]>);

impl Across<Arc<usize>> for Servers {
    type Lead = Asking;

    fn lead(&self, _: &'static str, _: &'static str, _: &'static str) -> Asking {
        Asking {
            servers: self.clone(),
            is_told: false,
            polls: 1,
        }
    }
}

struct Asking {
    servers: Servers,
    is_told: bool,
    polls: usize,
}

impl Asking {
    fn begin(&mut self) {
        assert!(!std::mem::replace(&mut self.is_told, true), "told once");
        let [asking, most] = &*self.servers.0;
        most.fetch_max(asking.fetch_add(1, SeqCst) + 1, SeqCst);
    }
}

impl Lead<Arc<usize>> for Asking {
    fn succeed(&mut self, _: &Arc<dyn Elsewhere>) {
        self.begin();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<Arc<usize>>> {
        assert!(self.is_told);
        if self.polls == 0 {
            return Poll::Ready(Verdict::Run);
        }
        self.polls -= 1;
        cx.waker().wake_by_ref();
        thread::yield_now();
        Poll::Pending
    }

    fn hurry(&mut self) {}

    fn end(&mut self, _: Ended<'_, Arc<usize>>) {
        assert!(std::mem::take(&mut self.is_told), "it asked");
        self.servers.0[0].fetch_sub(1, SeqCst);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.is_told {
            self.servers.0[0].fetch_sub(1, SeqCst);
        }
    }
}

impl<Q> Brief<Q> for Asking {
    fn brief(&mut self, _: &Q, is_fresh: bool) -> Arc<dyn Elsewhere> {
        assert!(!is_fresh, "there was no other flight");
        self.begin();
        Arc::new(Kept)
    }

    fn forget(&mut self, _: &Q) {}
}

#[derive(Debug)]
struct Kept;

impl Elsewhere for Kept {
    fn may_be_joined(&self) -> bool {
        true
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        Arc::new(Self)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

#[test]
fn who_asks_is_dropped_while_a_newcomer_comes() {
    model("across", || {
        let servers = Servers::default();
        let group = Group::<u64, Arc<usize>>::new().named("served");
        let group = Arc::new(group.across(servers.clone()));
        drop(group.call(7, std::future::pending()));
        let bodies = Bodies::default();
        let call = |value: usize| {
            let (group, body) = (Arc::clone(&group), bodies.body(0, move || Arc::new(value)));
            Caller::new(async move { *group.call(7, body).await })
        };
        let leader = call(1).begin();
        let follower = call(2).begin();
        let newcomer = call(3);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || newcomer.wait());
        drop(leader);
        assert!(follower.join().unwrap() > 1);
        assert!(newcomer.join().unwrap() > 1);
        let stats = group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(stats.bodies(), bodies.started() as u64, "{stats}");
        let [asking, most] = &*servers.0;
        assert_eq!((asking.load(SeqCst), most.load(SeqCst)), (0, 1));
    });
}
