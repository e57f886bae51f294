//! The whole key, as a refusal writes it: who takes it word for word leaves no argument out that tells calls apart.

use syn::Type;

use crate::{
    rewrite::{Rewrite, tuple_of},
    types::{is_called, peeled},
    variable::Variable,
};

/// The key with these parts, each as it is written; `self` as well, since it may tell two callers apart.
pub(crate) fn whole_key<'v>(parts: impl IntoIterator<Item = &'v Variable<'v>>) -> String {
    whole_key_after(Vec::new(), parts)
}

/// The key with these parts of the user's first.
pub(crate) fn whole_key_after<'v>(
    mut first: Vec<String>,
    parts: impl IntoIterator<Item = &'v Variable<'v>>,
) -> String {
    let parts = parts.into_iter().filter(|variable| !variable.mutable);
    first.extend(parts.map(part));
    tuple_of(&first)
}

fn part(variable: &Variable<'_>) -> String {
    let name = variable.name.to_string();
    let Some(ty) = variable.ty else { return name };
    match Rewrite::of(&name, ty) {
        Some(rewrite) => rewrite.key,
        None => ordered(&name, ty).unwrap_or(name),
    }
}

/// What has no order, in one.
fn ordered(name: &str, ty: &Type) -> Option<String> {
    let ty = match peeled(ty) {
        Type::Reference(reference) => peeled(&reference.elem),
        ty => ty,
    };
    let ordered = match ty {
        _ if is_called(ty, "HashMap") => "BTreeMap<_, _>",
        _ if is_called(ty, "HashSet") => "BTreeSet<_>",
        _ => return None,
    };
    Some(format!(
        "{name}.clone().into_iter().collect::<std::collections::{ordered}>()"
    ))
}
