//! What is known by a trait alone: a `dyn Repo`, or an `impl Repo` that holds pools and clients. Nothing tells one from
//! another, and no field can be added to it.

use syn::{Signature, Type, TypeParamBound};

use crate::{
    bounds::{bounds, is_function},
    home::Home,
    kind::Kind,
    source::source,
    types::argument,
    variable::Variable,
    whole::whole_key_after,
};

/// Why it is no part of a key, and what to write instead.
pub(crate) fn behind_a_trait(
    variable: &Variable<'_>,
    ty: &Type,
    parts: &[&Variable<'_>],
    sig: &Signature,
    home: &Home<'_>,
) -> Option<String> {
    let name = &variable.name;
    let kind = Kind::of(variable, sig);
    let held = match object(ty) {
        Some(bounds) if is_function(bounds.iter().copied()) => {
            return Some(format!(
                "`{name}` is a function, which cannot be told from another, so it cannot be part of a key; take what \
                 decides what it does, and write `key = ..` of that; `skip({name})` only if the result does not depend on it"
            ));
        }
        Some(_) if matches!(kind, Kind::Asker | Kind::Receiver) => return None,
        Some(bounds) => Held::object(&bounds),
        None if !matches!(kind, Kind::Owner) => return None,
        None => Held::generic(&bounds(sig, ty)?, ty)?,
    };
    let way_out = match home {
        Home::Hidden => format!(
            "take a struct of your own that holds it beside a registry, `{}`, as `shared: &{}`, and write \
             `registry = shared.calls`; or say",
            held.declared(&name.to_string()),
            held.shared,
        ),
        _ if home.is_cluster() => "say".to_owned(),
        _ => "hold it in the struct that has the calls, and take it from there; or say".to_owned(),
    };
    let others = parts.iter().copied().filter(|part| part.name != *name);
    let key = whole_key_after(vec![format!("{name}.tenant()")], others);
    Some(format!(
        "`{name}` is known by its trait alone, so it cannot be part of a key; {way_out} what tells its data from \
         others', as `key = {key}`; `skip({name})` only if every one gives the same answers, as no tenant's, no \
         test's and no transaction's does"
    ))
}

/// How a struct holds it.
struct Held {
    /// The type of its field.
    field: String,
    /// What the struct is generic over.
    generic: &'static str,
    /// The type of an argument that is such a struct.
    shared: String,
}

impl Held {
    fn object(bounds: &[&TypeParamBound]) -> Self {
        let traits = bounds
            .iter()
            .filter(|bound| matches!(bound, TypeParamBound::Trait(_)));
        let traits: Vec<_> = traits.map(source).collect();
        Self {
            field: format!("Arc<dyn {}>", traits.join(" + ")),
            generic: "",
            shared: "Shared".to_owned(),
        }
    }

    /// `None`: by its bounds it may be a key.
    fn generic(bounds: &[&TypeParamBound], ty: &Type) -> Option<Self> {
        let may_be_a_key = |bound: &&TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => {
                let name = bound.path.segments.last().map(|last| &last.ident);
                name.is_some_and(|name| {
                    ["AsRef", "Eq", "Hash", "Ord"].iter().any(|key| name == key)
                })
            }
            _ => false,
        };
        if bounds.iter().any(may_be_a_key) {
            return None;
        }
        Some(Self {
            field: "R".to_owned(),
            generic: "<R>",
            shared: format!("Shared<{}>", source(&behind_pointers(ty))),
        })
    }

    fn declared(&self, name: &str) -> String {
        let Self { field, generic, .. } = self;
        format!("struct Shared{generic} {{ {name}: {field}, calls: coalesced::Registry }}")
    }
}

/// The traits of an object behind references and pointers.
fn object(ty: &Type) -> Option<Vec<&TypeParamBound>> {
    match behind_pointers(ty) {
        Type::TraitObject(object) => Some(object.bounds.iter().collect()),
        _ => None,
    }
}

fn behind_pointers(ty: &Type) -> &Type {
    const POINTERS: [&str; 3] = ["Arc", "Box", "Rc"];
    match ty {
        Type::Group(ty) => behind_pointers(&ty.elem),
        Type::Paren(ty) => behind_pointers(&ty.elem),
        Type::Reference(ty) => behind_pointers(&ty.elem),
        _ => match POINTERS.iter().find_map(|name| argument(ty, name)) {
            Some(ty) => behind_pointers(ty),
            None => ty,
        },
    }
}
