//! Annotated functions and groups of two processes that go across.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use coalesce_cluster::{Away, Cluster, Functions, OnlyOk, Whole};
use coalesced::{CloneError, Group, Registry, coalesce, forget, is_forgotten};
use tokio::{sync::Notify, task::JoinSet};

use crate::support::{Process, settle, two};

#[derive(Default)]
struct Database {
    queries: AtomicUsize,
    answers: Notify,
}

impl Database {
    async fn query(&self) -> usize {
        let number = self.queries.fetch_add(1, SeqCst) + 1;
        self.answers.notified().await;
        number
    }

    fn queries(&self) -> usize {
        self.queries.load(SeqCst)
    }
}

#[derive(Debug, PartialEq)]
struct Down(usize);

impl CloneError for Down {
    fn clone_error(&self) -> Self {
        Self(self.0)
    }
}

/// A service of one process.
#[derive(Clone)]
struct Shop {
    database: Arc<Database>,
    calls: Registry<Functions<'static>>,
    failing: Registry<Functions<'static, OnlyOk<Whole>>>,
}

impl Shop {
    fn of(process: Process, database: &Arc<Database>) -> Self {
        Self {
            database: Arc::clone(database),
            calls: Registry::new().across(process.cluster.functions()),
            failing: Registry::new().across(process.cluster.functions().only_ok()),
        }
    }

    #[coalesce(registry = self.calls, name = "price")]
    async fn price(&self, name: &str, page: Option<u32>) -> usize {
        let _ = (name, page);
        self.database.query().await
    }

    #[coalesce(registry = self.failing, name = "order")]
    async fn order(&self, id: u64) -> Result<usize, Down> {
        let number = self.database.query().await;
        if id == 0 {
            return Err(Down(number));
        }
        Ok(number)
    }
}

async fn shops() -> (Arc<Database>, Shop, Shop) {
    let (_, one, other) = two().await;
    let database = Arc::default();
    let shops = [one, other].map(|process| Shop::of(process, &database));
    let [one, other] = shops;
    (database, one, other)
}

#[tokio::test(start_paused = true)]
async fn callers_of_all_processes_share_one_body() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &other] {
        for _ in 0..3 {
            let shop = shop.clone();
            calls.spawn(async move { shop.price("tea", Some(1)).await });
        }
        settle().await;
    }
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    assert_eq!(calls.join_all().await, [1; 6]);
    let stats = other.calls.stats();
    assert_eq!((stats.elsewhere, stats.bodies()), (1, 0), "{stats}");
    let mut call = tokio_test::task::spawn(other.price("tea", Some(2)));
    assert!(call.poll().is_pending());
    settle().await;
    assert!(call.poll().is_pending());
    assert_eq!(database.queries(), 2, "another key");
}

#[tokio::test(start_paused = true)]
async fn an_error_that_does_not_cross_lets_each_process_run_its_own() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.order(0).await });
        settle().await;
    }
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    settle().await;
    assert_eq!(database.queries(), 2, "once it is told");
    database.answers.notify_waiters();
    let mut failed = calls.join_all().await;
    failed.sort_by_key(|error| error.as_ref().map_err(|down| down.0).err());
    assert_eq!(failed, [Err(Down(1)), Err(Down(1)), Err(Down(2))]);
}

/// The other process's caller leaves, and its follower goes on waiting, for the same body.
#[tokio::test(start_paused = true)]
async fn a_follower_takes_over_the_waiting() {
    let (database, one, other) = shops().await;
    let leads = tokio::spawn({
        let one = one.clone();
        async move { one.price("tea", None).await }
    });
    settle().await;
    let mut waits = tokio_test::task::spawn(other.price("tea", None));
    let mut follows = tokio_test::task::spawn(other.price("tea", None));
    assert!(waits.poll().is_pending());
    assert!(follows.poll().is_pending());
    settle().await;
    drop(waits);
    assert!(follows.poll().is_pending());
    settle().await;
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    assert_eq!(leads.await.unwrap(), 1);
    settle().await;
    assert_eq!(tokio_test::assert_ready!(follows.poll()), 1);
    assert_eq!(other.calls.stats().bodies(), 0, "{}", other.calls.stats());
}

