//! What `run.mjs` asks of the library on `wasm32-unknown-unknown`, where whoever looks at the clock traps.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use coalesced::{Config, Group, coalesce, observe};

thread_local! {
    static GATE: Cell<bool> = const { Cell::new(false) };
    static BODIES: Cell<u32> = const { Cell::new(0) };
}

/// A body that is counted, and waits until the gate is open.
async fn square(id: u32) -> u32 {
    BODIES.set(BODIES.get() + 1);
    let open = |_: &mut Context<'_>| match GATE.get() {
        true => Poll::Ready(()),
        false => Poll::Pending,
    };
    poll_fn(open).await;
    id * id
}

/// A leader and a follower, who is told how long it waited. While they wait, somebody may look at them. What
/// they return is added up; a body counts 1,000 and a second that was waited, which nobody can know, a million.
fn share<F: Future<Output = u32>>(call: impl Fn() -> F, look: impl FnOnce()) -> u32 {
    GATE.set(false);
    BODIES.set(0);
    let (mut leader, mut follower) = (pin!(call()), pin!(observe(call())));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(leader.as_mut().poll(&mut cx).is_pending());
    assert!(follower.as_mut().poll(&mut cx).is_pending());
    look();
    GATE.set(true);
    let led = leader.as_mut().poll(&mut cx);
    let followed = follower.as_mut().poll(&mut cx);
    let (Poll::Ready(led), Poll::Ready((followed, Some(report)))) = (led, followed) else {
        return 0;
    };
    led + followed + BODIES.get() * 1_000 + report.waited.as_secs() as u32 * 1_000_000
}

/// Calls of an annotated function.
#[unsafe(no_mangle)]
pub extern "C" fn annotated() -> u32 {
    #[coalesce]
    async fn annotated(id: u32) -> u32 {
        square(id).await
    }

    share(|| annotated(7), || {})
}

/// Calls by hand, of a group whose flights may not grow old, which none does.
#[unsafe(no_mangle)]
pub extern "C" fn by_hand() -> u32 {
    static SQUARES: Group<u32, u32> =
        Group::new().with_config(Config::new().max_age(Duration::from_nanos(1)));

    let look = || {
        let flights = SQUARES.flights();
        assert!(flights.len() == 1 && flights[0].age.is_none());
    };
    share(|| SQUARES.call(7, square(7)), look)
}

/// Calls of a plain function: there is one thread, so one leads after the other.
#[unsafe(no_mangle)]
pub extern "C" fn plain() -> u32 {
    #[coalesce]
    fn plain(id: u32) -> u32 {
        BODIES.set(BODIES.get() + 1);
        id * id
    }

    BODIES.set(0);
    plain(7) + plain(7) + BODIES.get() * 1_000
}
