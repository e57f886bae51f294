//! A thread that wakes bodies when their time has come, as an answer from elsewhere does.
//!
//! Tokio's own timer counts milliseconds, and a body that yields until its time has passed keeps a thread of the
//! runtime busy: woken followers were then left in its queue for longer than a flight took, and shared less.

use std::{
    hint::spin_loop,
    sync::{
        OnceLock,
        mpsc::{Receiver, Sender, channel},
    },
    task::Waker,
    thread,
    time::{Duration, Instant},
};

/// By how much the system may let one sleep too long.
const SLACK: Duration = Duration::from_micros(200);

/// Wakes this waker then, or a little later; and after those for which it was asked before.
pub(crate) fn wake_at(then: Instant, waker: Waker) {
    static ALARMS: OnceLock<Sender<(Instant, Waker)>> = OnceLock::new();
    let alarms = ALARMS.get_or_init(|| {
        let (alarms, set) = channel();
        thread::spawn(move || ring(&set));
        alarms
    });
    alarms
        .send((then, waker))
        .expect("the thread lives as long as the process");
}

fn ring(set: &Receiver<(Instant, Waker)>) {
    for (then, waker) in set {
        let left = then.saturating_duration_since(Instant::now());
        thread::sleep(left.saturating_sub(SLACK));
        while Instant::now() < then {
            spin_loop();
        }
        waker.wake();
    }
}
