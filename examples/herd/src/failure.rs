//! What went wrong, and the way out.

use std::fmt;

/// One sentence for whoever started the program.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the database or the system said, without the driver's preamble.
pub(crate) fn reason(error: &sqlx::Error) -> String {
    let reason = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Configuration(error) | sqlx::Error::Tls(error) => error.to_string(),
        other => other.to_string(),
    };
    reason.trim_end_matches('.').to_owned()
}
