//! What the attribute writes.
//!
//! ```text
//! // Input:
//! async fn fetch_user(id: u64) -> User { BODY }
//!
//! // Output:
//! async fn fetch_user(id: u64) -> User {
//!     let home = { static HIDDEN: Hidden = Hidden::new(Function::NEW); &HIDDEN };
//!     let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!         key => join::<_, _, _, User, _, _>(
//!             home, Show::new(&key).coalesced_show(), key,
//!             value(error(ByClone::<User>::new().coalesced_way())),
//!         ),
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
//! All that the key borrows ends with the second statement, so that the body may take the arguments.
//! The static is in a block of its own: items are not hygienic, and the key and the body are the
//! user's. The body's future is written in the call that stores it, so that it is stored once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::{
    body::{block, braces, used_underscores},
    error::Errors,
    home::{Home, Owner},
    key::key,
    options::Options,
    output::check_fallible,
    setting::Setting,
    subject::Subject,
    trail::trail,
};

pub(crate) fn expand(options: &Options, subject: &Subject) -> TokenStream {
    let mut errors = Errors::default();
    subject.check(&mut errors);
    if let Some(spawn) = &options.spawn {
        subject.check_owned(spawn, &mut errors);
    }
    if let Some(option) = options.errors_apart() {
        check_fallible(subject.returned(), option, &mut errors);
    }
    options.check_limits(&subject.variables(), &mut errors);
    let chosen = Home::new(options, &subject.variables(), &mut errors);
    let key = key(subject, options, &chosen, &mut errors);
    if !errors.is_empty() {
        return quote!(#subject #errors);
    }

    let Subject {
        attrs, vis, sig, ..
    } = subject;
    let (inner, block) = block(subject, options);
    let [value, way] = sharing(options, subject);
    // Where a group of other values is refused.
    let home = home(options, subject, &chosen, &value);
    // Where a group of other keys is refused.
    let at = Span::mixed_site().located_at(match &chosen {
        Home::Hidden => sig.ident.span(),
        Home::Static(_, place) | Home::Owned { place, .. } => place.span(),
    });
    let private = options.private(at);
    let join = Ident::new(
        if subject.is_async() {
            "join"
        } else {
            "join_blocking"
        },
        at,
    );
    let shown = match &options.hide {
        None => quote_spanned!(at=> #private::Show::new(&__coalesced_key).coalesced_show()),
        Some(_) => quote_spanned!(at=> #private::core::option::Option::None),
    };
    let join = quote_spanned! {at=>
        match #key {
            __coalesced_key => #private::#join::<_, _, _, #value, _, _>(
                __coalesced_home,
                #shown,
                __coalesced_key,
                #way,
            ),
        }
    };
    let place = match &options.bypass {
        None => join,
        Some(bypass) => {
            let bypass = &bypass.value;
            quote_spanned! {at=>
                if (#bypass) && #private::may_bypass() {
                    #private::alone::<_, _, #value, _, _>(__coalesced_home, #way)
                } else {
                    #join
                }
            }
        }
    };
    let run = match &options.spawn {
        None if !subject.is_async() => {
            quote_spanned!(at=> #private::block(__coalesced_place, #block))
        }
        None => quote_spanned!(at=> #private::run(__coalesced_place, #block).await),
        Some(spawn) => {
            let detach = spawn == "detach";
            quote_spanned!(at=> #private::spawn(__coalesced_place, #block, #detach).await)
        }
    };
    let used = used_underscores(subject);
    let used_in_key = used.as_ref().filter(|_| options.key.is_none());
    let trail = trail(options, &chosen, &subject.variables());
    let expanded = quote_spanned! {at=>
        #inner
        #trail
        let __coalesced_home = #home;
        #used_in_key
        let __coalesced_place = #place;
        #run
    };
    // The user's own braces, so that the function is where it was, for lints and for editors.
    let mut expanded = braces(subject.async_body().span(), expanded);
    if let Some(boxed) = &subject.boxed {
        expanded = braces(subject.body.span(), boxed.around(&expanded));
    }
    quote!(#(#attrs)* #vis #sig #expanded)
}

/// How the output is shared: the type of the value, and the way to give it to one more caller. Where a type
/// that can't be shared is refused.
fn sharing(options: &Options, subject: &Subject) -> [TokenStream; 2] {
    let at = Span::mixed_site().located_at(subject.output_span());
    let private = options.private(at);
    let output = subject.output().unwrap_or_else(|| quote_spanned!(at=> _));
    if let Some(clone_err) = &options.clone_err {
        let clone_err = &clone_err.value;
        let way = quote_spanned! {at=>
            #private::Way::<#private::Whole, _>::new(|__coalesced_result: &#output| {
                #private::cloned_but_err::<#output>(__coalesced_result, #clone_err)
            })
        };
        return [output, way];
    }
    if options.share.is_some() {
        let value = quote_spanned!(at=> <#output as #private::Fallible>::Value);
        let way = quote_spanned! {at=>
            #private::Way::<#private::OnlyOk<#output>, _>::new(#private::cloned::<#value>)
        };
        return [value, way];
    }
    // What is refused is an argument, or a block that is one, so each is where the type is that it is about.
    let [value, error] = subject.output_parts();
    let (private, called) = (options.private(error.first), error.call(quote!()));
    let look = quote_spanned! {error.first=>
        #private::error(#private::ByClone::<#output>::new().coalesced_way #called)
    };
    let (private, look) = (options.private(value.first), braces(value.first, look));
    let shared = Ident::new(subject.shared(), value.first);
    [
        output,
        quote_spanned!(value.first=> #private::#shared(#look)),
    ]
}

/// Where the flights are.
fn home(
    options: &Options,
    subject: &Subject,
    chosen: &Home<'_>,
    value: &TokenStream,
) -> TokenStream {
    let (kind, owner, place) = match chosen {
        Home::Hidden => {
            let at = Span::mixed_site().located_at(subject.sig.ident.span());
            let (private, function) = (options.private(at), function(options, at));
            return quote_spanned! {at=> {
                static __COALESCED_HIDDEN: #private::Hidden = #private::Hidden::new(#function);
                &__COALESCED_HIDDEN
            }};
        }
        Home::Static(owner, place) => ("Static", owner, place),
        Home::Owned { owner, place, .. } => ("Owned", owner, place),
    };
    let at = Span::mixed_site().located_at(place.span());
    let private = options.private(at);
    match owner {
        Owner::Group => {
            let kind = Ident::new(&format!("{}_group", kind.to_lowercase()), at);
            quote_spanned!(at=> #private::#kind::<#value, _, _>(&#place))
        }
        Owner::Registry => {
            let kind = Ident::new(&format!("{kind}Registry"), at);
            let function = function(options, at);
            quote_spanned! {at=> #private::#kind(&#place, {
                static __COALESCED_FUNCTION: #private::Function = #function;
                &__COALESCED_FUNCTION
            })}
        }
    }
}

/// What the attribute says of the function, for its group in a registry.
fn function(options: &Options, at: Span) -> TokenStream {
    let private = options.private(at);
    let named = options.name.as_ref().map(|name| {
        let name = &name.value;
        quote_spanned!(at=> .named(#name))
    });
    let config = config(options).map(|config| quote_spanned!(at=> .with_config(#config)));
    quote_spanned!(at=> #private::Function::NEW #named #config)
}

/// The function's own limits.
fn config(options: &Options) -> Option<TokenStream> {
    if let Some(config) = &options.config {
        return Some(config.value.to_token_stream());
    }
    let first = options.limits.first()?;
    let at = Span::mixed_site().located_at(first.name.span());
    let private = options.private(at);
    let limits = options.limits.iter().map(|Setting { name, value }| {
        let at = Span::mixed_site().located_at(name.span());
        let limit = Ident::new(&name.to_string(), at);
        let value = value.tokens(options);
        quote_spanned!(at=> .#limit(#value))
    });
    Some(quote_spanned!(at=> #private::Config::new()#(#limits)*))
}

/// The item as it was, beside what is wrong with it.
pub(crate) fn refuse(item: &TokenStream, errors: &Errors) -> TokenStream {
    let errors = errors.to_token_stream();
    quote!(#item #errors)
}
