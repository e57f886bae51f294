//! Attributes, docs, conditions, functions that end never, or call themselves, or stand in others.

use super::run;
use coalesced::coalesce;

/// # Safety
///
/// None is needed.
#[coalesce]
async unsafe fn not_safe(id: u64) -> u64 {
    id
}

/// An error.
///
/// # Errors
///
/// When the text is no number.
#[coalesce]
#[must_use]
#[inline]
pub(crate) async fn attributes(text: &str) -> Result<u64, String> {
    #![allow(unused_variables)]
    let unused = 1;
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    let number = text.parse::<u64>().map_err(|error| error.to_string())?;
    Ok(number)
}

#[coalesce]
async fn conditional(
    #[cfg(not(unix))] handle: u32,
    id: u64,
    #[cfg(any(unix, windows))] name: &str,
    #[cfg(target_os = "none")] nothing: f64,
) -> usize {
    let _ = id;
    name.len()
}

#[coalesce]
pub(super) async fn nothing() {}

#[coalesce]
async fn never(id: u64) -> ! {
    let _ = id;
    std::future::pending().await
}

#[coalesce]
async fn inner_docs(id: u64) -> u64 {
    //! Docs may stand inside.
    #![allow(dead_code)]
    const ONE: u64 = 1;
    id
}

#[coalesce]
async fn tail_macro(id: u64) -> String {
    format!("{id}")
}

#[coalesce]
async fn r#type(r#match: u64) -> u64 {
    r#match
}

#[coalesce(key = n)]
async fn recursive(n: u64) -> u64 {
    if n == 0 {
        0
    } else {
        n + Box::pin(recursive(n - 1)).await
    }
}

#[coalesce]
async fn outer(id: u64) -> u64 {
    #[coalesce]
    async fn inner(id: u64) -> u64 {
        id + 1
    }
    inner(id).await + attributes("1").await.unwrap_or(0)
}

#[test]
fn odds_and_ends() {
    // SAFETY: nothing is needed.
    assert_eq!(unsafe { run(not_safe(1)) }, 1);
    assert_eq!(run(attributes("7")), Ok(7));
    assert_eq!(run(attributes("")), Err("empty".to_owned()));
    assert_eq!(run(conditional(1, "ab")), 2);
    run(nothing());
    drop(never(1));
    assert_eq!(run(inner_docs(1)), 1);
    assert_eq!(run(tail_macro(7)), "7");
    assert_eq!(run(r#type(7)), 7);
    assert_eq!(run(recursive(4)), 10);
    assert_eq!(run(outer(1)), 3);
}
