// The user's types, constants and traits have the names of the prelude's and of ours.
#![deny(warnings)]
#![allow(dead_code, non_upper_case_globals, non_camel_case_types, non_snake_case)]

use coalesced::coalesce;

struct Result;
struct Option;
struct Vec;
struct Box;
struct Group;
struct Registry;
struct StaticRegistry;
struct Function;
struct Hidden;
struct Slot;
struct Some;
struct Ok;
enum None {}
trait Clone {}
trait Future {}
const key: u8 = 1;
const body: u8 = 2;
const place: u8 = 3;
const slot: u8 = 4;
static SLOT: u8 = 5;
fn join() {}
fn run() {}
mod std {}
mod tokio {}

trait Blanket {
    fn part(&self) -> u8 {
        0
    }
    fn key(&self) -> u8 {
        0
    }
    fn join(&self) -> u8 {
        0
    }
    fn run(&self) -> u8 {
        0
    }
    fn poll(&self) -> u8 {
        0
    }
    fn deref(&self) -> u8 {
        0
    }
    fn to_owned(&self) -> u8 {
        0
    }
    fn new(&self) -> u8 {
        0
    }
}

impl<T: ?Sized> Blanket for T {}

#[coalesce]
async fn square(id: u64, name: &str, flag: bool) -> u64 {
    let _ = (name, flag);
    id * id
}

#[coalesce(name = "named", key = id)]
async fn named(id: u64) -> u64 {
    id
}

static USERS: coalesced::Group<u64, u64> = coalesced::Group::new();

#[coalesce(group = USERS)]
async fn grouped(id: u64) -> u64 {
    id
}

static CALLS: coalesced::Registry = coalesced::Registry::new();

#[coalesce(registry = CALLS, name = "registered", max_followers = 7)]
async fn registered(__COALESCED_FUNCTION: u64) -> u64 {
    __COALESCED_FUNCTION
}

struct Calls {
    __COALESCED_FUNCTION: coalesced::Registry,
}

#[coalesce(registry = __COALESCED_FUNCTION.__COALESCED_FUNCTION)]
async fn owned(__COALESCED_FUNCTION: &Calls, __coalesced_home: u64, id: u64) -> u64 {
    __coalesced_home + id
}

fn main() {
    drop(registered(7));
    drop(square(7, "a", true));
    drop(named(7));
    drop(grouped(7));
}
