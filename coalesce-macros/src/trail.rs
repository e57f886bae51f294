//! Whether an argument that holds the registry may be left out of the key: what it dereferences to on the way there,
//! only the compiler knows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned as _;

use crate::{home::Home, options::Options};

/// Has the runtime follow the way from the argument to the place, if nothing else is said of the argument.
pub(crate) fn trail(options: &Options, home: &Home<'_>) -> Option<TokenStream> {
    let (root, place) = home.field()?;
    let skipped = options.skip.as_ref();
    if options.key.is_some() || skipped.is_some_and(|skip| skip.value.contains(root)) {
        return None;
    }
    let at = Span::mixed_site().located_at(place.span());
    let private = options.private(at);
    let argument = root.to_string();
    let named = place.to_token_stream().to_string().replace(' ', "");
    Some(quote_spanned! {at=>
        #private::Trail::new(&#root, &#place)
            .coalesced_next()
            .coalesced_next()
            .coalesced_next()
            .coalesced_next()
            .end(#argument, #named);
    })
}
