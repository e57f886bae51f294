//! What to write as a key for arguments that are none as they are, but hold what tells calls apart: floats have
//! bits, and what borrows further down can be owned.

use syn::Type;

use crate::types::{argument, is_called};

/// A part of a key, to be written instead of an argument.
pub(crate) struct Rewrite<'t> {
    pub(crate) key: String,
    /// The type because of which it is needed.
    pub(crate) culprit: &'t Type,
}

impl<'t> Rewrite<'t> {
    /// How this place is written as a part of a key; `None` if it is one already, as far as can be seen.
    pub(crate) fn of(place: &str, ty: &'t Type) -> Option<Self> {
        rewrite(place, ty, false)
    }

    /// Why it is needed.
    pub(crate) fn why(&self) -> &'static str {
        if is_float(self.culprit) {
            "a float is not `Eq`, so it cannot be part of a key as it is"
        } else {
            "this borrows in a way that cannot be part of a key"
        }
    }
}

fn rewrite<'t>(place: &str, ty: &'t Type, inside: bool) -> Option<Rewrite<'t>> {
    match ty {
        Type::Paren(ty) => rewrite(place, &ty.elem, inside),
        Type::Group(ty) => rewrite(place, &ty.elem, inside),
        Type::Reference(reference) if inside && is_called(&reference.elem, "str") => {
            Some(Rewrite {
                key: format!("{place}.to_string()"),
                culprit: ty,
            })
        }
        Type::Reference(reference) => rewrite(place, &reference.elem, inside),
        Type::Array(array) => elements(place, &array.elem),
        Type::Slice(slice) => elements(place, &slice.elem),
        Type::Tuple(tuple) => {
            let places = (0..tuple.elems.len()).map(|index| format!("{place}.{index}"));
            let mut culprit = None;
            let parts: Vec<String> = places
                .zip(&tuple.elems)
                .map(|(place, ty)| match rewrite(&place, ty, inside) {
                    Some(part) => {
                        culprit.get_or_insert(part.culprit);
                        part.key
                    }
                    None if inside && !is_copy(ty) => format!("{place}.clone()"),
                    None => place,
                })
                .collect();
            culprit.map(|culprit| Rewrite {
                key: tuple_of(&parts),
                culprit,
            })
        }
        Type::Path(_) if is_float(ty) => Some(Rewrite {
            key: format!("{place}.to_bits()"),
            culprit: ty,
        }),
        Type::Path(_) => path(place, ty, inside),
        _ => None,
    }
}

fn path<'t>(place: &str, ty: &'t Type, inside: bool) -> Option<Rewrite<'t>> {
    for list in ["Vec", "VecDeque"] {
        if let Some(element) = argument(ty, list) {
            return elements(place, element);
        }
    }
    for pointer in ["Box", "Arc", "Cow"] {
        if let Some(target) = argument(ty, pointer) {
            return rewrite(place, target, inside);
        }
    }
    let some = argument(ty, "Option")?;
    if is_float(some) {
        let name = if is_called(some, "f32") { "f32" } else { "f64" };
        return Some(Rewrite {
            key: format!("{place}.map({name}::to_bits)"),
            culprit: some,
        });
    }
    // An optional reference is a part of a key.
    let borrows = matches!(some, Type::Reference(_));
    let part = rewrite("it", some, inside || !borrows)?;
    let map = if is_copy(some) { "map" } else { "as_ref().map" };
    Some(Rewrite {
        key: format!("{place}.{map}(|it| {})", part.key),
        culprit: part.culprit,
    })
}

fn elements<'t>(place: &str, element: &'t Type) -> Option<Rewrite<'t>> {
    let part = rewrite("it", element, true)?;
    Some(Rewrite {
        key: format!("{place}.iter().map(|it| {}).collect::<Vec<_>>()", part.key),
        culprit: part.culprit,
    })
}

/// Several parts are a tuple, one is itself.
pub(crate) fn tuple_of(parts: &[String]) -> String {
    match parts {
        [part] => part.clone(),
        _ => format!("({})", parts.join(", ")),
    }
}

fn is_float(ty: &Type) -> bool {
    is_called(ty, "f32") || is_called(ty, "f64")
}

fn is_copy(ty: &Type) -> bool {
    const NAMES: [&str; 16] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    match ty {
        Type::Paren(ty) => is_copy(&ty.elem),
        Type::Group(ty) => is_copy(&ty.elem),
        Type::Reference(reference) => reference.mutability.is_none(),
        Type::Array(array) => is_copy(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_copy),
        Type::Path(_) => match argument(ty, "Option") {
            Some(some) => is_copy(some),
            None => NAMES.iter().any(|name| is_called(ty, name)),
        },
        _ => false,
    }
}
