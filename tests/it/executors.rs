//! Any executor, any thread, with or without `Send`.

use coalesced::{Group, coalesce};
use std::{cell::Cell, rc::Rc, thread};

#[coalesce]
async fn square(id: u64) -> u64 {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
    id * id
}

#[test]
fn futures_block_on() {
    assert_eq!(futures::executor::block_on(square(7)), 49);
    let all = futures::future::join_all((0..100).map(|_| square(8)));
    assert_eq!(futures::executor::block_on(all), [64; 100]);
}

#[test]
fn smol() {
    let executor = smol::Executor::new();
    let tasks: Vec<_> = (0..100).map(|_| executor.spawn(square(9))).collect();
    smol::block_on(executor.run(async {
        for task in tasks {
            assert_eq!(task.await, 81);
        }
    }));
}

#[test]
fn executors_share_a_flight() {
    let group = Group::<u64, u64>::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..1_000 {
                    let body = async move { square(round).await + 1 };
                    assert_eq!(
                        futures::executor::block_on(group.call(round, body)),
                        round * round + 1
                    );
                }
            });
            scope.spawn(|| {
                smol::block_on(async {
                    for round in 0..1_000 {
                        let body = async move { square(round).await + 1 };
                        assert_eq!(group.call(round, body).await, round * round + 1);
                    }
                });
            });
        }
    });
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_local_set_and_a_body_that_is_not_send() {
    #[coalesce(skip(count))]
    async fn local(count: Rc<Cell<u64>>, id: u64) -> u64 {
        let rc = Rc::clone(&count);
        tokio::task::yield_now().await;
        rc.set(rc.get() + 1);
        id
    }

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let count = Rc::new(Cell::new(0));
    runtime.block_on(tokio::task::LocalSet::new().run_until(async {
        let callers: Vec<_> = (0..100)
            .map(|_| tokio::task::spawn_local(local(Rc::clone(&count), 7)))
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), 7);
        }
    }));
    assert_eq!(count.get(), 1);
}

#[test]
fn a_call_is_send_when_its_body_is() {
    fn is_send<T: Send>(_: &T) {}

    let group = Group::<String, String>::new();
    is_send(&square(7));
    is_send(&group.call("key", async { String::new() }));
    is_send(&group.call(&"key".to_owned(), async { String::new() }));
}
