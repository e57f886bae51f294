//! A body that would wait for itself is told so, and the key works afterwards.

use crate::support::{Gate, unwinds};
use coalesced::{Group, coalesce};
use corosensei::Coroutine;
use std::{
    future::{Future, pending},
    pin::Pin,
};
use tokio_test::{assert_pending, assert_ready_eq, task};

type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

#[coalesce(key = (gate.id, n))]
async fn itself(gate: &Gate, n: u64, next: u64) -> u64 {
    gate.pass().await;
    if n == next {
        n
    } else {
        n + Box::pin(itself(gate, next, 0)).await
    }
}

#[test]
fn a_function_that_calls_itself_with_the_same_key() {
    #[coalesce(key = (gate.id, n))]
    async fn cycle(gate: &Gate, n: u64) -> u64 {
        let _body = gate.body();
        Box::pin(cycle(gate, n)).await
    }

    let gate = Gate::opened();
    for _ in 0..2 {
        assert_eq!(
            unwinds(|| task::spawn(cycle(&gate, 7)).poll()),
            "coalesced calls would wait for each other for ever: \
             `it::cycles::a_function_that_calls_itself_with_the_same_key::cycle` -> \
             `it::cycles::a_function_that_calls_itself_with_the_same_key::cycle`"
        );
    }
    assert_eq!(gate.bodies_started(), 2, "the key works afterwards");
}

#[test]
fn other_keys_of_one_function_are_no_cycle() {
    let gate = Gate::opened();
    assert_ready_eq!(task::spawn(itself(&gate, 7, 0)).poll(), 7);
}

#[coalesce(key = gate.id)]
async fn first(gate: &Gate, close: bool) -> u64 {
    let _body = gate.body();
    1 + Box::pin(second(gate, close)).await
}

#[coalesce(key = gate.id)]
async fn second(gate: &Gate, close: bool) -> u64 {
    gate.pass().await;
    let third: Boxed<'_, u64> = Box::pin(third(gate, close));
    1 + third.await
}

#[coalesce(key = gate.id)]
async fn third(gate: &Gate, close: bool) -> u64 {
    if close {
        let first: Boxed<'_, u64> = Box::pin(first(gate, false));
        return 1 + first.await;
    }
    1
}

const CYCLE: &str = "coalesced calls would wait for each other for ever: \
    `it::cycles::first` -> `it::cycles::second` -> `it::cycles::third` -> `it::cycles::first`";

#[test]
fn a_cycle_of_functions() {
    let gate = Gate::opened();
    assert_eq!(unwinds(|| task::spawn(first(&gate, true)).poll()), CYCLE);
    assert_ready_eq!(task::spawn(first(&gate, false)).poll(), 3);
}

#[test]
fn those_who_followed_learn_of_it() {
    let gate = Gate::closed();
    let mut leader = task::spawn(first(&gate, true));
    let mut follower = task::spawn(second(&gate, true));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    gate.open();
    assert_eq!(unwinds(|| leader.poll()), CYCLE);
    let panic = unwinds(|| follower.poll());
    assert!(panic.ends_with(CYCLE), "{panic}");
    assert_ready_eq!(task::spawn(second(&gate, false)).poll(), 2);
}

/// `first` waits for a `second` of another task, which is no cycle; then that one is dropped, and it
/// is `first`'s own call that runs `second`'s body.
#[test]
fn a_take_over_closes_the_cycle() {
    let gate = Gate::closed();
    let mut elsewhere = task::spawn(second(&gate, false));
    assert_pending!(elsewhere.poll());
    let mut leader = task::spawn(first(&gate, true));
    assert_pending!(leader.poll());
    gate.open();
    drop(elsewhere);
    assert_eq!(unwinds(|| leader.poll()), CYCLE);
    assert_ready_eq!(task::spawn(first(&gate, false)).poll(), 3);
}

/// A follower that was polled outside, and is polled again by the body that it waits for.
#[test]
fn a_follower_is_carried_into_the_body() {
    let group = Group::<u64, u64>::new().named("carried");
    let mut leader = task::spawn(group.call(7, pending()));
    assert_pending!(leader.poll());
    let mut carried = Box::pin(group.call(7, async { 1 }));
    assert_pending!(task::spawn(carried.as_mut()).poll());
    let mut next = task::spawn(group.call(7, carried.as_mut()));
    assert_pending!(next.poll());
    drop(leader);
    assert_eq!(
        unwinds(|| next.poll()),
        "coalesced calls would wait for each other for ever: `carried` -> `carried`"
    );
    drop(next);
    drop(carried);
    assert_eq!(group.in_flight(), 0);
    assert_ready_eq!(task::spawn(group.call(7, async { 1 })).poll(), 1);
}

#[test]
fn a_group_by_hand_inside_a_function() {
    static GROUP: Group<u64, u64> = Group::new().named("by hand");

    #[coalesce]
    async fn function(id: u64) -> u64 {
        GROUP
            .call(id, async move { Box::pin(function(id)).await })
            .await
    }

    assert_eq!(
        unwinds(|| task::spawn(function(7)).poll()),
        "coalesced calls would wait for each other for ever: \
         `it::cycles::a_group_by_hand_inside_a_function::function` -> `by hand` -> \
         `it::cycles::a_group_by_hand_inside_a_function::function`"
    );
}

/// A coroutine that was suspended in its body's poll ended before one that began later, whose body then stood for
/// the innermost with a pointer to a stack that was gone.
#[test]
fn bodies_that_are_suspended_in_their_poll_end_in_any_order() {
    fn body(group: &Group<u64, u64>, key: u64) -> Coroutine<(), (), ()> {
        let group = group.clone();
        Coroutine::new(move |yielder, ()| {
            let suspends = async {
                yielder.suspend(());
                key
            };
            assert_ready_eq!(task::spawn(group.call(key, suspends)).poll(), key);
        })
    }

    let group = Group::<u64, u64>::new();
    // Which of three is resumed, and so ended, first, second and third.
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut coroutines = [7, 8, 9].map(|key| Some(body(&group, key)));
        for coroutine in coroutines.iter_mut().flatten() {
            assert!(coroutine.resume(()).as_yield().is_some());
        }
        let mut leader = task::spawn(group.call(1, pending()));
        assert_pending!(leader.poll());
        for ends in order {
            let mut coroutine = coroutines[ends].take().unwrap();
            assert!(coroutine.resume(()).as_return().is_some());
            // Its stack is gone now; a follower looks at all bodies that there are.
            drop(coroutine);
            let mut follower = task::spawn(group.call(1, async { 1 }));
            assert_pending!(follower.poll());
        }
    }
    let mut itself = task::spawn(group.call(7, async { group.call(7, async { 1 }).await }));
    assert!(unwinds(|| itself.poll()).starts_with("coalesced calls would wait"));
}

/// A call that came to its end within the body took the body itself out of the list.
#[test]
fn other_calls_end_before_the_ring_closes() {
    let group = Group::<u64, u64>::new().named("after others");
    for calls in 1..3 {
        let mut leader = task::spawn(group.call(7, async {
            for other in 0..calls {
                group.call(other, async { 1 }).await;
            }
            group.call(7, async { 1 }).await
        }));
        assert_eq!(
            unwinds(|| leader.poll()),
            "coalesced calls would wait for each other for ever: `after others` -> `after others`"
        );
    }
}
