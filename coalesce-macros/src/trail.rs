//! Whether an argument that holds the registry may be left out of the key: what it dereferences to on the way there,
//! only the compiler knows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Type, spanned::Spanned as _};

use crate::{home::Home, options::Options, types::only_argument, variable::Variable};

/// Has the runtime follow the way from the argument to the place, if nothing else is said of the argument. It stands
/// after the home, since a method is asked for the place once.
pub(crate) fn trail(
    options: &Options,
    home: &Home<'_>,
    variables: &[Variable<'_>],
) -> Option<TokenStream> {
    let (root, place) = home.field()?;
    let skipped = options.skip.as_ref();
    if options.key.is_some() || skipped.is_some_and(|skip| skip.value.contains(root)) {
        return None;
    }
    let at = Span::mixed_site().located_at(place.span());
    let private = options.private(at);
    let argument = root.to_string();
    let named = place.to_token_stream().to_string().replace(' ', "");
    let variable = variables.iter().find(|variable| variable.name == *root);
    // `&self`, or what is only seen to be there.
    let steps = variable.and_then(|it| it.ty).map_or(1, pointers);
    let steps = (0..steps).map(|_| quote_spanned!(at=> .coalesced_next()));
    let found = match home.is_accessed() {
        true => quote_spanned!(at=> __coalesced_home.0),
        false => quote_spanned!(at=> &#place),
    };
    Some(quote_spanned! {at=>
        #private::Trail::new(&#root, #found) #(#steps)* .end(#argument, #named);
    })
}

/// How many pointers, as far as it is seen, lead to what has the fields; each costs time to build. One that is not
/// seen, as a state that is all a pointer, ends the trail.
fn pointers(ty: &Type) -> usize {
    let target = match ty {
        Type::Group(ty) => return pointers(&ty.elem),
        Type::Paren(ty) => return pointers(&ty.elem),
        Type::Reference(reference) => Some(&*reference.elem),
        _ => only_argument(ty),
    };
    target.map_or(0, |target| 1 + pointers(target))
}
