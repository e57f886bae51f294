// No lint of the compiler's finds anything in an expansion.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    future_incompatible,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    absolute_paths_not_starting_with_crate,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    macro_use_extern_crate,
    missing_abi,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    variant_size_differences
)]
//! Docs.

use coalesced::{Group, Registry, coalesce};

/// A group.
pub static USERS: Group<(u64, String), Result<u64, String>> = Group::new();

/// Documented.
#[coalesce]
pub async fn square(id: u64) -> u64 {
    id * id
}

/// Documented.
#[coalesce(group = USERS)]
pub async fn named(mut id: u64, name: &str) -> Result<u64, String> {
    id += name.parse::<u64>().map_err(|error| error.to_string())?;
    if id > 7 {
        return Err(name.to_owned());
    }
    Ok(id)
}

/// An owner.
#[derive(Debug, Default)]
pub struct Users {
    calls: Registry,
    clients: (Registry,),
}

impl Users {
    /// Documented.
    #[coalesce(registry = self.calls)]
    pub async fn fetch(&self, id: u64) -> u64 {
        id
    }

    /// Documented.
    #[coalesce(registry = self.clients.0, skip(self), max_followers = 7)]
    pub async fn search(&self, text: &str) -> usize {
        text.len()
    }
}

/// Documented.
#[coalesce(max_age = "50ms", max_wait = "1s")]
pub fn limited(id: u64) -> impl Copy + Send + Sync {
    id
}

/// Documented.
#[coalesce(key = format!("{id}"), share = ok, bypass = id > 7)]
pub async fn outer(id: u64) -> Result<u64, std::fmt::Error> {
    #[coalesce(hide, clone_err = |error: &std::fmt::Error| *error)]
    async fn inner(id: u64) -> Result<u64, std::fmt::Error> {
        Ok(id)
    }

    inner(id).await
}

/// Documented.
#[coalesce(key = ())]
pub async fn never_ends(id: u64) -> u64 {
    loop {
        if id > 7 {
            break id;
        }
    }
}

/// Documented.
#[coalesce(skip(unused))]
#[allow(unused_variables)]
pub async fn unit(unused: f64) {}

fn main() {
    let users = Users::default();
    drop(users.fetch(7));
    drop(users.search("ann"));
    drop(square(7));
    drop(named(7, "a"));
    drop(never_ends(7));
    let _: &dyn std::any::Any = &limited(7);
    drop(outer(7));
    drop(unit(0.5));
}
