//! How callers share what the function returns, and where a type that can't be shared is refused: what is refused is
//! an argument, or a block that is one, so each is where the type is that it is about.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned as _};

use crate::{body::braces, options::Options, setting::Setting, subject::Subject};

/// The body, which is refused where the type of what it returns has no name and can't be shared.
pub(crate) fn vouched(options: &Options, subject: &Subject, block: TokenStream) -> TokenStream {
    let never = matches!(subject.returned(), Some(Type::Never(_)));
    if never || subject.output().is_some() || options.errors_apart().is_some() {
        return block;
    }
    let [value, _] = subject.output_parts();
    let private = options.private(value.first);
    let unnamed = match subject.shared() {
        _ if !subject.is_async() => "unnamed_blocking",
        "response" => "unnamed_response",
        "stream" => "unnamed_stream",
        _ => "unnamed_value",
    };
    let unnamed = Ident::new(unnamed, value.first);
    let block = braces(value.first, block);
    quote_spanned!(value.first=> #private::#unnamed(#block))
}

/// How the output is shared: the type of the value, and the way to give it to one more caller.
pub(crate) fn sharing(options: &Options, subject: &Subject) -> [TokenStream; 2] {
    let at = Span::mixed_site().located_at(subject.output_span());
    let [value, error] = subject.output_parts();
    let output = subject.output().unwrap_or_else(|| quote_spanned!(at=> _));
    let (private, called) = (options.private(error.first), error.call(quote!()));
    let (look, refuse) = match (&options.clone_err, &options.share) {
        (Some(_), _) => ("ByCopy", "fallible"),
        (None, Some(_)) => ("ByOk", "fallible"),
        (None, None) => ("ByClone", "error"),
    };
    let [look, refuse] = [look, refuse].map(|name| Ident::new(name, error.first));
    let found = quote_spanned! {error.first=>
        #private::#refuse(#private::#look::<#output>::NEW.coalesced_way #called)
    };
    let (private, found) = (options.private(value.first), braces(value.first, found));
    let shared = Ident::new(subject.shared(), value.first);
    let way = quote_spanned!(value.first=> #private::#shared(#found));
    match (&options.clone_err, &options.share) {
        (Some(Setting { value, .. }), _) => {
            let at = Span::mixed_site().located_at(value.span());
            let private = options.private(at);
            let copy = quote_spanned! {at=> |__coalesced_result| #private::cloned_but_err(__coalesced_result, #value) };
            [output, quote_spanned!(at=> #way.coalesced_by(#copy))]
        }
        (None, Some(_)) => {
            let private = options.private(at);
            let value = quote_spanned!(at=> <#output as #private::Fallible>::Value);
            [value, way]
        }
        (None, None) => [output, way],
    }
}
