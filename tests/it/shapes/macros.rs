//! Functions that macros make.

use super::run;
use coalesced::{Group, coalesce};

macro_rules! function {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($argument:ident: $ty:ty),*) -> $ret:ty $body:block) => {
        $(#[$attr])*
        #[coalesce]
        $vis async fn $name($($argument: $ty),*) -> $ret $body
    };
}

macro_rules! wrapped {
    ($name:ident, $key:expr, $argument:ident: $ty:ty, $ret:ty, $body:block) => {
        #[coalesce(key = $key)]
        async fn $name($argument: $ty) -> $ret {
            $body
        }
    };
}

static GROUP: Group<u64, u64> = Group::new();

macro_rules! grouped {
    ($by_path:ident, $by_expr:ident, $path:path, $expr:expr) => {
        #[coalesce(group = $path)]
        pub(super) async fn $by_path(id: u64) -> u64 {
            id
        }

        #[coalesce(group = ($expr))]
        async fn $by_expr(id: u64) -> u64 {
            id
        }
    };
}

grouped!(by_path, by_expr, GROUP, GROUP);

macro_rules! method {
    ($name:ident, $body:expr) => {
        #[coalesce(skip(self))]
        async fn $name(&self, id: u64) -> u64 {
            $body + id
        }
    };
}

function!(
    /// With docs.
    pub(crate) fn made(id: u64, name: &str) -> usize {
        name.len() + usize::try_from(id).unwrap_or(0)
    }
);

wrapped!(made_of_block, (id, 1), id: u64, u64, { id });

struct Users;

impl Users {
    method!(made_of_expression, 2 * 3);
}

#[test]
fn made_by_macros() {
    assert_eq!(run(made(1, "ab")), 3);
    assert_eq!(run(made_of_block(1)), 1);
    assert_eq!((run(by_path(1)), run(by_expr(1))), (1, 1));
    assert_eq!(GROUP.stats().led, 2);
    assert_eq!(run(Users.made_of_expression(1)), 7);
}
