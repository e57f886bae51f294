//! A function, as a process knows it: what tells it from others of its name.

/// Whose flights they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    /// The name of its body's type, which no other function's has; of calls by hand that of their group.
    pub(crate) path: &'static str,
}

impl Function {
    pub(crate) fn new(function: &'static str, body: &'static str) -> Self {
        let path = if body.is_empty() { function } else { body };
        Self {
            path: path.trim_end_matches("::{{closure}}"),
        }
    }

    /// What tells an instantiation of a generic function from others, in all members; `""`: there is one.
    ///
    /// The name of a type has its parameters in it, `app::get<app::User>`; that of an implementation's begins so as
    /// well, `<app::Users as app::Repo>::get`.
    pub(crate) fn instance(self) -> &'static str {
        let inner = self.path.strip_prefix('<').unwrap_or(self.path);
        if inner.contains('<') { self.path } else { "" }
    }
}
