//! What the attribute writes.
//!
//! ```text
//! // Input:
//! async fn fetch_user(id: u64) -> User { BODY }
//!
//! // Output:
//! async fn fetch_user(id: u64) -> User {
//!     use ::coalesced::__private as __coalesced;
//!     let home = { static HIDDEN: Hidden = Hidden::new(Function::NEW); &HIDDEN };
//!     let place = match (part(ProbeCopy::new(&(id)).coalesced_probe()),) {
//!         key => join(home, Show::new(&key).coalesced_show(), key,
//!             value({ error(ByClone::<User>::NEW.coalesced_way()) })),
//!     };
//!     run(place, async move {
//!         let _ = (&id,);
//!         if false { return never::<User>(); }
//!         BODY
//!     })
//!     .await
//! }
//! ```
//!
//! All that the key borrows ends with the third statement, so that the body may take the arguments.
//! The static is in a block of its own: items are not hygienic, and the key and the body are the
//! user's; and so are constants, which is why a variable of ours is called `__coalesced_key`. The body's future is
//! written in the call that stores it, so that it is stored once.

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
    sharing::{sharing, vouched},
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
    if let (Some(cluster), false) = (&options.cluster, subject.is_async()) {
        errors.refuse(
            &cluster.name,
            "a plain `fn` can't wait for other servers; make it an `async fn`",
        );
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
    let block = vouched(options, subject, block);
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
    let keyed = match &chosen {
        Home::Static(Owner::Group, _)
        | Home::Owned {
            owner: Owner::Group,
            ..
        } => {
            quote_spanned!(at=> #private::keyed(__coalesced_home, &__coalesced_key))
        }
        _ => quote_spanned!(at=> __coalesced_home),
    };
    let join = quote_spanned! {at=>
        match #key {
            __coalesced_key => #private::#join(#keyed, #shown, __coalesced_key, #way),
        }
    };
    let place = match &options.bypass {
        None => join,
        Some(bypass) => {
            let bypass = &bypass.value;
            quote_spanned! {at=>
                if (#bypass) && #private::may_bypass() {
                    #private::alone(__coalesced_home, #way)
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
    let import = options.import();
    let trail = trail(options, &chosen, &subject.variables());
    let expanded = quote_spanned! {at=>
        #inner
        #import
        let __coalesced_home = #home;
        #trail
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
        Home::Static(owner, place) => ("static", owner, place),
        Home::Owned { owner, place, .. } if chosen.is_accessed() => ("accessed", owner, place),
        Home::Owned { owner, place, .. } => ("owned", owner, place),
    };
    let at = Span::mixed_site().located_at(place.span());
    let found = match chosen.is_accessed() {
        true => quote!(#place),
        false => quote_spanned!(at=> &#place),
    };
    let private = options.private(at);
    match owner {
        Owner::Group => {
            let kind = Ident::new(&format!("{kind}_group"), at);
            quote_spanned!(at=> #private::#kind::<#value, _, _>(#found))
        }
        Owner::Registry | Owner::Cluster => {
            let function = match (&options.name, config(options)) {
                (None, None) => quote_spanned!(at=> &#private::Function::NEW),
                _ => {
                    let function = function(options, at);
                    quote_spanned! {at=> {
                        static __COALESCED_FUNCTION: #private::Function = #function;
                        &__COALESCED_FUNCTION
                    }}
                }
            };
            if let Owner::Registry = owner {
                let kind = Ident::new(&format!("{kind}_registry"), at);
                return quote_spanned!(at=> #private::#kind(#found, #function));
            }
            let path = &subject.sig.ident;
            quote_spanned! {at=> {
                let __coalesced_cluster = #private::cluster(&#place);
                __coalesced_cluster.coalesced_home(
                    #function,
                    #private::core::concat!(#private::core::module_path!(), "::", #private::core::stringify!(#path)),
                    __coalesced_cluster.coalesced_probe::<#value>().coalesced_codec(),
                )
            }}
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
