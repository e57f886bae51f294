//! What can be seen of a type as it is written; the rest, such as what an alias stands for, is the
//! compiler's to know.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// Without what a `macro_rules!` fragment or parentheses put around it.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Paren(ty) => peeled(&ty.elem),
        Type::Group(ty) => peeled(&ty.elem),
        _ => ty,
    }
}

/// Whether this is the last name in the path of a type.
pub(crate) fn is_called(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// The argument of `Name<Argument>`.
pub(crate) fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    types_in(ty, name).next()
}

/// The types in `Name<One, Other>`.
pub(crate) fn types_in<'t>(ty: &'t Type, name: &str) -> impl Iterator<Item = &'t Type> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let arguments = last.and_then(|last| arguments(last, name));
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// The argument of a type that has one, whatever its name.
pub(crate) fn only_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// What is between the angle brackets of `Name<..>`.
pub(crate) fn arguments<'t>(
    segment: &'t PathSegment,
    name: &str,
) -> Option<impl Iterator<Item = &'t GenericArgument>> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if segment.ident == name => {
            Some(arguments.args.iter())
        }
        _ => None,
    }
}

/// Whether this word is anywhere in a type.
pub(crate) fn contains(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => contains(group.stream(), word),
        _ => false,
    })
}

/// Whether a type without references is seen to borrow nothing. An alias may stand for a reference, by which nothing is
/// lost: a copy of it is taken.
pub(crate) fn borrows_nothing(ty: &Type) -> bool {
    matches!(ty, Type::Path(_)) && !is_called(ty, "Cow")
}

/// Whether a reference is anywhere in a type.
pub(crate) fn refers(ty: &Type) -> bool {
    fn has_ampersand(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Punct(punct) => punct.as_char() == '&',
            TokenTree::Group(group) => has_ampersand(group.stream()),
            _ => false,
        })
    }
    has_ampersand(ty.to_token_stream())
}

pub(crate) fn is_mutable(ty: &Type) -> bool {
    match ty {
        Type::Paren(ty) => is_mutable(&ty.elem),
        Type::Group(ty) => is_mutable(&ty.elem),
        Type::Reference(reference) => reference.mutability.is_some(),
        _ => false,
    }
}

/// The first borrow in a type that is not `'static`, as far as it can be seen.
pub(crate) fn borrow_in(ty: &Type) -> Option<TokenStream> {
    match ty {
        Type::Paren(ty) => borrow_in(&ty.elem),
        Type::Group(ty) => borrow_in(&ty.elem),
        Type::Array(ty) => borrow_in(&ty.elem),
        Type::Slice(ty) => borrow_in(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().find_map(borrow_in),
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => borrow_in(&reference.elem),
            _ => Some(reference.to_token_stream()),
        },
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => borrow_in(ty),
                GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                    Some(ty.to_token_stream())
                }
                _ => None,
            })
        }),
        _ => None,
    }
}