/// After a write the next call runs anew, in all processes.
#[tokio::test(start_paused = true)]
async fn what_is_forgotten_in_one_process_is_forgotten_in_all() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.price("tea", None).await });
        settle().await;
    }
    assert!(forget(other.price("tea", None)).await);
    settle().await;
    for shop in [&one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.price("tea", None).await });
        settle().await;
    }
    assert_eq!(database.queries(), 2);
    database.answers.notify_waiters();
    let mut numbers = calls.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_forgotten_everywhere_by_its_name() {
    #[coalesce(cluster = member, name = "stock", key = id)]
    async fn stock(member: &'static Cluster, database: &Database, id: u64) -> usize {
        let _ = member;
        database.query().await
    }

    let (_, one, other) = two().await;
    let database = &Database::default();
    let begin = async || {
        let mut calls = [one, other].map(|it| Box::pin(stock(it.cluster, database, 7)));
        for call in &mut calls {
            for _ in 0..2 {
                assert!(futures::poll!(&mut *call).is_pending());
                settle().await;
            }
        }
        calls
    };
    let before = begin().await;
    let stock = other.cluster.across("stock");
    stock.forget_everywhere::<usize, _>(&7_u64).await.unwrap();
    let after = begin().await;
    assert_eq!(database.queries(), 2);
    database.answers.notify_waiters();
    assert_eq!(futures::future::join_all(before).await, [1, 1]);
    assert_eq!(futures::future::join_all(after).await, [2, 2]);
}

