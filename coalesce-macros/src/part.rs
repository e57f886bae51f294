//! Whether an argument can be part of an automatic key, as far as it is seen; the rest is the compiler's to find.

use syn::{Signature, Type};

use crate::{
    bounds::only_converted,
    error::Errors,
    home::Home,
    kind::{Kind, is_transaction},
    object::behind_a_trait,
    rewrite::Rewrite,
    types::{argument, borrow_in, peeled},
    variable::Variable,
    whole::{whole_key, whole_key_after},
};

/// Refuses the arguments that are seen to be no parts of a key, and says the whole key that is to be written
/// instead.
pub(crate) fn check_parts(
    parts: &[&Variable<'_>],
    sig: &Signature,
    home: &Home<'_>,
    errors: &mut Errors,
) {
    check_rewritten(parts, errors);
    for variable in parts {
        // One of a `#[cfg]` may not be there.
        if !variable.cfgs.is_empty() {
            continue;
        }
        if variable.mutable {
            check_mutable(variable, parts, sig, home, errors);
        } else if let Some(ty) = variable.ty {
            match behind_a_trait(variable, ty, parts, sig, home) {
                Some(refusal) => errors.refuse(ty, refusal),
                None => check_type(variable, ty, parts, sig, home, errors),
            }
        }
    }
}

/// Refuses an owner that is borrowed mutably: nobody else can call it meanwhile, and so what it would share with are
/// others, by clones of its registry, which may be in other transactions.
pub(crate) fn check_owners(owners: &[&Variable<'_>], parts: &[&Variable<'_>], errors: &mut Errors) {
    for Variable { name, .. } in owners.iter().filter(|owner| owner.mutable) {
        let key = whole_key_after(vec![format!("{name}.tenant")], parts.iter().copied());
        errors.refuse(
            name,
            format!(
                "`{name}` is borrowed mutably, so nobody else calls it meanwhile, and its calls would be shared with \
                 those of other owners alone, that have clones of the registry; take it by `&`, or put what tells one `{name}` from another into the key: \
                 `key = {key}`; `skip({name})` only if every one gives the same answers, as no \
                 transaction does"
            ),
        );
    }
}

fn check_rewritten(parts: &[&Variable<'_>], errors: &mut Errors) {
    let seen = |variable: &&&Variable<'_>| variable.cfgs.is_empty() && !variable.mutable;
    let mut first = None;
    let mut names = Vec::new();
    for variable in parts.iter().filter(seen) {
        let name = variable.name.to_string();
        if let Some(rewrite) = variable.ty.and_then(|ty| Rewrite::of(&name, ty)) {
            first.get_or_insert(rewrite);
            names.push(name);
        }
    }
    let Some(first) = first else { return };
    let key = whole_key(parts.iter().copied());
    let names = names.join(", ");
    let why = first.why();
    errors.refuse(
        first.culprit,
        format!(
            "{why}; write `key = {key}`, or `skip({names})` if the result does not depend on it"
        ),
    );
}

fn check_mutable(
    variable: &Variable<'_>,
    parts: &[&Variable<'_>],
    sig: &Signature,
    home: &Home<'_>,
    errors: &mut Errors,
) {
    let name = &variable.name;
    let others = parts.iter().copied().filter(|part| part.name != *name);
    let key = whole_key_after(vec![format!("{name}.tenant")], others);
    let way_out = match Kind::of(variable, sig) {
        Kind::Receiver if home.is_cluster() => format!(
            "take `&self`, and put what tells its data from others' into the key: `key = {key}`; `skip(self)` only if \
             every one in every server gives the same answers, as no transaction does"
        ),
        Kind::Receiver => format!(
            "take `&self`, and write `registry = self.calls` with the field `calls: coalesced::Registry`, in a trait \
             `registry = self.calls()`; or put what tells one `self` from another into the key: `key = {key}`; \
             `skip(self)` only if every one gives the same answers, as no transaction does"
        ),
        Kind::Connection => through(variable, parts, home),
        _ => format!(
            "return what the body changes, since those who wait share only what is returned; write {} \
             if the result does not depend on `{name}` (it does on an open transaction)",
            without(variable, parts)
        ),
    };
    errors.refuse(
        name,
        format!("`{name}` is borrowed mutably, so it cannot be part of a key; {way_out}"),
    );
}

/// The key that leaves this one out, and all that is borrowed mutably.
fn without(variable: &Variable<'_>, parts: &[&Variable<'_>]) -> String {
    let name = &variable.name;
    let others = parts.iter().copied().filter(|part| part.name != *name);
    match whole_key(others).as_str() {
        "()" if !variable.argument.is_some_and(is_transaction) => format!("`skip({name})`"),
        key => format!("`key = {key}`"),
    }
}

/// The way out for what calls go through.
fn through(variable: &Variable<'_>, parts: &[&Variable<'_>], home: &Home<'_>) -> String {
    let app = "take what owns the pool, as `app: &App`";
    let way_out = match home {
        _ if variable.argument.is_some_and(is_transaction) => {
            "put what runs in the caller's transaction in a function without `#[coalesce]`"
                .to_owned()
        }
        Home::Hidden => {
            format!("{app} with `registry = app.calls`, and get it from there in the body")
        }
        Home::Static(..) => format!("{app}, and get it from there in the body"),
        Home::Owned { root, .. } => format!(
            "leave it out, and take one in the body from the pool that `{root}` holds; what is to run in a \
             transaction of the caller's is not shared: put it in a function without `#[coalesce]`"
        ),
    };
    let only = match variable.argument.is_some_and(is_transaction) {
        true => "if it reads nothing but what all may see",
        false => "if it is never in a transaction, whose view would be given to others",
    };
    format!("{way_out}; write {} only {only}", without(variable, parts))
}

fn check_type(
    variable: &Variable<'_>,
    ty: &Type,
    parts: &[&Variable<'_>],
    sig: &Signature,
    home: &Home<'_>,
    errors: &mut Errors,
) {
    let name = &variable.name;
    let ty = peeled(ty);
    if let Some(refusal) = only_converted(sig, name, ty) {
        return errors.refuse(ty, refusal);
    }
    if Rewrite::of("", ty).is_some() {
        return;
    }
    if let Type::Tuple(tuple) = ty {
        return tuple
            .elems
            .iter()
            .for_each(|ty| check_type(variable, ty, parts, sig, home, errors));
    }
    if let Some(borrow) = borrow_in(behind_reference(ty)) {
        let key = |first: String| {
            let others = parts.iter().copied().filter(|part| part.name != *name);
            whole_key_after(vec![first], others)
        };
        let way_out = match Kind::of(variable, sig) {
            Kind::Connection => through(variable, parts, home),
            Kind::Asker | Kind::Owner => format!(
                "put `#[coalesce]` on what this calls for the data, or write the whole key, with who asks in it: \
                 `key = {}`; `skip({name})` only if everybody is to see the same",
                key("user.id".to_owned())
            ),
            _ => format!(
                "choose what of it is in the key, as `key = {}`, or `skip({name})` if the result does \
                 not depend on it, as it does on a transaction, and on who asks",
                key(format!("{name}.id"))
            ),
        };
        errors.refuse(
            borrow,
            format!("`{name}` borrows in a way that cannot be part of a key; {way_out}"),
        );
    }
}

/// The type whose owned form a key part of this type becomes: what a reference, an optional
/// reference or a `Cow` borrows.
fn behind_reference(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        _ => match (argument(ty, "Option"), argument(ty, "Cow")) {
            (Some(Type::Reference(reference)), _) => &reference.elem,
            (_, Some(borrowed)) => borrowed,
            _ => ty,
        },
    }
}
