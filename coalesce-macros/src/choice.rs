//! What the user chooses the key to be, by `key = ..`, and what of it is refused.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::{Expr, ExprRange, Signature, Stmt};

use crate::{
    error::{Errors, in_backticks, nearest},
    home::Home,
    kind::Kind,
    mention::mentions,
    rewrite::Rewrite,
    source::source,
    variable::Variable,
    whole::whole_key_after,
};

/// Refuses a key that calls with different arguments would share: it was surely meant otherwise.
pub(crate) fn check_key(
    key: &Expr,
    variables: &[Variable<'_>],
    sig: &Signature,
    home: &Home<'_>,
    errors: &mut Errors,
) {
    let key = peeled(key);
    let unowned = || variables.iter().filter(|it| !home.is_in(&it.name));
    if let Some(rest) = parts(key).into_iter().find(|part| is_rest(part)) {
        let chosen = parts(key).into_iter().filter(|part| !is_rest(part));
        let chosen: Vec<&Expr> = chosen.collect();
        let others = unowned().filter(|it| !mentions(quote!(#(#chosen,)*), &it.name));
        let whole = whole_key_after(chosen.iter().map(source).collect(), others.clone());
        let but = but_connections(others, sig);
        return errors.refuse(
            rest,
            format!("`..` stands for each other argument, and is no part of a key; write `key = {whole}`{but}"),
        );
    }
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
    let way_out = match (quoted, text, key) {
        (Some(name), ..) => format!("write `key = {name}`, or `key = ()` for one flight of all"),
        (None, Some(text), _) if text.contains('{') => {
            format!("write `key = format!({text:?})`, or `key = ()` for one flight of all")
        }
        (.., Expr::Lit(_) | Expr::Path(_)) => {
            "leave `key` out, so that every argument is in it, or write `key = ()` for one flight of all"
                .to_owned()
        }
        _ => {
            let parts: Vec<String> = parts(key).iter().map(source).collect();
            let none = parts.join(", ");
            let whole = whole_key_after(parts, unowned());
            let but = but_connections(unowned(), sig);
            format!("write `key = {whole}`{but}, or `({none}, ())` if none of them matters")
        }
    };
    errors.refuse(
        key,
        format!("calls with different arguments would share this key, since it names none of them; {way_out}"),
    );
}

/// What may be left out of a key, since it may be no part of one: by its name alone, `client` is a connection, or the
/// number of a customer.
fn but_connections<'v>(others: impl Iterator<Item = &'v Variable<'v>>, sig: &Signature) -> String {
    let connections =
        others.filter(|it| !it.mutable && matches!(Kind::of(it, sig), Kind::Connection));
    let names: Vec<String> = connections.map(|it| it.name.to_string()).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(
            ", without {} if that is a pool or the like, which all callers have in common",
            in_backticks(&names)
        ),
    }
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

/// The parts of a key, as they are written.
fn parts(key: &Expr) -> Vec<&Expr> {
    match key {
        Expr::Tuple(parts) => parts.elems.iter().collect(),
        _ => vec![key],
    }
}

/// Whether this is what refusals write where each other argument is to stand. It would compile, and be the same for
/// all calls.
fn is_rest(part: &Expr) -> bool {
    matches!(
        peeled(part),
        Expr::Range(ExprRange {
            start: None,
            end: None,
            ..
        })
    )
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
