//! A simulation, from its first member to an empty engine.

use std::time::Duration;

use coalesce_cluster::Memory;
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    ledger::{Ledger, WAY},
    members::{Member, Wire},
    report::Report,
    traffic::{Random, Traffic},
};

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) time: Duration,
    pub(super) members: usize,
    pub(super) calls_a_second: usize,
    pub(super) keys: usize,
    /// How many members are killed each minute, and as many started.
    pub(super) killed_a_minute: usize,
    pub(super) seed: u64,
}

/// Runs it. `live` says how many bytes are allocated.
///
/// # Panics
///
/// Where a promise is broken.
pub(super) fn run(scale: Scale, live: fn() -> usize) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(simulate(scale, live))
}

/// How much memory is taken, in bytes, and how much the engine remembers, in entries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    pub(super) connected: usize,
    /// At most, in the first tenth of the time.
    pub(super) early: usize,
    pub(super) most: usize,
    pub(super) left: usize,
    pub(super) most_entries: usize,
}

async fn simulate(scale: Scale, live: fn() -> usize) -> Report {
    let memory = Memory::simulated();
    let ledger = Ledger::new(scale.keys);
    let wire = Wire::watch(&memory);
    let mut traffic = Traffic::new(scale.keys, scale.calls_a_second, scale.seed);
    let mut random = Random::new(!scale.seed);
    let before = live();
    let mut members = Vec::with_capacity(scale.members);
    for number in 0..scale.members {
        members.push(Member::start(&memory, number).await);
        // Their heartbeats are not all at once.
        sleep(Duration::from_secs(1) / scale.members as u32).await;
    }
    let mut room = Room {
        connected: live() - before,
        ..Room::default()
    };
    let began = Instant::now();
    let (mut started, mut at) = (scale.members, began);
    let mut died = 0;
    // Kills are spread over each minute, and twice a second is measured.
    let pause = Duration::from_secs(60).checked_div(scale.killed_a_minute as u32);
    let (mut kill_at, mut look_at) = (pause.map(|pause| began + pause), began);
    while at < began + scale.time {
        sleep_until(at).await;
        if kill_at.is_some_and(|kill_at| kill_at <= at) {
            kill_at = kill_at.zip(pause).map(|(at, pause)| at + pause);
            let new = Member::start(&memory, started).await;
            started += 1;
            let place = random.below(members.len());
            died += std::mem::replace(&mut members[place], new).kill(&memory) as u64;
        }
        if look_at <= at {
            look_at += Duration::from_millis(500);
            room.most = room.most.max(live() - before);
            if at < began + scale.time / 10 {
                room.early = room.most;
            }
            room.most_entries = room.most_entries.max(memory.len());
        }
        let place = random.below(members.len());
        members[place].call(&ledger, traffic.key());
        at += traffic.gap();
    }
    for member in &mut members {
        member.drain().await;
    }
    // What is kept for those who missed it, and what the killed have left behind.
    sleep(Duration::from_secs(6)).await;
    let in_flight: usize = members.iter().map(Member::len).sum();
    assert_eq!(in_flight, 0, "something stays in a member");
    assert_eq!(memory.len(), 0, "something stays in the engine");
    room.left = live() - before;
    let (longest, held_up) = ledger.waited();
    if scale.killed_a_minute == 0 {
        assert!(
            longest <= WAY,
            "a call waited {longest:?} for more than a body"
        );
    }
    let report = Report {
        scale,
        started,
        died,
        keys: ledger.keys(),
        sent: wire.sent(),
        longest,
        held_up,
        room,
    };
    for member in members {
        member.close().await;
    }
    let sum = report.all();
    assert_eq!(sum.answered + died, sum.calls, "every call is answered");
    assert!(sum.bodies <= sum.least + sum.killed);
    report
}
