//! What a function returns, as far as it is seen, and whether callers can share it.

use quote::ToTokens;
use syn::{GenericArgument, GenericParam, Ident, ReturnType, Signature, Type, TypeParamBound};

use crate::{
    error::Errors,
    types::{argument, arguments, contains, is_called},
};

/// Refuses a future that is made where the attribute does not reach.
pub(crate) fn check_future(sig: &Signature, errors: &mut Errors) {
    let ReturnType::Type(_, ty) = &sig.output else {
        return;
    };
    match &**ty {
        ty if sig.asyncness.is_some() && is_future(ty) => errors.refuse(
            ty,
            "a future runs once, so it cannot be shared by the callers; await it in the body, and return what it \
             gives",
        ),
        _ if sig.asyncness.is_some() => {}
        Type::ImplTrait(future) if contains(ty.to_token_stream(), "Future") => {
            let output = future.bounds.iter().find_map(output_of);
            let output =
                output.map_or_else(String::new, |ty| format!(" -> {}", ty.to_token_stream()));
            errors.refuse(
                ty,
                format!(
                    "this future is made where the attribute does not reach; write `async fn {}(..){output}`",
                    sig.ident
                ),
            );
        }
        _ if is_boxed_future(ty) => errors.refuse(
            ty,
            "this future is made where the attribute does not reach; write an `async fn`, or end \
             with `Box::pin(async move { .. })`",
        ),
        _ => {}
    }
}

/// Whether this is a future, as far as it is seen.
fn is_future(ty: &Type) -> bool {
    match ty {
        // One that is `Clone` is shared as it is.
        Type::ImplTrait(future) => {
            future.bounds.iter().any(|bound| output_of(bound).is_some())
                && !contains(ty.to_token_stream(), "Clone")
        }
        _ => is_boxed_future(ty),
    }
}

/// Whether this is a boxed future, by its name or by what is in it.
fn is_boxed_future(ty: &Type) -> bool {
    is_called(ty, "BoxFuture")
        || is_called(ty, "LocalBoxFuture")
        || is_called(ty, "Pin") && contains(ty.to_token_stream(), "Future")
}

/// `Output` in `Future<Output = Output>`.
pub(crate) fn output_of(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let mut arguments = arguments(bound.path.segments.last()?, "Future")?;
    arguments.find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
        _ => None,
    })
}

/// The function of the runtime that refuses such a value, as what it is.
pub(crate) fn shared(sig: &Signature, ty: &Type) -> &'static str {
    let value = match argument(ty, "Result") {
        Some(value) => value,
        None => ty,
    };
    let any = |names: &[&str]| {
        names
            .iter()
            .any(|name| contains(value.to_token_stream(), name))
    };
    let mut generics = sig.generics.params.iter();
    if any(&["Response", "HttpResponse", "IntoResponse", "Responder"]) {
        "response"
    } else if any(&["Json", "Html"]) {
        "wrapped"
    } else if any(&["Stream", "BoxStream", "LocalBoxStream", "Streaming", "Body"]) {
        "stream"
    } else if any(&["Rc", "Cell", "RefCell"]) {
        "local"
    } else if generics.any(|param| match param {
        GenericParam::Type(param) => any(&[&param.ident.to_string()]),
        _ => false,
    }) {
        "bounded"
    } else {
        "value"
    }
}

/// Refuses what is seen to be no `Result`; of aliases the compiler knows.
pub(crate) fn check_fallible(returned: Option<&Type>, option: &Ident, errors: &mut Errors) {
    const OTHERS: [&str; 20] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char", "String", "Vec", "Option", "Arc",
    ];
    let is_other = match returned {
        Some(ty @ Type::Path(_)) => OTHERS.iter().any(|other| is_called(ty, other)),
        Some(Type::Tuple(_) | Type::Array(_)) | None => true,
        _ => false,
    };
    if is_other {
        errors.refuse(
            option,
            format!("`{option}` is about the `Err` of a `Result`, and this function returns none; leave it out, or return a `Result`"),
        );
    }
}
