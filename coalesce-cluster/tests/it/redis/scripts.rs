//! A server that forgets its scripts is taught them again, and order is kept.

use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{scene::Scene, server::Server, until};
use crate::support::Process;

#[tokio::test]
async fn scripts_that_are_flushed_between_begin_and_end_are_loaded_again() {
    let mut scene = Scene::new().await;
    scene.server.run("SCRIPT FLUSH");
    scene.leader.end(49);
    assert_eq!(scene.waiter.verdict().await, Given(49));
}

#[tokio::test]
async fn no_begin_comes_behind_its_own_end_when_scripts_are_loaded_again() {
    let server = Server::start();
    let process = Process::at(&server.place()).await;
    for round in 0..20 {
        server.run("SCRIPT FLUSH");
        let mut leavers = Vec::new();
        for key in 0..20 {
            let mut leaver = process.call(100 * round + key);
            // Asked; not waited for.
            let _ = leaver.poll(std::task::Waker::noop());
            leavers.push(leaver);
        }
        leavers.into_iter().for_each(|leaver| leaver.goes());
    }
    // Queued behind them all. A busy machine's server may have been away meanwhile: then they are sent once more.
    let _ = process.product().forget_everywhere::<u64, _>(&0).await;
    until(|| process.cluster.in_flight() == 0).await;
    until(|| server.keys().iter().all(|key| key.contains(":x:"))).await;
    // At once, and not after three seconds.
    assert_eq!(process.call(1).verdict().await, Run);
}
