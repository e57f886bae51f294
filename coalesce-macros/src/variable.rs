//! The variables that the arguments bind.

use syn::{Attribute, FnArg, Ident, Pat, PatIdent, ReceiverKind, Signature, Type};

use crate::{
    error::Errors,
    types::{argument, is_mutable, refers},
};

/// A variable that a pattern of the arguments binds.
pub(crate) struct Variable<'s> {
    pub(crate) name: Ident,
    /// Its type, as far as the pattern tells: where that is a name, a tuple, or an extractor of axum's.
    pub(crate) ty: Option<&'s Type>,
    /// The type of its argument.
    pub(crate) argument: Option<&'s Type>,
    /// Whether it is seen to be bound as it is, and is no reference to what its type says: what is behind a reference
    /// may be bound by one.
    pub(crate) by_value: bool,
    /// The `#[cfg]`s of its argument.
    pub(crate) cfgs: Vec<&'s Attribute>,
    /// Whether it can't be part of a key, whatever its type.
    pub(crate) mutable: bool,
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
                argument: None,
                by_value: matches!(&receiver.kind, ReceiverKind::Typed(..)),
                cfgs: cfgs(&receiver.attrs),
                mutable: match &receiver.kind {
                    ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
                    ReceiverKind::Typed(_, ty) => is_mutable(ty),
                    _ => false,
                },
            }),
            FnArg::Typed(argument) => {
                let whole = matches!(&*argument.pat, Pat::Ident(PatIdent { subpat: None, .. }));
                bindings(&argument.pat, Some(&argument.ty), &mut |bound| {
                    let Bound::Variable(pat, ty) = bound else {
                        return;
                    };
                    variables.push(Variable {
                        name: pat.ident.clone(),
                        ty,
                        argument: Some(&argument.ty),
                        by_value: pat.by_ref.is_none() && !refers(&argument.ty),
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
            bindings(&argument.pat, None, &mut |bound| {
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

fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .collect()
}

/// What a pattern binds.
enum Bound<'p> {
    /// Its type, or what it refers to, as far as it is seen.
    Variable(&'p PatIdent, Option<&'p Type>),
    /// Whatever this macro, or syntax of tomorrow, comes to.
    Unseen(&'p Pat),
}

/// Calls `bind` with all that the pattern of a value of this type binds. A unit struct looks like a variable,
/// and may be taken for one: it is an expression as well.
fn bindings<'p>(pat: &'p Pat, ty: Option<&'p Type>, bind: &mut impl FnMut(Bound<'p>)) {
    match pat {
        Pat::Ident(pat) => {
            bind(Bound::Variable(pat, ty));
            if let Some((_, pat)) = &pat.subpat {
                bindings(pat, ty, bind);
            }
        }
        Pat::Type(pat) => bindings(&pat.pat, Some(&pat.ty), bind),
        Pat::Paren(pat) => bindings(&pat.pat, ty, bind),
        Pat::Reference(pat) => bindings(&pat.pat, ty.map(referred), bind),
        Pat::Tuple(pat) => {
            let types = match ty.map(referred) {
                Some(Type::Tuple(tuple)) if tuple.elems.len() == pat.elems.len() => {
                    Some(&tuple.elems)
                }
                _ => None,
            };
            for (index, pat) in pat.elems.iter().enumerate() {
                bindings(pat, types.and_then(|types| types.get(index)), bind);
            }
        }
        Pat::TupleStruct(pat) => {
            let called = pat.path.segments.last();
            let inner = called.and_then(|last| extracted(ty?, &last.ident));
            pat.elems.iter().for_each(|pat| bindings(pat, inner, bind));
        }
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bindings(pat, None, bind)),
        Pat::Struct(pat) => pat
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, None, bind)),
        // All cases bind the same.
        Pat::Or(pat) => pat
            .cases
            .iter()
            .take(1)
            .for_each(|pat| bindings(pat, ty, bind)),
        Pat::Macro(_) | Pat::Verbatim(_) => bind(Bound::Unseen(pat)),
        _ => {}
    }
}

/// What an extractor of axum's or of actix's has inside: `Path(id): Path<u64>`.
fn extracted<'t>(ty: &'t Type, name: &Ident) -> Option<&'t Type> {
    const EXTRACTORS: [&str; 7] = [
        "Path",
        "Query",
        "Json",
        "Form",
        "Extension",
        "State",
        "Data",
    ];
    EXTRACTORS
        .iter()
        .find(|known| name == *known)
        .and_then(|name| argument(ty, name))
}

fn referred(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => referred(&reference.elem),
        _ => ty,
    }
}
