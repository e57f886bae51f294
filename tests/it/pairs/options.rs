//! The options that go together, and those that don't.

use std::{fmt, fs};

/// An option of a function, of its group, or of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opt {
    Spawn,
    Detach,
    ShareOk,
    CloneErr,
    Bypass,
    Group,
    Registry,
    /// Its flights go across to other servers, from a registry if they are not a group's.
    Cluster,
    Blocking,
    MaxAge,
    MaxFollowers,
    MaxWait,
    MaxInFlight,
    /// The group is disabled and enabled while calls are under way.
    Switch,
    Fresh,
    Alone,
    Observe,
}

use Opt::*;

impl Opt {
    pub(super) const ALL: [Self; 17] = [
        Spawn,
        Detach,
        ShareOk,
        CloneErr,
        Bypass,
        Group,
        Registry,
        Cluster,
        Blocking,
        MaxAge,
        MaxFollowers,
        MaxWait,
        MaxInFlight,
        Switch,
        Fresh,
        Alone,
        Observe,
    ];

    /// Those that are written in the attribute, or make it another function.
    const WRITTEN: u32 = Set::of(&[
        Spawn, Detach, ShareOk, CloneErr, Bypass, Group, Registry, Cluster, Blocking,
    ])
    .0;
}

/// What the attribute refuses, and where that is tested. (`group` and limits are refused together as well: here
/// they are set on the group.)
const REFUSED: [(Opt, Opt, &str); 6] = [
    (Spawn, Detach, "options-spawn-and-detach"),
    (ShareOk, CloneErr, "options-share-and-clone-err"),
    (Group, Registry, "options-registry-and-group"),
    (Registry, Cluster, "cluster"),
    (Spawn, Blocking, "spawn-plain-function"),
    (Detach, Blocking, "spawn-plain-function"),
];

/// Some options.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u32);

impl Set {
    pub(super) const fn of(options: &[Opt]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < options.len() {
            bits |= 1 << options[index] as u32;
            index += 1;
        }
        Self(bits)
    }

    pub(super) fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn has(self, option: Opt) -> bool {
        self.0 & 1 << option as u32 != 0
    }

    pub(super) fn spawns(self) -> bool {
        self.has(Spawn) || self.has(Detach)
    }

    /// What of it makes the function.
    pub(super) fn written(self) -> Self {
        Self(self.0 & Opt::WRITTEN)
    }

    /// Whether the macro takes it, with these features.
    pub(super) fn is_taken(self) -> bool {
        (cfg!(feature = "spawn") || !self.spawns())
            && !REFUSED.iter().any(|(a, b, _)| self.has(*a) && self.has(*b))
    }

    fn with(self, option: Opt) -> Self {
        Self(self.0 | Self::of(&[option]).0)
    }

    /// All pairs that are taken, or what they are with one of these as a third.
    pub(super) fn pairs(thirds: &[Opt]) -> Vec<Self> {
        let mut pairs = Vec::new();
        for (index, a) in Opt::ALL.into_iter().enumerate() {
            pairs.extend(Opt::ALL[index + 1..].iter().map(|b| Self::of(&[a, *b])));
        }
        if !thirds.is_empty() {
            let with = |pair: Self| thirds.iter().map(move |third| pair.with(*third));
            pairs = pairs.into_iter().flat_map(with).collect();
            pairs.retain(|set| set.0.count_ones() == 3);
            pairs.sort_unstable_by_key(|set| set.0);
            pairs.dedup();
        }
        pairs.retain(|set| set.is_taken());
        pairs
    }

    /// The options of these bits, as far as they are taken together.
    pub(super) fn some(bits: u32) -> Self {
        Opt::ALL.iter().fold(Self(0), |set, option| {
            let more = set.with(*option);
            if bits & 1 << *option as u32 != 0 && more.is_taken() {
                more
            } else {
                set
            }
        })
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = Opt::ALL.into_iter().filter(|option| self.has(*option));
        f.debug_set().entries(options).finish()
    }
}

/// What is not refused is written, in `functions`, and so compiles.
#[test]
fn what_is_refused_is_refused() {
    for (a, b, case) in REFUSED {
        let case = format!("{}/tests/ui/fail/{case}.stderr", env!("CARGO_MANIFEST_DIR"));
        let refusal = fs::read_to_string(&case).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(refusal.contains("error"), "{a:?} and {b:?}");
    }
}
