//! Where the flights live: in the function's hidden group, or in one of the user's.

use syn::{Expr, Ident};

use crate::{
    error::{Errors, nearest},
    options::Options,
    variable::Variable,
};

pub(crate) enum Home<'a> {
    Hidden,
    /// A `static`, which lives for ever.
    Static(&'a Expr),
    /// A field of an argument, or an argument, which the body may move.
    Owned {
        root: &'a Ident,
        place: &'a Expr,
    },
}

impl<'a> Home<'a> {
    pub(crate) fn new(
        options: &'a Options,
        variables: &[Variable<'_>],
        errors: &mut Errors,
    ) -> Self {
        let Some(group) = &options.group else {
            return Self::Hidden;
        };
        let place = peeled(&group.value);
        match root(place) {
            Some(root) if variables.iter().any(|variable| variable.name == *root) => {
                return Self::Owned { root, place };
            }
            Some(root) if root == "self" => errors.refuse(
                place,
                "there is no `self` here; name a `static`, or a field of an argument",
            ),
            Some(root) if matches!(place, Expr::Field(_)) => {
                let names: Vec<String> = variables
                    .iter()
                    .map(|variable| variable.name.to_string())
                    .collect();
                let near = nearest(&root.to_string(), names.iter().map(String::as_str));
                let way_out = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a field of an argument, or a `static`".to_owned(),
                };
                errors.refuse(root, format!("no argument is called `{root}`; {way_out}"));
            }
            _ => match place {
                Expr::Reference(reference) => errors.refuse(
                    reference.and_token,
                    "the group is borrowed by the attribute; leave out the `&`",
                ),
                Expr::Path(path)
                    if path
                        .path
                        .segments
                        .first()
                        .is_some_and(|it| it.ident == "Self") =>
                {
                    errors.refuse(
                        place,
                        "an associated constant is a new group wherever it is named; \
                         name a `static`, or a field: `self.users`",
                    );
                }
                Expr::Path(_) => return Self::Static(place),
                _ => errors.refuse(
                    place,
                    "the group is found, not made, by each call; \
                     name a `static`, or a field of an argument: `self.users`",
                ),
            },
        }
        Self::Hidden
    }

    /// Whether this variable holds the group, which keeps its flights apart already.
    pub(crate) fn is_in(&self, variable: &Ident) -> bool {
        matches!(self, Self::Owned { root, .. } if *root == variable)
    }
}

/// The variable that a place starts from, `self` in `self.pools.users`.
fn root(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Group(group) => root(&group.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Field(field) => root(&field.base),
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// Without what a `macro_rules!` fragment or parentheses put around it.
fn peeled(place: &Expr) -> &Expr {
    match place {
        Expr::Group(group) => peeled(&group.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        _ => place,
    }
}
