//! Functions that have one name are told apart all the same.

use std::sync::Arc;

use coalesce_cluster::{Cluster, Functions};
use coalesced::{Registry, coalesce};

use super::Database;
use crate::support::{settle, two};

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