/// Which values cross is seen by the compiler: a whole `Result`, or its `Ok`.
#[tokio::test(start_paused = true)]
async fn functions_name_a_cluster() {
    #[coalesce(cluster = member, name = "stock", key = id)]
    async fn stock(
        member: &'static Cluster,
        database: &Database,
        id: u64,
    ) -> Result<usize, String> {
        let _ = member;
        match database.query().await {
            number if id == 0 => Err(format!("query {number} failed")),
            number => Ok(number),
        }
    }

    #[coalesce(cluster = member, name = "taken", key = id)]
    async fn taken(member: &'static Cluster, database: &Database, id: u64) -> Result<usize, Down> {
        let _ = member;
        match database.query().await {
            number if id == 0 => Err(Down(number)),
            number => Ok(number),
        }
    }

    let (_, one, other) = two().await;
    let database = &Database::default();
    let overlapping = async |id| {
        let mut calls = [one, other].map(|it| Box::pin(stock(it.cluster, database, id)));
        let mut own = [one, other].map(|it| Box::pin(taken(it.cluster, database, id)));
        for (call, own) in calls.iter_mut().zip(&mut own) {
            for _ in 0..3 {
                assert!(futures::poll!(&mut *call).is_pending());
                assert!(futures::poll!(&mut *own).is_pending());
                settle().await;
            }
        }
        database.answers.notify_waiters();
        let [one, other] = calls;
        let [own, others] = own;
        let answers = tokio::join!(one, other, own);
        settle().await;
        let mut others = others;
        let first = futures::poll!(&mut others);
        settle().await;
        database.answers.notify_waiters();
        let others = match first {
            std::task::Poll::Ready(others) => others,
            std::task::Poll::Pending => others.await,
        };
        (answers, others)
    };
    let (answers, others) = overlapping(7).await;
    assert_eq!(answers, (Ok(1), Ok(1), Ok(2)));
    assert_eq!(others, Ok(2));
    let failed = Err("query 3 failed".to_owned());
    let (answers, others) = overlapping(0).await;
    assert_eq!(answers, (failed.clone(), failed, Err(Down(4))));
    assert_eq!(others, Err(Down(5)), "its own: this error does not cross");
    assert_eq!(other.cluster.calls().stats().elsewhere, 3);
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_across() {
    let (_, one, other) = two().await;
    let groups = [one, other].map(|process| {
        let group = Group::<(u64, String), u64>::new().named("stock");
        group.across(process.cluster.across("stock"))
    });
    let [one, other] = &groups;
    let key = (7, "tea");
    let mut leads = tokio_test::task::spawn(one.call(key, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        49
    }));
    assert!(leads.poll().is_pending());
    settle().await;
    assert!(leads.poll().is_pending());
    let waits = other.call(key, std::future::pending());
    let (value, given) = tokio::join!(leads, waits);
    assert_eq!((value, given), (49, 49));
    assert_eq!(other.stats().elsewhere, 1);
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_function_is_forgotten_everywhere_and_its_body_does_not_run() {
    let (_memory, one, other) = two().await;
    let database = Arc::default();
    let (first, second) = (Shop::of(one, &database), Shop::of(other, &database));
    let mut old = tokio_test::task::spawn(first.price("tea", None));
    assert!(old.poll().is_pending());
    settle().await;
    assert!(old.poll().is_pending());
    let forgotten = other.cluster.forget_everywhere(second.price("tea", None));
    assert_eq!(forgotten.await, Ok(false), "it was in flight in the other");
    settle().await;
    let mut new = tokio_test::task::spawn(first.price("tea", None));
    assert!(new.poll().is_pending());
    settle().await;
    assert!(new.poll().is_pending());
    assert_eq!(database.queries(), 2, "who calls after it runs anew");
    other.cluster.close().await;
    let forgotten = other.cluster.forget_everywhere(second.price("tea", None));
    assert_eq!(forgotten.await, Err(Away));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_told_that_another_server_forgot_its_key() {
    struct Shelf(Notify, Registry<Functions<'static>>);

    impl Shelf {
        #[coalesce(registry = self.1, name = "label")]
        async fn label(&self, id: u64) -> (u64, bool) {
            self.0.notified().await;
            (id, is_forgotten())
        }
    }

    let (_memory, one, other) = two().await;
    let [first, second] = [one, other].map(|process| {
        let calls = Registry::new().across(process.cluster.functions());
        Shelf(Notify::new(), calls)
    });
    for forgotten in [false, true] {
        let mut body = tokio_test::task::spawn(first.label(7));
        assert!(body.poll().is_pending());
        settle().await;
        assert!(body.poll().is_pending());
        if forgotten {
            forget(second.label(7)).await;
            settle().await;
        }
        first.0.notify_one();
        assert_eq!(body.await, (7, forgotten));
    }
}

/// In one process the second is refused; and the others are not given what is another's.
#[tokio::test(start_paused = true)]
async fn two_functions_of_one_name_never_meet() {
    struct Users(Arc<Database>, Registry<Functions<'static>>);
    struct Orders(Arc<Database>, Registry<Functions<'static>>);

    impl Users {
        #[coalesce(registry = self.1, name = "by_id")]
        async fn by_id(&self, id: u64) -> usize {
            let _ = id;
            self.0.query().await
        }
    }

    impl Orders {
        #[coalesce(registry = self.1, name = "by_id")]
        async fn by_number(&self, number: u64) -> usize {
            let _ = number;
            self.0.query().await
        }
    }

    let (_memory, one, _) = two().await;
    let database = Arc::default();
    let registry = Registry::new().across(one.cluster.functions());
    let users = Users(Arc::clone(&database), registry.clone());
    let orders = Orders(Arc::clone(&database), registry);
    let mut user = tokio_test::task::spawn(users.by_id(7));
    let mut order = tokio_test::task::spawn(orders.by_number(7));
    for _ in 0..2 {
        assert!(user.poll().is_pending() && order.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2);
    assert_eq!(one.cluster.stats().unshared, 1, "the second is refused");
}

/// Processes may come to them in different orders, so that each has another one first.
#[tokio::test(start_paused = true)]
async fn instantiations_of_a_generic_function_never_meet() {
    trait Table: 'static {
        const NUMBER: usize;
    }
    struct Cats;
    struct Dogs;
    impl Table for Cats {
        const NUMBER: usize = 1;
    }
    impl Table for Dogs {
        const NUMBER: usize = 2;
    }

    #[coalesce(cluster = member, name = "count", key = id)]
    async fn count<T: Table>(member: &'static Cluster, database: &Database, id: u64) -> usize {
        let _ = (member, id);
        database.query().await;
        T::NUMBER
    }

    let (_memory, one, other) = two().await;
    let database = Database::default();
    let mut cats = tokio_test::task::spawn(count::<Cats>(one.cluster, &database, 7));
    let mut dogs = tokio_test::task::spawn(count::<Dogs>(other.cluster, &database, 7));
    let mut too = tokio_test::task::spawn(count::<Dogs>(other.cluster, &database, 7));
    for _ in 0..2 {
        assert!(cats.poll().is_pending() && dogs.poll().is_pending() && too.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2);
    database.answers.notify_waiters();
    assert_eq!((cats.await, dogs.await, too.await), (1, 2, 2));
}

/// Of those who run out of patience together one runs, and the others wait for it.
#[tokio::test(start_paused = true)]
async fn max_wait_is_for_flights_elsewhere_as_well() {
    #[coalesce(cluster = member, name = "slow", key = id, max_wait = "100ms")]
    async fn slow(member: &'static Cluster, database: &Database, id: u64) -> usize {
        let _ = (member, id);
        database.query().await
    }

    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let database = Database::default();
    let call = |process: Process| tokio_test::task::spawn(slow(process.cluster, &database, 7));
    let (mut stuck, mut second, mut last) = (call(one), call(other), call(third));
    for _ in 0..2 {
        assert!(stuck.poll().is_pending());
        settle().await;
    }
    assert!(second.poll().is_pending());
    settle().await;
    tokio::time::advance(Duration::from_millis(10)).await;
    assert!(last.poll().is_pending());
    settle().await;
    assert_eq!(database.queries(), 1);
    tokio::time::advance(Duration::from_millis(95)).await;
    for _ in 0..2 {
        assert!(second.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2, "it has waited for 100 ms");
    tokio::time::advance(Duration::from_millis(10)).await;
    for _ in 0..2 {
        assert!(last.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2, "there is a newer one to wait for");
    database.answers.notify_waiters();
    assert_eq!((stuck.await, second.await, last.await), (1, 2, 2));
}
