//! Where the flights live: in the function's hidden registry, or in a registry or group of the user's.

use syn::{Expr, Ident};

use crate::{
    error::{Errors, nearest},
    options::Options,
    setting::Setting,
    variable::Variable,
};

pub(crate) enum Home<'a> {
    Hidden,
    /// A `static`, which lives for ever.
    Static(Owner, &'a Expr),
    /// A field of an argument, or an argument, which the body may move; or what a method of one returns a reference to.
    Owned {
        owner: Owner,
        root: &'a Ident,
        place: &'a Expr,
    },
}

/// What the user has there.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    Registry,
    Group,
    Cluster,
}

impl<'a> Home<'a> {
    pub(crate) fn new(
        options: &'a Options,
        variables: &[Variable<'_>],
        errors: &mut Errors,
    ) -> Self {
        let chosen = [
            (Owner::Registry, &options.registry),
            (Owner::Group, &options.group),
            (Owner::Cluster, &options.cluster),
        ];
        let mut chosen = chosen.into_iter();
        let Some((owner, Setting { name, value })) =
            chosen.find_map(|(owner, place)| Some((owner, place.as_ref()?)))
        else {
            return Self::Hidden;
        };
        let example = match owner {
            Owner::Registry => "self.calls",
            Owner::Group => "self.users",
            Owner::Cluster => "self.cluster",
        };
        let place = peeled(value);
        match root(accessed(place).unwrap_or(place)) {
            Some(root) if variables.iter().any(|variable| variable.name == *root) => {
                return Self::Owned { owner, root, place };
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
                    format!("the {name} is borrowed by the attribute; leave out the `&`"),
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
                        format!(
                            "an associated constant is a new {name} wherever it is named; \
                             name a `static`, or a field: `{example}`"
                        ),
                    );
                }
                Expr::Path(_) => return Self::Static(owner, place),
                _ => errors.refuse(
                    place,
                    format!(
                        "the {name} is found, not made, by each call; \
                         name a `static`, or a field of an argument: `{example}`"
                    ),
                ),
            },
        }
        Self::Hidden
    }

    /// Whether this variable is the place, or holds it in a field, so that it is kept apart from others of its
    /// type already. Of a cluster there is one for all.
    pub(crate) fn is_in(&self, variable: &Ident) -> bool {
        match self {
            Self::Owned {
                owner: Owner::Cluster,
                ..
            } => self.is_of(variable, is_variable),
            _ => self.is_of(variable, is_direct),
        }
    }

    /// A variable and the field of it, or of what it dereferences to, which is the place.
    pub(crate) fn field(&self) -> Option<(&Ident, &Expr)> {
        match self {
            Self::Owned {
                owner: Owner::Cluster,
                ..
            } => None,
            Self::Owned { root, place, .. } if is_direct(place) && !is_variable(place) => {
                Some((root, place))
            }
            _ => None,
        }
    }

    /// Whether this variable holds the place deeper, so that something else in it may decide the result.
    pub(crate) fn is_below(&self, variable: &Ident) -> bool {
        !self.is_cluster() && self.is_of(variable, |place| !is_direct(place))
    }

    /// Whether other servers share the flights, and so compare the keys.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(
            self,
            Self::Static(Owner::Cluster, _)
                | Self::Owned {
                    owner: Owner::Cluster,
                    ..
                }
        )
    }

    /// Whether a method of the argument is asked for it: `self.calls()`.
    pub(crate) fn is_accessed(&self) -> bool {
        matches!(self, Self::Owned { place, .. } if accessed(place).is_some())
    }

    fn is_of(&self, variable: &Ident, is: fn(&Expr) -> bool) -> bool {
        matches!(self, Self::Owned { root, place, .. } if *root == variable && is(place))
    }
}

/// `calls`, `self.calls`, or `self.calls()`
fn is_direct(place: &Expr) -> bool {
    if let Some(owner) = accessed(place) {
        return is_variable(peeled(owner));
    }
    match place {
        Expr::Field(field) => is_variable(peeled(&field.base)),
        place => is_variable(place),
    }
}

fn is_variable(place: &Expr) -> bool {
    matches!(place, Expr::Path(_))
}

/// What a method without arguments is called of, `self` in `self.calls()`.
fn accessed(place: &Expr) -> Option<&Expr> {
    match place {
        Expr::MethodCall(call) if call.args.is_empty() && call.turbofish.is_none() => {
            Some(&call.receiver)
        }
        _ => None,
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
