//! What a function states of an argument whose type is any that fits: `impl AsRef<str>`, or a `T` of its own.

use syn::{
    GenericArgument, GenericParam, Ident, PathArguments, Signature, Type, TypeParamBound,
    WherePredicate,
};

use crate::source::source;

/// The bounds of such a type, or of what it refers to; `None` for a type that is known.
pub(crate) fn bounds<'s>(sig: &'s Signature, ty: &'s Type) -> Option<Vec<&'s TypeParamBound>> {
    match ty {
        Type::Group(ty) => bounds(sig, &ty.elem),
        Type::Paren(ty) => bounds(sig, &ty.elem),
        Type::Reference(ty) => bounds(sig, &ty.elem),
        Type::ImplTrait(ty) => Some(ty.bounds.iter().collect()),
        Type::Path(path) => {
            let name = path.path.get_ident()?;
            let stated = sig.generics.params.iter().find_map(|param| match param {
                GenericParam::Type(param) if param.ident == *name => Some(param.bounds.iter()),
                _ => None,
            })?;
            Some(stated.chain(bounds_in_where(sig, name)).collect())
        }
        _ => None,
    }
}

fn bounds_in_where<'s>(
    sig: &'s Signature,
    name: &'s Ident,
) -> impl Iterator<Item = &'s TypeParamBound> {
    let predicates = sig
        .generics
        .where_clause
        .iter()
        .flat_map(|it| &it.predicates);
    predicates
        .filter_map(move |predicate| match predicate {
            WherePredicate::Type(predicate) => match &predicate.bounded_ty {
                Type::Path(path) if path.path.is_ident(name) => Some(&predicate.bounds),
                _ => None,
            },
            _ => None,
        })
        .flatten()
}

/// The one trait that says anything of a value, and what is between its angle brackets.
pub(crate) fn only_trait<'s>(
    bounds: &[&'s TypeParamBound],
) -> Option<(&'s Ident, Option<&'s Type>)> {
    const SAY_NOTHING: [&str; 7] = [
        "Send",
        "Sync",
        "Unpin",
        "Sized",
        "Clone",
        "Copy",
        "UnwindSafe",
    ];
    let mut traits = bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    let mut traits = traits
        .by_ref()
        .filter(|last| !SAY_NOTHING.iter().any(|name| last.ident == name));
    let only = traits.next()?;
    let argument = match &only.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|it| match it {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    };
    traits.next().is_none().then_some((&only.ident, argument))
}

/// `str` of an argument that is known to be `AsRef<str>`, and nothing else.
pub(crate) fn as_ref<'s>(sig: &'s Signature, ty: &'s Type) -> Option<&'s Type> {
    match only_trait(&bounds(sig, ty)?)? {
        (name, Some(target)) if name == "AsRef" => Some(target),
        _ => None,
    }
}

const FUNCTIONS: [&str; 6] = [
    "Fn",
    "FnMut",
    "FnOnce",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
];

/// Whether these are the traits of a function.
pub(crate) fn is_function<'s>(bounds: impl IntoIterator<Item = &'s TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| FUNCTIONS.iter().any(|function| last.ident == function))
        }
        _ => false,
    })
}

/// Why an argument that is known by one trait alone is no key, and what to write instead.
pub(crate) fn only_converted(sig: &Signature, name: &Ident, ty: &Type) -> Option<String> {
    let bounds = bounds(sig, ty)?;
    let (only, argument) = only_trait(&bounds)?;
    if only == "Into" {
        let target = source(&argument?);
        let way_out = match target.as_str() {
            "String" => "take `impl AsRef<str>`, which is looked into".to_owned(),
            "PathBuf" => "take `impl AsRef<Path>`, which is looked into".to_owned(),
            _ => format!("take `{name}: {target}`"),
        };
        return Some(format!(
            "`{name}` tells what it is only when it is consumed, so it cannot be part of a key; {way_out}"
        ));
    }
    if is_function(bounds.iter().copied()) {
        return Some(format!(
            "`{name}` is a function, which cannot be told from another, so it cannot be part of a key; take what \
             decides what it does, and write `key = ..` of that; `skip({name})` only if the result does not depend on it"
        ));
    }
    (only == "Display" || only == "ToString").then(|| {
        format!("`{name}` is only known to be `{only}`, so it cannot be part of a key; take `impl AsRef<str>`, which is looked into")
    })
}
