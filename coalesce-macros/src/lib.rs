//! The attribute of [`coalesced`](https://docs.rs/coalesced), which re-exports it. Depend on
//! `coalesced`, not on this crate.

mod args;
mod error;
mod expand;
mod group;
mod key;
mod subject;

use proc_macro::TokenStream;

/// doc
#[proc_macro_attribute]
pub fn coalesce(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let args = args::Args::parse(args.into(), &mut errors);
    let subject = match syn::parse::<subject::Subject>(item.clone()) {
        Ok(subject) => Some(subject),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    match subject {
        Some(subject) if errors.is_empty() => expand::expand(&args, &subject),
        _ => expand::refuse(&item.into(), &errors),
    }
    .into()
}
