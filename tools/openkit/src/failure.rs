//! Errors in three parts: what failed, why, and what to do now.

use std::fmt;

use anyhow::{Error, Result};

/// Adds a hint to an error: what the user can do now.
pub trait Hint<Value> {
    /// Adds a hint, which is a sentence without a full stop. Only the outermost of several hints
    /// is printed, because the outermost caller knows its user best.
    ///
    /// # Errors
    ///
    /// The same error, with the hint.
    fn hint(self, hint: impl Into<String>) -> Result<Value>;
}

impl<Value, Failure: Into<Error>> Hint<Value> for Result<Value, Failure> {
    fn hint(self, hint: impl Into<String>) -> Result<Value> {
        self.map_err(|error| failure(error.into(), hint))
    }
}

/// An error with a hint.
pub fn failure(error: impl Into<Error>, hint: impl Into<String>) -> Error {
    Hinted { error: error.into(), hint: hint.into() }.into()
}

/// An error with its hint. Its text includes the causes, so it has no source.
#[derive(Debug)]
struct Hinted {
    error: Error,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.error)
    }
}

impl std::error::Error for Hinted {}

/// The lines for the user: `error: …`, and `hint: …` if the error has a hint.
#[must_use]
pub fn report(error: &Error) -> String {
    match error.chain().find_map(|cause| cause.downcast_ref::<Hinted>()) {
        Some(Hinted { hint, .. }) => format!("error: {error:#}\nhint: {hint}"),
        None => format!("error: {error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::*;

    #[test]
    fn a_report_has_the_error_its_causes_and_the_hint() {
        let error = failure(anyhow!("access denied").context("cannot open a"), "be root");
        assert_eq!(report(&error), "error: cannot open a: access denied\nhint: be root");
    }

    #[test]
    fn context_around_a_hint_keeps_it() {
        let inner: Result<()> = Err(anyhow!("denied")).hint("be root");
        let outer = inner.context("cannot build").unwrap_err();
        assert_eq!(report(&outer), "error: cannot build: denied\nhint: be root");
    }

    #[test]
    fn the_outermost_hint_is_printed() {
        let inner = failure(anyhow!("denied"), "be root");
        let outer = failure(inner.context("cannot build"), "give up");
        assert_eq!(report(&outer), "error: cannot build: denied\nhint: give up");
    }

    #[test]
    fn an_error_without_a_hint_is_one_line() {
        assert_eq!(report(&anyhow!("denied")), "error: denied");
    }
}
