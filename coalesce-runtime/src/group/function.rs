//! What the attribute says of a function, wherever its flights are.

use crate::config::Config;

/// What the attribute says of a function, wherever its flights are.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub(super) name: Option<&'static str>,
    pub(super) config: Config,
}

impl Function {
    /// It is named by its path, and has no limits of its own.
    pub const NEW: Self = Self {
        name: None,
        config: Config::new(),
    };

    /// It is named so.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Its name, where it is given one.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// It has these limits.
    #[must_use]
    pub const fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }
}
