//! Whether an argument can be part of an automatic key, as far as it is seen; the rest is the compiler's to find.

use syn::{Signature, Type};

use crate::{
    bounds::only_converted,
    error::Errors,
    home::Home,
    kind::Kind,
    object::behind_a_trait,
    rewrite::{Rewrite, tuple_of},
    types::{argument, borrow_in, peeled},
    variable::Variable,
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
            match behind_a_trait(variable, ty, sig, home) {
                Some(refusal) => errors.refuse(ty, refusal),
                None => check_type(variable, ty, parts, sig, errors),
            }
        }
    }
}

/// Refuses an owner that is borrowed mutably: nobody else can call it meanwhile, and so what it would share with are
/// others, by clones of its registry, which may be in other transactions.
pub(crate) fn check_owners(owners: &[&Variable<'_>], errors: &mut Errors) {
    for Variable { name, .. } in owners.iter().filter(|owner| owner.mutable) {
        errors.refuse(
            name,
            format!(
                "`{name}` is borrowed mutably, so nobody else calls it meanwhile, and its calls would be shared with \
                 those of other owners alone, that have clones of the registry; take it by `&`, or put what tells one `{name}` from another into the key: \
                 `key = ({name}.tenant, id)`; `skip({name})` only if every one gives the same answers, as no \
                 transaction does"
            ),
        );
    }
}

/// The key with these parts, each as it is written; `self` as well, since it may tell two callers apart.
fn whole_key<'v>(parts: impl Iterator<Item = &'v Variable<'v>>) -> String {
    let parts: Vec<String> = parts
        .map(|variable| {
            let name = variable.name.to_string();
            match variable.ty.and_then(|ty| Rewrite::of(&name, ty)) {
                Some(rewrite) => rewrite.key,
                None => name,
            }
        })
        .collect();
    tuple_of(&parts)
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
    let key = whole_key(parts.iter().copied().filter(|variable| !variable.mutable));
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
    let alone = without(variable, parts);
    let way_out = match Kind::of(variable, sig) {
        Kind::Receiver if home.is_cluster() => "take `&self`, and put what tells its data from others' into the key: \
                                                `key = (self.tenant, ..)`; `skip(self)` only if every one in every server \
                                                gives the same answers, as no transaction does"
            .to_owned(),
        Kind::Receiver => "take `&self`, and write `registry = self.calls` with the field `calls: \
                           coalesced::Registry`, or put what tells one `self` from another into the key: `key = (self.tenant, ..)`; \
                           `skip(self)` only if every one gives the same answers, as no transaction does"
            .to_owned(),
        Kind::Connection => through(&alone),
        _ => format!(
            "return what the body changes, since those who wait share only what is returned; write {alone} \
             if the result does not depend on `{name}` (it does on an open transaction)"
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
    let others = parts.iter().copied();
    let others = others.filter(|part| !part.mutable && part.name != *name);
    match whole_key(others).as_str() {
        "()" => format!("`skip({name})`"),
        key => format!("`key = {key}`"),
    }
}

/// The way out for what calls go through.
fn through(alone: &str) -> String {
    format!(
        "take what owns the pool, as `app: &App` with `registry = app.calls`, and get it from there in the body; \
         write {alone} only if it is never in a transaction, whose view would be given to others"
    )
}

fn check_type(
    variable: &Variable<'_>,
    ty: &Type,
    parts: &[&Variable<'_>],
    sig: &Signature,
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
            .for_each(|ty| check_type(variable, ty, parts, sig, errors));
    }
    if let Some(borrow) = borrow_in(behind_reference(ty)) {
        let way_out = match Kind::of(variable, sig) {
            Kind::Connection => through(&without(variable, parts)),
            Kind::Asker | Kind::Owner => format!(
                "put `#[coalesce]` on what this calls for the data, or write the whole key, with who asks in it: \
                 `key = (user.id, id)`; `skip({name})` only if everybody is to see the same"
            ),
            _ => format!(
                "choose what of it is in the key, as `key = {name}.id`, or `skip({name})` if the result does \
                 not depend on it, as it does on a transaction, and on who asks"
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
