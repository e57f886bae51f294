//! A function for each set of options that can be written.

use crate::pairs::{
    body::{Answer, Body, Failure, Key, Value},
    options::{Opt, Set},
    servers::Servers,
};
use coalesced::{Group, Registry, coalesce};
use std::{future::Future, pin::Pin, sync::Arc};

/// What the functions are called with.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) key: Key,
    pub(super) bypass: bool,
    pub(super) body: Body,
    /// What the flights of those live in that are not hidden.
    pub(super) groups: Groups,
}

#[derive(Debug, Clone)]
pub(super) struct Groups {
    pub(super) whole: Group<Key, Answer>,
    pub(super) ok: Group<Key, Value>,
    pub(super) registry: Registry,
    pub(super) across: Across,
}

/// The same, across servers.
#[derive(Debug, Clone)]
pub(super) struct Across {
    pub(super) servers: Servers,
    pub(super) whole: Group<Key, Answer, Servers>,
    pub(super) ok: Group<Key, Value, Servers>,
    pub(super) registry: Registry<Servers>,
}

impl Groups {
    /// What other servers give has a share of this.
    pub(super) fn new(alive: &Arc<()>) -> Self {
        let servers = Servers::with(alive);
        Self {
            whole: Group::new(),
            ok: Group::new(),
            // A name, by which its groups are seen to be no hidden ones.
            registry: Registry::new().named("pairs"),
            across: Across {
                whole: Group::new().named("pairs").across(servers.clone()),
                ok: Group::new().named("pairs").across(servers.clone()),
                registry: Registry::new().named("pairs").across(servers.clone()),
                servers,
            },
        }
    }
}

pub(super) type Calling<T = Answer> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) struct Function {
    pub(super) written: Set,
    pub(super) call: fn(Call) -> Calling,
}

/// With and without the options of one kind, and so on with the next kind.
macro_rules! functions {
    ($table:ident, $call:ident) => {
        functions!(how $table, $call, [] []);
        #[cfg(feature = "spawn")]
        functions!(how $table, $call, [Spawn] [spawn,]);
        #[cfg(feature = "spawn")]
        functions!(how $table, $call, [Detach] [detach,]);
        functions!(how $table, $call, [Blocking] []);
    };
    (how $table:ident, $call:ident, [$($opt:ident)*] [$($written:tt)*]) => {
        functions!(err $table, $call, whole, [$($opt)*] [$($written)*]);
        functions!(err $table, $call, ok, [$($opt)* ShareOk] [$($written)* share = ok,]);
        functions!(err $table, $call, whole, [$($opt)* CloneErr] [$($written)* clone_err = Failure::copy,]);
    };
    (err $table:ident, $call:ident, $group:ident, [$($opt:ident)*] [$($written:tt)*]) => {
        functions!(bypass $table, $call, $group, [$($opt)*] [$($written)*]);
        functions!(bypass $table, $call, $group, [$($opt)* Bypass] [$($written)* bypass = $call.bypass,]);
    };
    (bypass $table:ident, $call:ident, $group:ident, [$($opt:ident)*] [$($written:tt)*]) => {
        functions!(one $table, $call, [$($opt)*] [$($written)*]);
        functions!(one $table, $call, [Group $($opt)*] [$($written)* group = $call.groups.$group,]);
        functions!(one $table, $call, [Registry $($opt)*] [$($written)* registry = $call.groups.registry,]);
        functions!(one $table, $call, [Cluster $($opt)*] [$($written)* registry = $call.groups.across.registry,]);
        functions!(one $table, $call, [Cluster Group $($opt)*] [$($written)* group = $call.groups.across.$group,]);
    };
    (one $table:ident, $call:ident, [$($opt:ident)*] [$($written:tt)*]) => {
        $table.push(Function {
            written: Set::of(&[$(Opt::$opt),*]),
            call: {
                functions!(fn $call, [$($opt)*] [$($written)*]);
                function
            }
        });
    };
    (fn $call:ident, [Blocking $($opt:ident)*] $written:tt) => {
        functions!(blocking $call, $written);
    };
    (fn $call:ident, [Group Blocking $($opt:ident)*] $written:tt) => {
        functions!(blocking $call, $written);
    };
    (fn $call:ident, [Registry Blocking $($opt:ident)*] $written:tt) => {
        functions!(blocking $call, $written);
    };
    (fn $call:ident, [Cluster $($opt:ident)*] $written:tt) => {
        functions!(fn $call, [$($opt)*] $written);
    };
    (fn $call:ident, $opts:tt [$($written:tt)*]) => {
        fn function(call: Call) -> Calling {
            #[coalesce(key = $call.key, $($written)*)]
            async fn annotated($call: Call) -> Answer {
                $call.body.run().await
            }
            Box::pin(annotated(call))
        }
    };
    (blocking $call:ident, [$($written:tt)*]) => {
        fn function(call: Call) -> Calling {
            #[coalesce(key = $call.key, $($written)*)]
            fn annotated($call: Call) -> Answer {
                $call.body.run_blocking()
            }
            Box::pin(async { annotated(call) })
        }
    };
}

pub(super) fn all() -> Vec<Function> {
    let mut table = Vec::new();
    functions!(table, call);
    table
}
