//! What the attribute writes.
//!
//! ```text
//! // Input:
//! async fn fetch_user(id: u64) -> User { BODY }
//!
//! // Output:
//! async fn fetch_user(id: u64) -> User {
//!     let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!         key => {
//!             static SLOT: Slot = Slot::new();
//!             join::<_, _, User, _>(&SLOT, key)
//!         }
//!     };
//!     run(place, async move {
//!         let _ = (&id,);
//!         if let Some(value) = None::<User> { return value; }
//!         BODY
//!     })
//!     .await
//! }
//! ```
//!
//! All that the key borrows ends with the first statement, so that the body may take the arguments.
//! The key is bound before the block that holds the static: items are not hygienic, and the key is
//! the user's. The body's future is written in the call that stores it, so that it is stored once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::{
    args::Args,
    body::{block, braces, used_underscores},
    error::Errors,
    group::Group,
    key::key,
    subject::{Subject, output_span},
};

pub(crate) fn expand(args: &Args, subject: &Subject) -> TokenStream {
    let mut errors = Errors::default();
    subject.check(&mut errors);
    let group = Group::new(args, &subject.variables(), &mut errors);
    let key = key(subject, args, &group, &mut errors);
    if !errors.is_empty() {
        return quote!(#subject #errors);
    }

    let Subject {
        attrs, vis, sig, ..
    } = subject;
    let join = join(args, subject, &group);
    let (inner, block) = block(subject);
    let at = Span::mixed_site().located_at(sig.ident.span());
    let private = args.private(at);
    let used = used_underscores(subject);
    let used_in_key = used.as_ref().filter(|_| args.key.is_none());
    let expanded = quote_spanned! {at=>
        #inner
        #used_in_key
        let __coalesced_place = match #key {
            __coalesced_key => #join
        };
        #private::run(__coalesced_place, #block).await
    };
    // The user's own braces, so that the function is where it was, for lints and for editors.
    let expanded = braces(subject.body.span(), expanded);
    quote!(#(#attrs)* #vis #sig #expanded)
}

/// Takes a place in the group.
fn join(args: &Args, subject: &Subject, group: &Group<'_>) -> TokenStream {
    // Where a type that can't be shared is refused.
    let at = Span::mixed_site().located_at(output_span(&subject.sig));
    let output = subject.output().unwrap_or_else(|| quote_spanned!(at=> _));
    let (at, join, place) = match group {
        Group::Hidden => {
            let private = args.private(at);
            let slot = match &args.name {
                None => quote_spanned!(at=> new()),
                Some(name) => {
                    let name = &name.value;
                    quote_spanned!(at=> named(#name))
                }
            };
            return quote_spanned! {at=> {
                static __COALESCED_SLOT: #private::Slot = #private::Slot::#slot;
                #private::join::<_, _, #output, _>(&__COALESCED_SLOT, __coalesced_key)
            }};
        }
        // Where a group of other keys or values is refused.
        Group::Static(place) => (at.located_at(place.span()), "join_static", place),
        Group::Owned { place, .. } => (at.located_at(place.span()), "join_owned", place),
    };
    let private = args.private(at);
    let join = Ident::new(join, at);
    quote_spanned!(at=> #private::#join::<_, _, #output, _>(&#place, __coalesced_key))
}

/// The item as it was, beside what is wrong with it.
pub(crate) fn refuse(item: &TokenStream, errors: &Errors) -> TokenStream {
    let errors = errors.to_token_stream();
    quote!(#item #errors)
}
