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
//!         if let Some(value) = None::<User> { return value; }
//!         { BODY }
//!     })
//!     .await
//! }
//! ```
//!
//! All that the key borrows ends with the first statement, so that the body may take the arguments.
//! The key is bound before the block that holds the static: items are not hygienic, and the key is
//! the user's. The body's future is written in the call that stores it, so that it is stored once.

use crate::{
    args::Args,
    error::Errors,
    group::Group as Flights,
    key::key,
    subject::{Subject, output_span},
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

pub(crate) fn expand(args: &Args, subject: &Subject) -> TokenStream {
    let mut errors = Errors::default();
    subject.check(&mut errors);
    let group = Flights::new(args, &subject.variables(), &mut errors);
    let key = key(subject, args, &group, &mut errors);
    if !errors.is_empty() {
        return quote!(#subject #errors);
    }

    let Subject {
        attrs,
        vis,
        sig,
        body,
    } = subject;
    let join = join(args, subject, &group);
    let braces_of_body = if has_items(body) {
        Span::mixed_site()
    } else {
        body.span()
    };
    let body = braces(braces_of_body.located_at(body.span()), body_of(subject));
    let at = Span::mixed_site().located_at(sig.ident.span());
    let private = args.private(at);
    let expanded = quote_spanned! {at=>
        let __coalesced_place = match #key {
            __coalesced_key => #join
        };
        #private::run(__coalesced_place, async move #body).await
    };
    // The user's own braces, so that the function is where it was, for lints and for editors.
    let expanded = braces(subject.body.span(), expanded);
    quote!(#(#attrs)* #vis #sig #expanded)
}

fn braces(span: Span, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(span);
    braces
}

/// Whether items may stand in the body, which now come after a statement, the edge. In braces that
/// were generated clippy does not mind; in others it does (`items_after_statements`), and they are
/// better otherwise, since they are the body's own.
fn has_items(body: &Group) -> bool {
    const ITEMS: [&str; 11] = [
        "const", "enum", "extern", "fn", "impl", "mod", "static", "struct", "trait", "type", "use",
    ];
    body.stream().into_iter().any(|token| match token {
        TokenTree::Ident(word) => ITEMS.iter().any(|item| word == item),
        _ => false,
    })
}

/// The body after its edge; in braces of its own if it has `#![..]` attributes, which must come
/// first.
fn body_of(subject: &Subject) -> TokenStream {
    let edge = edge(subject);
    let body = &subject.body;
    let mut tokens = body.stream().into_iter().map(|token| token.to_string());
    if (tokens.next().as_deref(), tokens.next().as_deref()) == (Some("#"), Some("!")) {
        return quote!(#edge #body);
    }
    let statements = body.stream().into_iter().map(from_macro);
    quote!(#edge #(#statements)*)
}

/// A `$block` of a `macro_rules!` stands between invisible delimiters, which alone tell `unused_braces`
/// that its braces are no one's fault, and which do not survive an expansion; its braces say so here.
fn from_macro(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = &token else {
        return token;
    };
    if group.delimiter() != Delimiter::None {
        return token;
    }
    let content = group.stream().into_iter().map(|token| match token {
        TokenTree::Group(block) if block.delimiter() == Delimiter::Brace => {
            let mut braces = Group::new(Delimiter::Brace, block.stream());
            braces.set_span(Span::mixed_site().located_at(block.span()));
            TokenTree::Group(braces)
        }
        token => token,
    });
    TokenTree::Group(Group::new(Delimiter::None, content.collect()))
}

/// Takes a place in the group.
fn join(args: &Args, subject: &Subject, group: &Flights<'_>) -> TokenStream {
    // Where a type that can't be shared is refused.
    let at = Span::mixed_site().located_at(output_span(&subject.sig));
    let output = subject.output().unwrap_or_else(|| quote!(_));
    let (at, join, place) = match group {
        Flights::Hidden => {
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
        Flights::Static(place) => (at.located_at(place.span()), "join_static", place),
        Flights::Owned { place, .. } => (at.located_at(place.span()), "join_owned", place),
    };
    let private = args.private(at);
    let join = Ident::new(join, at);
    quote_spanned!(at=> #private::#join::<_, _, #output, _>(&#place, __coalesced_key))
}

/// Makes the compiler measure each way out of the body by the type that the function returns, as
/// it does in a function; the idea is `async_trait`'s.
fn edge(subject: &Subject) -> Option<TokenStream> {
    let at = Span::mixed_site().located_at(output_span(&subject.sig));
    let output = subject.output()?;
    Some(quote_spanned! {at=>
        if let ::core::option::Option::Some(__coalesced_value) =
            ::core::option::Option::None::<#output>
        {
            return __coalesced_value;
        }
    })
}

/// The item as it was, beside what is wrong with it.
pub(crate) fn refuse(item: &TokenStream, errors: &Errors) -> TokenStream {
    let errors = errors.to_token_stream();
    quote!(#item #errors)
}
