//! What a table promises while it grows.

use std::{
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
    thread,
};

use crate::flight::{
    shard::{MISSES, Marked, OFTEN},
    table::{GENERATIONS, Table, most},
};

#[derive(Default)]
struct Calls {
    calls: AtomicU64,
    ticket: AtomicU64,
    entries: AtomicU64,
}

impl Marked for Calls {
    fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    fn go_on(&self, from: &Self, entries: u64) {
        self.ticket.store(from.ticket.load(Relaxed), Relaxed);
        self.entries.store(entries, Relaxed);
    }
}

/// Different ones that begin with all kinds of bits, and the same in each run.
fn hashes() -> impl Iterator<Item = u64> {
    (1_u64..).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn insert(table: &Table<u64, Calls>, hash: u64) -> u64 {
    let mut shard = table.lock(hash);
    let ticket = shard.marks.ticket.fetch_add(1, Relaxed);
    shard.marks.calls.fetch_add(1, Relaxed);
    shard.insert(hash, ticket);
    shard.marks.entries.store(shard.len() as u64, Relaxed);
    ticket
}

fn remove(table: &Table<u64, Calls>, hash: u64, ticket: u64) -> bool {
    let mut shard = table.lock(hash);
    let removed = shard.remove(hash, |it| *it == ticket).is_some();
    shard.marks.entries.store(shard.len() as u64, Relaxed);
    removed
}

fn met(table: &Table<u64, Calls>) -> usize {
    table.shards().map(|shard| shard.iter().count()).sum()
}

fn shards(table: &Table<u64, Calls>) -> usize {
    table.shards().map(drop).count()
}

#[test]
fn entries_are_found_and_met_once_in_each_generation() {
    let table = Table::<u64, Calls>::new();
    let mut tickets = vec![];
    for generation in 0..=GENERATIONS {
        for hash in hashes().skip(tickets.len()).take(1_000) {
            tickets.push((hash, insert(&table, hash)));
        }
        for (hash, ticket) in &tickets {
            let found = table.lock(*hash).find(*hash, |it| it == ticket).copied();
            assert_eq!(found, Some(*ticket));
        }
        assert_eq!(met(&table), tickets.len());
        let entries = table.sum_in_use(|it| it.entries.load(Relaxed));
        assert_eq!(entries, tickets.len() as u64);
        assert_eq!(table.sum(Calls::calls), tickets.len() as u64);
        table.grow(generation);
    }
    assert_eq!(shards(&table), 1 << most());
    for (hash, ticket) in tickets {
        assert!(remove(&table, hash, ticket));
    }
    assert_eq!(met(&table), 0);
}

#[test]
fn a_ticket_is_never_given_again_to_the_same_hash() {
    let table = Table::<u64, Calls>::new();
    let mut last = None;
    for generation in 0..=GENERATIONS {
        for _ in 0..3 {
            let ticket = insert(&table, 7);
            assert!(last < Some(ticket), "{last:?} and {ticket}");
            last = Some(ticket);
        }
        table.grow(generation);
    }
}

#[test]
fn one_thread_alone_never_has_it_grow() {
    let table = Table::<u64, Calls>::new();
    for hash in hashes().take(100_000) {
        let ticket = insert(&table, hash);
        assert!(remove(&table, hash, ticket));
    }
    assert_eq!(shards(&table), 1);
}

#[test]
fn seldom_is_not_often() {
    let table = Table::<u64, Calls>::new();
    let slot = table.slot(0);
    let misses = |each: u64| {
        let missed = (0..MISSES).map(|_| {
            slot.marks.calls.fetch_add(each, Relaxed);
            slot.missed()
        });
        missed.filter(|often| *often).count()
    };
    assert_eq!(misses(OFTEN), 0);
    assert_eq!(misses(OFTEN - 1), 1, "once for so many");
    assert_eq!(misses(OFTEN), 0);
}

#[test]
fn one_key_that_all_ask_for_makes_no_more_than_the_second_generation() {
    let table = Table::<u64, Calls>::new();
    let would_help = |generation| {
        insert(&table, 7);
        table.would_help(generation, table.slot(7))
    };
    assert!(would_help(0));
    table.grow(0);
    assert!(!would_help(1));
    for hash in hashes().take(8) {
        insert(&table, hash);
    }
    assert!(would_help(1), "others are asked for as well");
}

#[test]
fn who_goes_through_it_at_each_call_has_few_to_go_through() {
    let table = Table::<u64, Calls>::new();
    table.is_walked();
    (0..GENERATIONS).for_each(|generation| table.grow(generation));
    assert_eq!(shards(&table), 4);
}

/// Two threads come and go, one has it grow, and one looks at what is always there.
#[test]
fn nothing_is_lost_while_it_grows() {
    const STAY: usize = 500;
    const ROUNDS: u64 = if cfg!(miri) { 3 } else { 200 };
    for _ in 0..if cfg!(miri) { 1 } else { 20 } {
        let table = Table::<u64, Calls>::new();
        for hash in hashes().take(STAY) {
            insert(&table, hash);
        }
        let (table, grown) = (&table, &AtomicBool::new(false));
        let calls = || table.sum(Calls::calls);
        thread::scope(|scope| {
            let guests = [0, 1].map(|n| {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let mine = hashes().skip(STAY + n).step_by(2).take(20);
                        let mine: Vec<_> = mine.map(|hash| (hash, insert(table, hash))).collect();
                        for (hash, ticket) in mine {
                            assert!(remove(table, hash, ticket), "in round {round}");
                        }
                    }
                })
            });
            scope.spawn(move || {
                while !grown.load(Acquire) {
                    let met = met(table);
                    assert!((STAY..=STAY + 40).contains(&met), "{met}");
                    let seen = table.sum_in_use(|it| it.entries.load(Relaxed));
                    assert!((STAY as u64..=STAY as u64 + 40).contains(&seen), "{seen}");
                }
            });
            for generation in 0..=GENERATIONS {
                // Others come in between, while there are any.
                let ever = calls();
                while calls() < ever + 50 && !guests.iter().all(|guest| guest.is_finished()) {
                    thread::yield_now();
                }
                table.grow(generation);
            }
            grown.store(true, Release);
        });
        assert_eq!(met(table), STAY);
        assert_eq!(calls(), STAY as u64 + 2 * ROUNDS * 20);
    }
}
