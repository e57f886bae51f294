//! What calls are keyed by: a `u64`, or a `u64` and a text of 36 bytes, as long as a UUID's.

use std::{fmt::Debug, future::Future, hash::Hash, sync::OnceLock};

use crate::{body::Body, dice::mix};

/// A key as a caller has it at hand: borrowed, with its owned form a step away.
pub(crate) trait Key:
    coalesced::Key<Self::Owned> + Annotated + Memoised + Hash + Copy + Debug + Send + Sync + 'static
{
    /// What a map holds.
    type Owned: Hash + Eq + Clone + Debug + Send + Sync + Unpin + 'static;

    /// How tables call it.
    const NAME: &'static str;

    /// Whether owning one is free.
    const IS_COPY: bool;

    fn nth(n: u64) -> Self;

    fn owned(self) -> Self::Owned;
}

/// A key that functions under `#[coalesce]` take: an attribute is on a function, which takes keys of one type.
pub(crate) trait Annotated {
    fn annotated(self, body: Body) -> impl Future<Output = u64> + Send;
}

/// A key that functions under `#[cached]` take.
pub(crate) trait Memoised {
    fn memoised(self, body: Body) -> impl Future<Output = u64> + Send;
}

impl Key for u64 {
    type Owned = u64;

    const NAME: &'static str = "u64";

    const IS_COPY: bool = true;

    fn nth(n: u64) -> Self {
        mix(n)
    }

    fn owned(self) -> u64 {
        self
    }
}

pub(crate) type Text = (u64, &'static str);

impl Key for Text {
    type Owned = (u64, String);

    const NAME: &'static str = "(u64, &str)";

    const IS_COPY: bool = false;

    /// From a table that is made once, since a caller has its text already.
    fn nth(n: u64) -> Self {
        static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
        let texts =
            TEXTS.get_or_init(|| (0..1 << 20).map(|n| format!("{:036x}", mix(n))).collect());
        (mix(n), &texts[n as usize % texts.len()])
    }

    fn owned(self) -> (u64, String) {
        (self.0, self.1.to_owned())
    }
}
