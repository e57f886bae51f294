//! What the user leaves out of the key, by `skip(..)`, and what of it is refused.

use proc_macro2::Ident;

use crate::{
    error::{Errors, in_backticks, nearest},
    home::Home,
    kind::is_transaction,
    variable::Variable,
    whole::whole_key,
};

/// Refuses to skip what is no argument, and a transaction, of which it would be said too lightly.
pub(crate) fn check_skip(
    skip: &[Ident],
    variables: &[Variable<'_>],
    home: &Home<'_>,
    errors: &mut Errors,
) {
    let unskipped = || {
        let unskipped = variables.iter().filter(|it| !skip.contains(&it.name));
        unskipped.filter(|it| !home.is_in(&it.name))
    };
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
            1 => {
                let mut called = variables.iter().filter(|it| it.name == *name);
                if called.any(|it| it.argument.is_some_and(is_transaction)) {
                    let key = whole_key(unskipped());
                    errors.refuse(
                        name,
                        format!(
                            "`{name}` is a transaction, and what it alone sees would be given to others; put what \
                             runs in it in a function without `#[coalesce]`; if it only reads what all may see, \
                             write `key = {key}`"
                        ),
                    );
                }
            }
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
