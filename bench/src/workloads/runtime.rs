//! Two threads for the workloads that need more than one, and an end to whoever does not come to one.

use std::{sync::OnceLock, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
    time::timeout,
};

pub(crate) fn two_threads() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build();
        runtime.expect("the system lets us start two threads")
    })
}

/// What the tasks return that come to an end, within a minute and without a panic.
pub(crate) fn finished<T: 'static>(runtime: &Runtime, mut tasks: JoinSet<T>) -> Vec<T> {
    let mut finished = Vec::new();
    let all = async {
        while let Some(task) = tasks.join_next().await {
            finished.extend(task);
        }
    };
    // Who is not done by then is missing from what is returned.
    let _ = runtime.block_on(async { timeout(Duration::from_secs(60), all).await });
    finished
}
