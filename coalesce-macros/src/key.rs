//! What the key is made of.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Expr, Ident, Type, spanned::Spanned};

use crate::{
    args::Args,
    error::{Errors, nearest},
    group::Group,
    subject::{Subject, Variable},
};

/// The most parts that a tuple can have and still be a key.
const WIDEST: usize = 12;

/// One part of a key, and the conditions under which it is there.
struct Part<'s> {
    cfgs: Vec<&'s Attribute>,
    tokens: TokenStream,
}

/// The key as an expression that borrows the arguments.
pub(crate) fn key(
    subject: &Subject,
    args: &Args,
    group: &Group<'_>,
    errors: &mut Errors,
) -> TokenStream {
    let variables = subject.variables();
    if let Some(skip) = &args.skip {
        for name in &skip.value {
            check_skipped(name, &variables, errors);
        }
    }
    let parts = match &args.key {
        Some(key) => chosen(&key.value, args),
        None => {
            let skipped = args.skip.as_ref().map_or(&[][..], |skip| &skip.value);
            variables
                .iter()
                .filter(|variable| {
                    !skipped.contains(&variable.name) && !group.is_in(&variable.name)
                })
                .map(|variable| {
                    variable.check(errors);
                    let name = &variable.name;
                    Part {
                        cfgs: variable.cfgs.clone(),
                        tokens: place(&quote!(#name), variable.ty, name.span(), args),
                    }
                })
                .collect()
        }
    };
    tuple(parts)
}

fn check_skipped(name: &Ident, variables: &[Variable<'_>], errors: &mut Errors) {
    if variables.iter().any(|variable| variable.name == *name) {
        return;
    }
    let names: Vec<String> = variables
        .iter()
        .map(|variable| variable.name.to_string())
        .collect();
    let names = names.iter().map(String::as_str);
    let way_out = match nearest(&name.to_string(), names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.len() == 0 => "there are no arguments".to_owned(),
        None => {
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            format!("the arguments are {}", names.join(", "))
        }
    };
    errors.refuse(name, format!("no argument is called `{name}`; {way_out}"));
}

/// The parts of `key = ..`.
fn chosen<'s>(key: &Expr, args: &Args) -> Vec<Part<'s>> {
    let part = |expr: &Expr| Part {
        cfgs: Vec::new(),
        tokens: probe(&quote!(#expr), expr.span(), args),
    };
    match key {
        Expr::Group(group) => chosen(&group.expr, args),
        Expr::Tuple(tuple) => tuple.elems.iter().map(part).collect(),
        _ => vec![part(key)],
    }
}

/// A variable, or a field of one; where it is seen to be a tuple, its parts each for itself, since
/// they may borrow.
fn place(place_: &TokenStream, ty: Option<&Type>, span: Span, args: &Args) -> TokenStream {
    match ty {
        Some(Type::Group(ty)) => place(place_, Some(&ty.elem), span, args),
        Some(Type::Paren(ty)) => place(place_, Some(&ty.elem), span, args),
        Some(Type::Tuple(ty)) if ty.elems.len() > 1 => {
            let parts = ty.elems.iter().enumerate().map(|(index, ty)| {
                let index = syn::Index {
                    index: u32::try_from(index).unwrap_or(u32::MAX),
                    span,
                };
                let tokens = place(&quote!(#place_.#index), Some(ty), span, args);
                Part {
                    cfgs: Vec::new(),
                    tokens,
                }
            });
            tuple(parts.collect())
        }
        _ => probe(place_, span, args),
    }
}

/// Has the runtime find out how this can be part of a key.
fn probe(expr: &TokenStream, span: Span, args: &Args) -> TokenStream {
    let span = Span::mixed_site().located_at(span);
    let private = args.private(span);
    // In parentheses, since it may be any expression.
    quote_spanned! {span=>
        #private::part(#private::Probe::new(&(#expr)).coalesced_probe())
    }
}

/// A tuple of any width. One of one stands for what is in it, so that `#[cfg]`s may leave as many
/// parts as they like.
fn tuple(parts: Vec<Part<'_>>) -> TokenStream {
    if parts.len() <= WIDEST {
        let parts = parts
            .iter()
            .map(|Part { cfgs, tokens }| quote!(#(#cfgs)* #tokens,));
        return quote!((#(#parts)*));
    }
    let mut rest = parts.into_iter().peekable();
    let mut tuples = Vec::new();
    while rest.peek().is_some() {
        let tokens = tuple(rest.by_ref().take(WIDEST).collect());
        tuples.push(Part {
            cfgs: Vec::new(),
            tokens,
        });
    }
    tuple(tuples)
}
