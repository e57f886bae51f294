//! The variables that the arguments bind, and whether they can be parts of a key.

use quote::ToTokens;
use syn::{Attribute, FnArg, Ident, Pat, PatIdent, ReceiverKind, Signature, Type};

use crate::{
    error::Errors,
    types::{argument, borrow_in, is_mutable},
};

/// A variable that a pattern of the arguments binds.
pub(crate) struct Variable<'s> {
    pub(crate) name: Ident,
    /// Its type, where the pattern is a name only.
    pub(crate) ty: Option<&'s Type>,
    /// The `#[cfg]`s of its argument.
    pub(crate) cfgs: Vec<&'s Attribute>,
    /// Why it can't be part of a key, whatever its type.
    mutable: bool,
}

/// All that is bound by the arguments, in order, `self` first.
pub(crate) fn variables(sig: &Signature) -> Vec<Variable<'_>> {
    let mut variables = Vec::new();
    for argument in &sig.inputs {
        match argument {
            FnArg::Receiver(receiver) => variables.push(Variable {
                name: Ident::new("self", receiver.self_token.span),
                ty: match &receiver.kind {
                    ReceiverKind::Typed(_, ty) => Some(ty),
                    _ => None,
                },
                cfgs: cfgs(&receiver.attrs),
                mutable: match &receiver.kind {
                    ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
                    ReceiverKind::Typed(_, ty) => is_mutable(ty),
                    _ => false,
                },
            }),
            FnArg::Typed(argument) => {
                let whole = matches!(&*argument.pat, Pat::Ident(PatIdent { subpat: None, .. }));
                bindings(&argument.pat, &mut |bound| {
                    let Bound::Variable(name) = bound else { return };
                    variables.push(Variable {
                        name: name.clone(),
                        ty: whole.then_some(&*argument.ty),
                        cfgs: cfgs(&argument.attrs),
                        mutable: whole && is_mutable(&argument.ty),
                    });
                });
            }
        }
    }
    variables
}

/// Refuses patterns that an automatic key cannot look into.
pub(crate) fn check_patterns(sig: &Signature, errors: &mut Errors) {
    for argument in &sig.inputs {
        if let FnArg::Typed(argument) = argument {
            bindings(&argument.pat, &mut |bound| {
                if let Bound::Unseen(pat) = bound {
                    errors.refuse(
                        pat,
                        "what this binds cannot be seen, so it cannot be part of the key; \
                         bind a name, or choose the key with `key = ..`",
                    );
                }
            });
        }
    }
}

impl Variable<'_> {
    /// Refuses a part of an automatic key that is seen to be impossible; the rest is the
    /// compiler's to find.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let name = &self.name;
        if !self.cfgs.is_empty() {
            // It may not be there.
        } else if self.mutable {
            errors.refuse(
                name,
                format!(
                    "`{name}` is borrowed mutably, so it cannot be part of a key; use `skip({name})` if \
                     the result does not depend on it (it does on an open transaction), or an owned `key = ..`"
                ),
            );
        } else if let Some(ty) = self.ty {
            self.check_type(&name.to_string(), ty, errors);
        }
    }

    fn check_type(&self, place: &str, ty: &Type, errors: &mut Errors) {
        let name = &self.name;
        match ty {
            Type::Paren(ty) => self.check_type(place, &ty.elem, errors),
            Type::Group(ty) => self.check_type(place, &ty.elem, errors),
            Type::Tuple(tuple) => {
                for (index, ty) in tuple.elems.iter().enumerate() {
                    self.check_type(&format!("{place}.{index}"), ty, errors);
                }
            }
            Type::Path(path) if path.path.is_ident("f32") || path.path.is_ident("f64") => {
                errors.refuse(
                    ty,
                    format!(
                        "`{}` cannot be part of a key, because it is not `Eq`; \
                         use `key = {place}.to_bits()` or `skip({name})`",
                        path.path.to_token_stream()
                    ),
                );
            }
            _ => {
                if let Some(borrow) = borrow_in(behind_reference(ty)) {
                    errors.refuse(
                        borrow,
                        format!(
                            "`{name}` borrows in a way that cannot be part of a key; \
                             use an owned `key = ..` or `skip({name})`"
                        ),
                    );
                }
            }
        }
    }
}

fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .collect()
}

/// What a pattern binds.
enum Bound<'p> {
    Variable(&'p Ident),
    /// Whatever this macro, or syntax of tomorrow, comes to.
    Unseen(&'p Pat),
}

/// Calls `bind` with all that the pattern binds. A unit struct looks like a variable, and may be taken
/// for one: it is an expression as well.
fn bindings<'p>(pat: &'p Pat, bind: &mut impl FnMut(Bound<'p>)) {
    match pat {
        Pat::Ident(pat) => {
            bind(Bound::Variable(&pat.ident));
            if let Some((_, pat)) = &pat.subpat {
                bindings(pat, bind);
            }
        }
        Pat::Type(pat) => bindings(&pat.pat, bind),
        Pat::Paren(pat) => bindings(&pat.pat, bind),
        Pat::Reference(pat) => bindings(&pat.pat, bind),
        Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::Struct(pat) => pat
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, bind)),
        // All cases bind the same.
        Pat::Or(pat) => pat.cases.iter().take(1).for_each(|pat| bindings(pat, bind)),
        Pat::Macro(_) | Pat::Verbatim(_) => bind(Bound::Unseen(pat)),
        _ => {}
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
