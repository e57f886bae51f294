//! Names of arguments that are generated names as well, or say that nobody uses them.

use super::run;
use coalesced::coalesce;

/// Every name that an expansion uses, as an argument's.
#[coalesce]
async fn generated_names(
    __coalesced_place: u8,
    __coalesced_key: u8,
    __coalesced_home: u8,
    __coalesced: u8,
    coalesced: u8,
    core: u8,
) -> u8 {
    __coalesced_place + __coalesced_key + __coalesced_home + __coalesced + coalesced + core
}

#[expect(non_snake_case, reason = "the name of a generated static")]
#[coalesce(key = (__COALESCED_HIDDEN, key))]
async fn generated_items(__COALESCED_HIDDEN: u8, key: u8) -> u8 {
    __COALESCED_HIDDEN + key
}

#[test]
fn names_do_not_clash() {
    assert_eq!(run(generated_names(1, 2, 3, 4, 5, 6)), 21);
    assert_eq!(run(generated_items(1, 2)), 3);
}

#[coalesce]
pub(super) async fn underscored(_trace: u64, id: u64) -> u64 {
    id
}

#[test]
fn underscored_arguments() {
    assert_eq!(run(underscored(1, 2)), 2);
}
