//! What the user chooses the key to be, by `key = ..` or `skip(..)`, and what of it is refused.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, Stmt};

use crate::{
    error::{Errors, nearest},
    mention::mentions,
    rewrite::Rewrite,
    variable::Variable,
};

/// Refuses to skip what is no argument.
pub(crate) fn check_skip(skip: &[Ident], variables: &[Variable<'_>], errors: &mut Errors) {
    for (index, name) in skip.iter().enumerate() {
        if skip[..index].contains(name) {
            errors.refuse(name, format!("`{name}` is skipped twice; keep one of them"));
        }
        let called = variables.iter().filter(|variable| variable.name == *name);
        match called.count() {
            0 => errors.refuse(
                name,
                format!("no argument is called `{name}`; {}", meant(name, variables)),
            ),
            1 => {}
            // Names of a macro and of its caller's.
            _ => errors.refuse(
                name,
                format!(
                    "more than one argument is called `{name}`; choose the key with `key = ..`"
                ),
            ),
        }
    }
}

/// What could be meant by a name that no argument has.
fn meant(name: &Ident, variables: &[Variable<'_>]) -> String {
    let all: Vec<String> = variables
        .iter()
        .map(|variable| variable.name.to_string())
        .collect();
    match nearest(&name.to_string(), all.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => "there are no arguments".to_owned(),
        None => format!("the arguments are {}", in_backticks(&all)),
    }
}

fn in_backticks(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Refuses a key that calls with different arguments would share: it was surely meant otherwise.
pub(crate) fn check_key(key: &Expr, variables: &[Variable<'_>], errors: &mut Errors) {
    let key = peeled(key);
    if let Expr::Closure(closure) = key {
        let body = &closure.body;
        let written = source(body);
        return errors.refuse(
            key,
            format!("a closure is no key, and none is needed: write the expression itself, `key = {written}`"),
        );
    }
    if let Some(Stmt::Expr(last, Some(_))) = block(key).and_then(|stmts| stmts.last()) {
        let written = source(last);
        return errors.refuse(
            key,
            format!(
                "the `;` makes this `()`, one key for all calls; write `key = {written}`, or `key = ()` \
                 for one flight of all"
            ),
        );
    }
    let says_so = match key {
        Expr::Tuple(parts) => parts.elems.is_empty() || parts.elems.iter().any(is_unit),
        _ => false,
    };
    let named = |variable: &Variable<'_>| mentions(key.to_token_stream(), &variable.name);
    if says_so || variables.is_empty() || variables.iter().any(named) {
        return;
    }
    let all: Vec<String> = variables
        .iter()
        .map(|variable| variable.name.to_string())
        .collect();
    if let Some(name) = path(key) {
        if let Some(near) = nearest(&name.to_string(), all.iter().map(String::as_str)) {
            return errors.refuse(
                name,
                format!("no argument is called `{name}`; did you mean `{near}`?"),
            );
        }
    }
    let text = text(key);
    let quoted = text.as_ref().and_then(|text| {
        let text = text.trim_start_matches('{').trim_end_matches('}');
        all.iter().find(|name| *name == text)
    });
    let all = all.join(", ");
    let way_out = match (quoted, text, key) {
        (Some(name), ..) => format!("write `key = {name}`, or `key = ()` for one flight of all"),
        (None, Some(text), _) if text.contains('{') => {
            format!("write `key = format!({text:?})`, or `key = ()` for one flight of all")
        }
        (.., Expr::Lit(_) | Expr::Path(_)) => {
            "leave `key` out, so that every argument is in it, or write `key = ()` for one flight of all"
                .to_owned()
        }
        (.., Expr::Tuple(parts)) => {
            let parts = source(&parts.elems);
            format!("write `key = ({parts}, {all})`, or `({parts}, ())` if none of them matters")
        }
        _ => {
            let part = source(key);
            format!("write `key = ({part}, {all})`, or `({part}, ())` if none of them matters")
        }
    };
    errors.refuse(
        key,
        format!("calls with different arguments would share this key, since it names none of them; {way_out}"),
    );
}

/// Refuses arguments that are named as parts of a key, and are seen to be none.
pub(crate) fn check_named(key: &Expr, variables: &[Variable<'_>], errors: &mut Errors) {
    let key = peeled(key);
    if let Expr::Tuple(parts) = key {
        return parts
            .elems
            .iter()
            .for_each(|part| check_named(part, variables, errors));
    }
    let variable = path(key).and_then(|name| variables.iter().find(|it| it.name == *name));
    let Some(Variable { name, ty, .. }) = variable else {
        return;
    };
    if let Some(rewrite) = ty.and_then(|ty| Rewrite::of(&name.to_string(), ty)) {
        errors.refuse(key, format!("{}; write `{}`", rewrite.why(), rewrite.key));
    }
}

/// The statements of a block.
fn block(expr: &Expr) -> Option<&[Stmt]> {
    match expr {
        Expr::Block(block) => Some(&block.block.stmts),
        Expr::Unsafe(block) => Some(&block.block.stmts),
        _ => None,
    }
}

/// The name that an expression is.
fn path(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Reference(reference) => path(&reference.expr),
        _ => None,
    }
}

/// The text that an expression is.
fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

fn is_unit(expr: &Expr) -> bool {
    matches!(peeled(expr), Expr::Tuple(parts) if parts.elems.is_empty())
}

/// Without what a `macro_rules!` fragment or parentheses put around it.
pub(crate) fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => peeled(&group.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        _ => expr,
    }
}

/// An expression, about as the user wrote it.
fn source(expr: &impl ToTokens) -> String {
    let tokens = expr.to_token_stream().to_string();
    let tokens = tokens.replace("! (", "!(");
    let operand = tokens.trim_start_matches(['*', '&', '!', '-', ' ']);
    let (operators, operand) = tokens.split_at(tokens.len() - operand.len());
    operators.replace(' ', "") + operand
}
